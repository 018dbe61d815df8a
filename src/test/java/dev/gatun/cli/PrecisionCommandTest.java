package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.file.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --precision} of the commands that read models. */
class PrecisionCommandTest {
    private static final Path DIGITS = Cli.model("causal_conv_arm-tutorial");

    @TempDir
    private Path folder;

    private static double nats(Object model, String... more) {
        Object[] words = {"evaluate", model, "--data", "digits", "--json"};
        Object[] all = java.util.stream.Stream.of(words, more)
                .flatMap(java.util.Arrays::stream)
                .toArray();
        Map<?, ?> json = (Map<?, ?>) Json.parse(Cli.run(all).ok().out());
        return ((Number) json.get("nats")).doubleValue();
    }

    @Test
    void likelihoodsLoseLittle() {
        double whole = nats("digits");
        double bf16 = nats("digits", "--precision", "bf16");
        double int8 = nats("digits", "--precision", "INT8");
        assertThat(nats("digits", "--precision", "f32")).isEqualTo(whole);
        assertThat(bf16).isNotEqualTo(whole).isCloseTo(whole, within(0.2));
        assertThat(int8).isNotEqualTo(whole).isNotEqualTo(bf16).isCloseTo(whole, within(1.0));
        assertThat(nats("digits", "--precision", "int8-dynamic"))
                .isNotEqualTo(whole)
                .isNotEqualTo(int8)
                .isCloseTo(whole, within(1.0));
    }

    @Test
    void samplesAreThoseOfFullPasses() throws IOException {
        for (String precision : List.of("bf16", "int8", "int8-dynamic")) {
            byte[][] drawn = new byte[2][];
            for (int i = 0; i < 2; i++) {
                Path file = folder.resolve(precision + i + ".npy");
                Cli.run(
                                "sample",
                                DIGITS,
                                "--count",
                                5,
                                "--seed",
                                2,
                                "--precision",
                                precision,
                                "--method",
                                i == 0 ? "cached" : "full",
                                "--out",
                                file)
                        .ok();
                drawn[i] = Files.readAllBytes(file);
            }
            assertThat(drawn[0]).containsExactly(drawn[1]);
        }
    }

    @Test
    void inspectShowsIt() {
        assertThat(Cli.run("inspect", DIGITS, "--plan", "--precision", "bf16")
                        .ok()
                        .out())
                .contains("precision of weights: bf16")
                .containsPattern("packed layers\\.3 .*, bf16, 12 to 17");
        Map<?, ?> json = (Map<?, ?>) Json.parse(Cli.run("inspect", DIGITS, "--json", "--plan", "--precision", "int8")
                .ok()
                .out());
        assertThat(json.get("precision")).isEqualTo("int8");
        assertThat((List<?>) json.get("plan"))
                .anySatisfy(
                        step -> assertThat(((Map<?, ?>) step).get("weights")).isEqualTo("int8"));
        assertThat(Cli.run("inspect", DIGITS, "--plan", "--precision", "int8-dynamic")
                        .ok()
                        .out())
                .contains("precision of weights: int8-dynamic")
                .containsPattern("packed layers\\.3 .*, int8-dynamic, 12 to 17");
    }

    @Test
    void whatWasCompressedByRoundedWeightsComesBackByThem() throws IOException {
        Path digits = folder.resolve("digits.npy");
        Path coded = folder.resolve("digits.gtn");
        Path back = folder.resolve("back.npy");
        Cli.run("sample", "digits", "--count", 3, "--seed", 3, "--out", digits).ok();
        List<String> precisions = List.of("f32", "int8", "int8-dynamic");
        for (String by : precisions.subList(1, 3)) {
            Cli.run("compress", "digits", "--data", digits, "--precision", by, "--out", coded)
                    .ok();
            for (String other : precisions) {
                Cli.Result result =
                        Cli.run("decompress", coded, "--model", "digits", "--precision", other, "--out", back);
                if (other.equals(by)) {
                    result.ok();
                    assertThat(Files.readAllBytes(back)).containsExactly(Files.readAllBytes(digits));
                } else {
                    assertThat(result.fails().err()).contains("was coded by another model");
                }
            }
        }
    }

    @Test
    void otherNamesAreRefused() {
        assertThat(Cli.run("evaluate", DIGITS, "--data", "digits", "--precision", "f16")
                        .refuses()
                        .err())
                .contains("--precision", "found 'f16', expected one of f32, bf16, int8, int8-dynamic");
    }
}
