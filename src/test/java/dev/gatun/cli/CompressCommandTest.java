package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code gatun compress} and {@code gatun decompress}. */
class CompressCommandTest {
    private static final int COUNT = 12;

    @TempDir
    private Path folder;

    private Path digits;
    private Path coded;

    @BeforeEach
    void sample() throws IOException {
        digits = folder.resolve("digits.npy");
        coded = folder.resolve("digits.gtn");
        Cli.run("sample", "digits", "--count", COUNT, "--seed", 3, "--out", digits)
                .ok();
    }

    @Test
    void imagesComeBack() throws IOException {
        String said = Cli.run("compress", "digits", "--data", digits, "--out", coded, "--json")
                .ok()
                .out();
        assertThat(said).contains("\"examples\":12", "\"dimensions\":64", "\"bytes\":" + Files.size(coded));
        Path back = folder.resolve("back.npy");
        assertThat(Cli.run("decompress", coded, "--model", "digits", "--out", back)
                        .ok()
                        .out())
                .contains("12 examples of 64 dimensions");
        assertThat(Files.readAllBytes(back)).containsExactly(Files.readAllBytes(digits));
        Path one = folder.resolve("one.npy");
        Cli.run("decompress", coded, "--model", "digits", "--item", 5, "--out", one)
                .ok();
        NpyArray all = Npy.read(digits);
        assertThat(Npy.read(one).shape()).containsExactly(1, 64);
        assertThat(Npy.read(one).ints()).containsExactly(Arrays.copyOfRange(all.ints(), 5 * 64, 6 * 64));
    }

    @Test
    void piecesOfTextsComeBack() throws IOException {
        Path model = Cli.model("markov-text");
        Path text = Files.writeString(folder.resolve("x.txt"), "ab a\nba ✓é");
        assertThat(Cli.run("compress", model, "--data", text, "--length", 3, "--limit", 2, "--out", coded, "--json")
                        .ok()
                        .out())
                .contains("\"examples\":2", "\"dimensions\":3");
        Path back = folder.resolve("back.txt");
        Cli.run("decompress", coded, "--model", model, "--item", 1, "--out", back)
                .ok();
        assertThat(back).hasContent("a\nb");
        assertThat(Cli.run("compress", model, "--data", text, "--length", 11, "--out", coded)
                        .refuses()
                        .err())
                .contains("--length: found 11, expected 1..10");
        assertThat(Cli.run("compress", model, "--data", text, "--limit", 0, "--out", coded)
                        .refuses()
                        .err())
                .contains("--limit: found 0, expected at least 1");
    }

    @Test
    void labelsAreKept() throws IOException {
        Path images = folder.resolve("images.npy");
        Cli.run("sample", "mnist-classes", "--count", 2, "--class", "3,8", "--seed", 3, "--out", images)
                .ok();
        Cli.run("compress", "mnist-classes", "--data", images, "--class", "3,8", "--keep-labels", "--out", coded)
                .ok();
        Path back = folder.resolve("back.npy");
        Cli.run("decompress", coded, "--model", "mnist-classes", "--out", back).ok();
        assertThat(Npy.read(back).ints()).containsExactly(Npy.read(images).ints());
        Cli.run("decompress", coded, "--model", "mnist-classes", "--class", "3,8", "--out", back)
                .ok();
        assertThat(Cli.run("decompress", coded, "--model", "mnist-classes", "--class", "8,3", "--out", back)
                        .err())
                .contains("was coded under another condition");
        assertThat(Cli.run("compress", "digits", "--data", digits, "--keep-labels", "--out", coded)
                        .refuses()
                        .err())
                .contains("--keep-labels: is for models that are conditioned on a class alone");
    }

    @Test
    void whatIsWrongIsRefusedAndNothingIsWritten() throws IOException {
        Cli.run("compress", "digits", "--data", digits, "--out", coded).ok();
        Path back = folder.resolve("back.npy");
        assertThat(Cli.run("decompress", coded, "--model", "mnist", "--out", back)
                        .fails()
                        .err())
                .contains("examples of 64 positions, in groups of ", "expected examples of 784 positions");
        assertThat(Cli.run("decompress", coded, "--model", "digits", "--item", 12, "--out", back)
                        .err())
                .contains("--item: found 12, expected 0 to 11");
        assertThat(Cli.run("decompress", coded, "--model", "digits", "--out", folder.resolve("back.txt"))
                        .err())
                .contains("expected a file that ends in .npy");
        assertThat(Cli.run("decompress", digits, "--model", "digits", "--out", back)
                        .err())
                .contains("digits.npy", "is no file that 'compress' wrote");
        byte[] bytes = Files.readAllBytes(coded);
        bytes[bytes.length / 2] ^= 1;
        Files.write(coded, bytes);
        assertThat(Cli.run("decompress", coded, "--model", "digits", "--out", back)
                        .err())
                .contains("digits.gtn", "was altered");
        assertThat(back).doesNotExist();
    }
}
