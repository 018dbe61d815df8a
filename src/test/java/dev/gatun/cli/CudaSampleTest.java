package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.EmulatedDevice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code gatun sample --device cuda} writes the processor's bytes, where it draws streams, too. */
@ExtendWith(EmulatedDevice.class)
class CudaSampleTest {
    @TempDir
    private Path folder;

    private static String printed(Object... args) {
        return Cli.run(args).ok().out();
    }

    /** What is printed must be the processor's; it is returned. */
    private static String same(Object... args) {
        String there = printed(with(args, "--device", "cuda"));
        assertThat(there).isNotEmpty().isEqualTo(printed(args));
        return there;
    }

    private byte[] sameFile(Object... args) throws IOException {
        Path here = folder.resolve("here.npy");
        Path there = folder.resolve("there.npy");
        Cli.run(with(args, "--out", here)).ok();
        Cli.run(with(args, "--out", there, "--device", "cuda:0")).ok();
        assertThat(Files.readAllBytes(there)).isEqualTo(Files.readAllBytes(here));
        return Files.readAllBytes(here);
    }

    private static Object[] with(Object[] args, Object... more) {
        return Stream.of(args, more).flatMap(Stream::of).toArray();
    }

    @Test
    void textsWhileTheyAreDrawnAndFromTheirBeginning() throws IOException {
        Path text = Cli.model("rnn_arm-tanh-text");
        String whole = same("sample", text, "--length", 40, "--seed", 5, "--count", 3);
        Path begin = Files.writeString(folder.resolve("begin.txt"), whole.substring(0, 12), StandardCharsets.UTF_8);
        assertThat(same("sample", text, "--length", 28, "--seed", 5, "--prime", begin))
                .isEqualTo(whole.substring(0, 40) + System.lineSeparator());
    }

    @Test
    void soundsWhileTheyAreDrawn() throws IOException {
        Path audio = Cli.model("mlp_arm-mixture");
        same("sample", audio, "--length", 300, "--seed", 3, "--out", "-");
        sameFile("sample", audio, "--length", 300, "--seed", 3, "--count", 4);
    }

    @Test
    void sequencesBeyondTheirLength() throws IOException {
        Path digits = Cli.model("causal_conv_arm-tutorial");
        sameFile("sample", digits, "--length", 100, "--count", 5);
        sameFile("sample", digits, "--length", 100, "--count", 5, "--mode");
    }
}
