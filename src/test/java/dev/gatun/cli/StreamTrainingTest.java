package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code gatun train --bptt}: one long text in streams. */
class StreamTrainingTest {
    @TempDir
    private Path folder;

    private static final String DATA = "data={\"kind\":\"text\",\"vocabulary\":\"\\n ,abdeghlmnorstuwy\"}";

    private Path text() throws IOException {
        return Files.writeString(
                folder.resolve("song.txt"), "row, row, row your boat\ngently down the stream\n".repeat(40));
    }

    private Cli.Result train(Path out, Object... args) throws IOException {
        return Cli.run(Stream.concat(
                        Stream.of("train", text(), "--out", out, "--threads", 1, "--family", "rnn_arm"),
                        Stream.concat(
                                Stream.of(
                                        "--set",
                                        DATA,
                                        "--set",
                                        "input=one_hot",
                                        "--set",
                                        "distribution={\"type\":\"categorical\"}",
                                        "--set",
                                        "cell=lstm",
                                        "--set",
                                        "layers=1",
                                        "--set",
                                        "hidden=8"),
                                Stream.of(args)))
                .toArray());
    }

    @Test
    void resumedRunsReachTheSameBits() throws IOException {
        Path whole = folder.resolve("whole.safetensors");
        Path parts = folder.resolve("parts.safetensors");
        Object[] options = {"--bptt", 12, "--streams", 4, "--epochs", 2, "--dropout", 0.3};
        String said = train(whole, options).ok().out();
        // 1,880 characters, 1,692 of them in 4 streams of 423: 35 windows an epoch.
        assertThat(said)
                .contains("validation: the last 188 of 1,880 positions", "all epochs made, after 2 epochs, 70 steps");
        train(
                        parts,
                        Stream.concat(Stream.of(options), Stream.of("--max-steps", 41))
                                .toArray())
                .ok();
        train(parts, Stream.concat(Stream.of(options), Stream.of("--resume")).toArray())
                .ok();
        assertThat(Files.mismatch(whole, parts)).isEqualTo(-1);
        assertThat(Cli.run("evaluate", whole, "--data", text()).ok().out()).contains("1 examples of 1,880 dimensions");
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException {
        Path out = folder.resolve("m.safetensors");
        assertThat(train(out, "--streams", 4).err()).contains("--bptt: found 0 and --streams 4");
        assertThat(train(out, "--bptt", -1).err()).contains("--bptt: found -1");
        assertThat(train(out, "--bptt", 5, "--length", 10).err()).contains("--bptt: takes neither --length");
        assertThat(train(out, "--bptt", 500, "--streams", 64).err()).contains("expected at least 64 streams of 500");
        assertThat(train(out, "--bptt", 12, "--dropout", 1).err())
                .contains("--dropout: found 1.0, expected 0 to below 1");
        assertThat(out).doesNotExist();
    }
}
