package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code gatun train --window}: windows at drawn places of a text. */
class WindowTrainingTest {
    private static final String DATA = "data={\"kind\":\"text\",\"vocabulary\":\"\\n ,abdeghlmnorstuwy\"}";

    @TempDir
    private Path folder;

    private Path text() throws IOException {
        return Files.writeString(
                folder.resolve("song.txt"), "row, row, row your boat\ngently down the stream\n".repeat(40));
    }

    private Cli.Result train(Path out, Object... args) throws IOException {
        Stream<Object> model = Stream.of(
                "--family",
                "causal_conv_arm",
                "--set",
                DATA,
                "--set",
                "input=one_hot",
                "--set",
                "channels=[12]",
                "--set",
                "distribution={\"type\":\"categorical\"}",
                "--set",
                "kernel_size=3",
                "--set",
                "dilations=[1,2]",
                "--optimizer",
                "adam",
                "--learning-rate",
                "0.01");
        return Cli.run(Stream.of(Stream.of("train", text(), "--out", out, "--threads", 1), model, Stream.of(args))
                .flatMap(part -> part)
                .toArray());
    }

    @Test
    void windowsAreLearntAndResumedToTheSameBits() throws IOException {
        Path whole = folder.resolve("whole.safetensors");
        Path parts = folder.resolve("parts.safetensors");
        Object[] options = {"--window", 20, "--batch", 8, "--epochs", 6};
        // 1,692 characters to learn from: 85 windows, 11 steps an epoch; 188 to validate by.
        assertThat(train(whole, options).ok().out())
                .contains(
                        "1 sequences, 1,880 positions, in windows of 20", "all epochs made, after 6 epochs, 66 steps");
        train(
                        parts,
                        Stream.concat(Stream.of(options), Stream.of("--max-steps", 20))
                                .toArray())
                .ok();
        train(parts, Stream.concat(Stream.of(options), Stream.of("--resume")).toArray())
                .ok();
        assertThat(Files.mismatch(whole, parts)).isEqualTo(-1);

        String said =
                Cli.run("evaluate", whole, "--data", text(), "--json").ok().out();
        double bits = Double.parseDouble(said.replaceAll("(?s).*\"bits_per_dimension\": ?([0-9.]+).*", "$1"));
        assertThat(bits).isLessThan(2); // 19 characters alike would be 4.2
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException {
        Path out = folder.resolve("m.safetensors");
        assertThat(train(out, "--context", 4).err()).contains("--context: expected with --window");
        assertThat(train(out, "--window", 0).err()).contains("--window: found 0 positions");
        assertThat(train(out, "--window", 5, "--length", 10).err()).contains("--window: takes no --length");
        assertThat(train(out, "--window", 5, "--bptt", 10).err()).contains("--window: takes neither --bptt");
        assertThat(train(out, "--window", 5, "--masks", "cycle").err()).contains("masks: found CYCLE");
        assertThat(train(out, "--masks", "some").err()).contains("found 'some', expected one of average, cycle");
        assertThat(out).doesNotExist();
    }
}
