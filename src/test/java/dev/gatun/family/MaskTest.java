package dev.gatun.family;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.file.Safetensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MaskTest {
    static List<Path> cases() {
        return Golden.cases();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void hiddenEntriesHaveNoGradient(Path golden) throws IOException {
        Path model = golden.resolve("model.safetensors");
        try (Arena arena = Arena.ofConfined();
                Safetensors gradients = Safetensors.open(golden.resolve("case.safetensors"))) {
            ModelFile.Loaded loaded = ModelFile.load(model, arena);
            Map<String, long[]> integers = loaded.parameters().integers();
            ParameterLayout layout = loaded.config().family().layout(loaded.config());
            for (String name : loaded.parameters().names()) {
                float[] gradient = gradients.floats("grad." + name);
                Mask.Entries entries = layout.entries(name, integers);
                for (int i = 0; entries != null && i < gradient.length; i++) {
                    assertThat(entries.counts(i) || gradient[i] == 0)
                            .as("%s at %d: gradient %s", name, i, gradient[i])
                            .isTrue();
                }
            }
        }
    }

    /** Some models were stored with NaN or ± 1e30 in the entries that do not count, and nowhere else. */
    @Test
    void hiddenEntriesAreThoseThatWereStoredAsJunk() throws IOException {
        TreeSet<String> compared = new TreeSet<>();
        for (Path golden : Golden.cases()) {
            Path model = golden.resolve("model.safetensors");
            try (Arena arena = Arena.ofConfined();
                    Safetensors file = Safetensors.open(model)) {
                ModelFile.Loaded loaded = ModelFile.load(model, arena);
                ParameterLayout layout = loaded.config().family().layout(loaded.config());
                for (String name : loaded.parameters().names()) {
                    float[] stored = file.floats(name);
                    Mask.Entries entries =
                            layout.entries(name, loaded.parameters().integers());
                    if (hasJunk(stored)) {
                        assertThat(entries)
                                .as("%s: %s", golden.getFileName(), name)
                                .isNotNull();
                        compared.add(loaded.config().architecture());
                        for (int i = 0; i < stored.length; i++) {
                            assertThat(entries.counts(i))
                                    .as("%s: %s at %d", golden.getFileName(), name, i)
                                    .isEqualTo(!isJunk(stored[i]));
                        }
                    }
                }
            }
        }
        assertThat(compared)
                .containsExactly("diagonal_bilstm", "fvsbn", "gated_pixelcnn", "made", "pixelcnn", "row_lstm");
    }

    private static boolean hasJunk(float[] values) {
        for (float value : values) {
            if (isJunk(value)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isJunk(float value) {
        return Float.isNaN(value) || Math.abs(value) > 1e29f;
    }

    @Test
    void typeAHidesTheCurrentPixelOfOneChannelAndBShowsIt() {
        RasterMask a = new RasterMask(true, 1, 1, 3, 3, 1, 1, 1, 1);
        RasterMask b = new RasterMask(false, 1, 1, 3, 3, 1, 1, 1, 1);
        assertThat(row(a, 9)).isEqualTo("111100000");
        assertThat(row(b, 9)).isEqualTo("111110000");
    }

    @Test
    void coloursAreGroupedInsideEachPartOfGates() {
        RasterMask a = new RasterMask(true, 6, 3, 1, 1, 0, 0, 3, 2);
        RasterMask b = new RasterMask(false, 6, 3, 1, 1, 0, 0, 3, 2);
        assertThat(row(a, 18)).isEqualTo("000100110" + "000100110");
        assertThat(row(b, 18)).isEqualTo("100110111" + "100110111");
    }

    private static String row(Mask.Entries entries, int size) {
        StringBuilder row = new StringBuilder();
        for (int i = 0; i < size; i++) {
            row.append(entries.counts(i) ? '1' : '0');
        }
        return row.toString();
    }
}
