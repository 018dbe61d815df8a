package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code gatun import}, and evaluation of pieces that are spread over a text. */
class ImportCommandTest {
    @TempDir
    private Path folder;

    @Test
    void whatIsNoModelIsRefusedAndLeavesNothing() throws IOException {
        Path file = Files.writeString(folder.resolve("weights.npz"), "no archive");
        Path out = folder.resolve("m.safetensors");
        assertThat(Cli.run("import", file, "--out", out).err()).contains("weights.npz");
        assertThat(Cli.run("import", folder.resolve("none.npz"), "--out", out).err())
                .contains("none.npz");
        assertThat(out).doesNotExist();
    }

    @Test
    void piecesAreSpreadAndTheirFirstPositionsAreNotCounted() throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "abcabcaabbcc".repeat(20));
        Path model = folder.resolve("m.safetensors");
        String data = "data={\"kind\":\"text\",\"vocabulary\":\"abc\"}";
        Cli.run(
                        "train",
                        text,
                        "--out",
                        model,
                        "--threads",
                        1,
                        "--family",
                        "rnn_arm",
                        "--set",
                        data,
                        "--set",
                        "input=one_hot",
                        "--set",
                        "distribution={\"type\":\"categorical\"}",
                        "--set",
                        "cell=gru",
                        "--set",
                        "layers=1",
                        "--set",
                        "hidden=8",
                        "--bptt",
                        10,
                        "--streams",
                        2,
                        "--epochs",
                        1)
                .ok();
        assertThat(Cli.run("evaluate", model, "--data", text, "--length", 30, "--spread", 7, "--skip", 10)
                        .ok()
                        .out())
                .contains("7 examples of 20 dimensions");
        assertThat(Cli.run("evaluate", model, "--data", text, "--length", 30, "--skip", 30)
                        .err())
                .contains("--skip: found 30, expected 0 to below 30");
        assertThat(Cli.run("evaluate", model, "--data", text, "--spread", 3).err())
                .contains("--spread: found 3");
        assertThat(Cli.run("evaluate", "digits", "--data", "digits", "--skip", 3)
                        .err())
                .contains("are scored as a whole");
    }
}
