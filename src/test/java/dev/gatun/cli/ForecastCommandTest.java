package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Heads that are trained and used from the shell. */
class ForecastCommandTest {
    private static final Pattern PASSES = Pattern.compile("; (\\d+\\.\\d\\d) passes, as much as");

    @TempDir
    private Path folder;

    private double passes(Path model, Path out, Object... forecast) {
        Object[] args = {
            "sample", model, "--count", 20, "--seed", 4, "--method", "predictive", "--explain", "--out", out
        };
        Cli.Result result = Cli.run(
                Stream.concat(Arrays.stream(args), Arrays.stream(forecast)).toArray());
        assertThat(result.code()).isZero();
        Matcher said = PASSES.matcher(result.err());
        assertThat(said.find()).isTrue();
        return Double.parseDouble(said.group(1));
    }

    /** A model of sequences that count up, and its heads, by training alone. */
    private Path model() throws IOException {
        int[] counting = IntStream.range(0, 200 * 30).map(i -> (i / 30 + i) % 5).toArray();
        Path data = folder.resolve("counting.npy");
        Npy.write(data, NpyArray.ofInts(new int[] {200, 30}, counting));
        Path model = folder.resolve("model.safetensors");
        Cli.run(
                        "train",
                        data,
                        "--family",
                        "markov",
                        "--set",
                        "data={\"kind\":\"sequence\",\"length\":30,\"levels\":5}",
                        "--learning-rate",
                        0.3,
                        "--epochs",
                        15,
                        "--out",
                        model)
                .ok();
        Cli.Result heads = Cli.run(
                "train",
                data,
                "--forecast",
                model,
                "--horizon",
                6,
                "--epochs",
                20,
                "--learning-rate",
                0.02,
                "--out",
                folder.resolve("heads.safetensors"));
        assertThat(heads.ok().out()).contains("forecasts 6 positions ahead: ", "validation (epoch ", "saved: ");
        return model;
    }

    @Test
    void headsSavePassesOfTheSameSamples() throws IOException {
        Path model = model();
        Path heads = folder.resolve("heads.safetensors");
        Path expected = folder.resolve("cached.npy");
        Cli.run("sample", model, "--count", 20, "--seed", 4, "--out", expected).ok();
        Path fixed = folder.resolve("fixed.npy");
        Path learned = folder.resolve("learned.npy");
        double without = passes(model, fixed);
        double with = passes(model, learned, "--forecast", heads);
        assertThat(with).isLessThan(without / 2);
        assertThat(Files.mismatch(expected, fixed)).isEqualTo(-1);
        assertThat(Files.mismatch(expected, learned)).isEqualTo(-1);
        assertThat(Cli.run("sample", "mnist", "--method", "predictive", "--forecast", heads, "--out", learned)
                        .err())
                .contains("heads.safetensors", "expected this model's fingerprint");
        assertThat(Cli.run("sample", model, "--forecast", heads, "--out", learned)
                        .refuses()
                        .err())
                .contains("--forecast: is for --method predictive or auto, found --method cached");
    }

    @Test
    void whatMakesAModelIsRefusedBesideOne() {
        assertThat(Cli.run("train", "digits", "--forecast", "digits", "--set", "channels=[4]", "--out", "x.safetensors")
                        .refuses()
                        .err())
                .contains("--forecast: the model is there already");
        assertThat(Cli.run("train", "digits", "--forecast", "digits", "--horizon", 0, "--out", "x.safetensors")
                        .refuses()
                        .err())
                .contains("horizon: found 0, expected 1..256");
    }
}
