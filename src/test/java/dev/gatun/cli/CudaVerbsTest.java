package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.EmulatedDevice;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** With {@code --device cuda} verbs print and write what they do on the processor, but for how long it took. */
@ExtendWith(EmulatedDevice.class)
class CudaVerbsTest {
    @TempDir
    private Path folder;

    private Path digits;

    @BeforeEach
    void sample() {
        digits = folder.resolve("digits.npy");
        Cli.run("sample", "digits", "--count", 5, "--seed", 3, "--out", digits).ok();
    }

    private static Object[] with(Object[] args, Object... more) {
        return Stream.of(args, more).flatMap(Stream::of).toArray();
    }

    /** What is printed, but for how long it took. */
    private static String printed(Object... args) {
        return Cli.run(args).ok().out().replaceAll(", in [0-9.]+ m?s", "");
    }

    private static void same(Object... args) {
        assertThat(printed(with(args, "--device", "cuda"))).isNotEmpty().isEqualTo(printed(args));
    }

    private Path sameFile(String ending, Object... args) throws IOException {
        Path here = folder.resolve("here" + ending);
        Path there = folder.resolve("there" + ending);
        Cli.run(with(args, "--out", here)).ok();
        Cli.run(with(args, "--out", there, "--device", "cuda")).ok();
        assertThat(Files.readAllBytes(there)).isEqualTo(Files.readAllBytes(here));
        return there;
    }

    @Test
    void filesAreCodedAndDecoded() throws IOException {
        Path coded = sameFile(".gtn", "compress", "digits", "--data", digits);
        sameFile(".npy", "decompress", coded, "--model", "digits");
        sameFile(".npy", "decompress", coded, "--model", "digits", "--item", 3);
    }

    @Test
    void examplesAreMadeLikelier() throws IOException {
        sameFile(".npy", "defend", "digits", "--data", digits, "--epsilon", 2);
    }

    @Test
    void examplesAreCompletedAndScored() throws IOException {
        sameFile(".npy", "complete", "digits", "--data", digits, "--given", "top:4", "--seed", 1);
        sameFile(".csv", "score", "digits", "--data", digits, "--reference", digits);
    }

    @Test
    void questionsAreAnswered() {
        Path text = Cli.model("rnn_arm-tanh-text");
        same("query", "digits", "--position", 3, "--count", 20);
        same("query", "digits", "--data", digits, "--given", "first:9", "--position", 9);
        same("query", text, "--prime-text", "ab", "--position", 4, "--count", 50);
    }

    @Test
    void valuesAreFollowed() {
        InputStream before = System.in;
        try {
            String[] out = new String[2];
            for (int i = 0; i < 2; i++) {
                System.setIn(new ByteArrayInputStream("3 4 0 16 2".getBytes(StandardCharsets.UTF_8)));
                Object[] args = {"follow", "digits", "--window", 3};
                out[i] = Cli.run(i == 0 ? args : with(args, "--device", "cuda"))
                        .ok()
                        .out();
            }
            assertThat(out[1]).isNotEmpty().isEqualTo(out[0]);
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void modelsAreInspected() {
        Path field = folder.resolve("field.png");
        same("inspect", "digits");
        same("inspect", Cli.model("gated_pixelcnn-plain"), "--receptive-field", field, "--position", "2,1");
    }
}
