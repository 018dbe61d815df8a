package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.EmulatedDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code gatun train --bptt --device cuda}. */
@ExtendWith(EmulatedDevice.class)
class CudaStreamTrainingTest {
    @TempDir
    private Path folder;

    private Path train(String name, Object... args) throws IOException {
        Path text = Files.writeString(folder.resolve("song.txt"), "row, row, row your boat\n".repeat(40));
        Path out = folder.resolve(name);
        Stream<Object> model = Stream.of("train", text, "--out", out, "--threads", 1, "--family", "rnn_arm");
        Stream<Object> settings = Stream.of(
                        "data={\"kind\":\"text\",\"vocabulary\":\"\\n ,abortuwy\"}",
                        "input=one_hot",
                        "distribution={\"type\":\"categorical\"}",
                        "cell=lstm",
                        "layers=1",
                        "hidden=8")
                .flatMap(setting -> Stream.of("--set", setting));
        Stream<Object> steps = Stream.of("--bptt", 12, "--streams", 4, "--epochs", 2, "--dropout", 0.3);
        Cli.run(Stream.of(model, settings, steps, Stream.of(args))
                        .flatMap(part -> part)
                        .toArray())
                .ok();
        return out;
    }

    @Test
    void runsAreResumedThereAndElsewhere() throws IOException {
        Path whole = train("whole.safetensors", "--device", "cuda");
        train("parts.safetensors", "--device", "cuda", "--max-steps", 23);
        Path parts = train("parts.safetensors", "--device", "cuda", "--resume");
        assertThat(Files.mismatch(whole, parts)).isEqualTo(-1);
        train("both.safetensors", "--max-steps", 23);
        Path both = train("both.safetensors", "--device", "cuda", "--resume");
        assertThat(nats(both)).isCloseTo(nats(whole), within(1e-2));
    }

    private double nats(Path model) {
        String said = Cli.run("evaluate", model, "--data", folder.resolve("song.txt"))
                .ok()
                .out();
        return Double.parseDouble(
                said.replaceAll("(?s).*?([0-9.,]+) nats.*", "$1").replace(",", ""));
    }
}
