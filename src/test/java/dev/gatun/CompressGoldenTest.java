package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.code.Compressed;
import dev.gatun.code.Compressor;
import dev.gatun.file.Safetensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The data of all recorded cases of levels come back, coded by one thread and decoded by two. */
class CompressGoldenTest {
    @TempDir
    private Path folder;

    static List<GoldenCase> cases() throws IOException, URISyntaxException {
        return ConditionalsTest.cases();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void comesBack(GoldenCase golden) throws IOException {
        Path file = folder.resolve("x.gtn");
        Examples examples;
        Condition condition;
        try (Safetensors recorded = golden.open()) {
            examples = GoldenCase.examples(recorded, "x");
            condition = GoldenCase.condition(recorded);
        }
        if (examples.real()) {
            return;
        }
        try (Model model = Model.load(golden.model(), Device.cpu(1))) {
            Compressor.Summary summary = Compressor.compress(model, examples, condition, file, done -> {});
            assertThat(summary.bytes() * 8.0).isLessThan(summary.bits() * 1.001 + 64 * 8);
        }
        try (Model model = Model.load(golden.model(), Device.cpu(2));
                Compressed compressed = Compressed.open(file, model, condition)) {
            assertThat(compressed.read(0, examples.count(), done -> {}).levels())
                    .containsExactly(examples.levels());
        }
    }
}
