package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.file.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code gatun profile}. */
class ProfileCommandTest {
    @TempDir
    private Path folder;

    private static Map<?, ?> profile(Object... more) {
        return (Map<?, ?>) Json.parse(
                Cli.run(Stream.concat(Stream.of("profile", "--runs", 1, "--json"), Stream.of(more))
                                .toArray())
                        .ok()
                        .out());
    }

    private static Stream<Map<?, ?>> costs(Map<?, ?> json, String part) {
        return ((List<?>) ((Map<?, ?>) json.get(part)).get("costs")).stream().map(cost -> (Map<?, ?>) cost);
    }

    private static List<?> plan(String model) {
        Map<?, ?> json = (Map<?, ?>)
                Json.parse(Cli.run("inspect", model, "--plan", "--json").ok().out());
        return (List<?>) json.get("plan");
    }

    private static double sum(Map<?, ?> json, String part, String key) {
        return costs(json, part)
                .mapToDouble(cost -> ((Number) cost.get(key)).doubleValue())
                .sum();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mnist", "digits"})
    void flopsAreThoseOfTheModelAndTimesLieWithinTheWhole(String model) {
        Map<?, ?> json = profile(model, "--batch", 2, "--threads", 1);
        Map<?, ?> flops = (Map<?, ?>)
                ((Map<?, ?>) Json.parse(Cli.run("inspect", model, "--json").ok().out())).get("flops");

        double pass = 2 * ((Number) flops.get("forward_pass")).doubleValue();
        assertThat(sum(json, "forward", "flops")).isEqualTo(pass);
        assertThat(sum(json, "sampling", "flops")).isEqualTo(2 * ((Number) flops.get("sample")).doubleValue());
        for (String part : List.of("forward", "sampling")) {
            double whole = ((Number) ((Map<?, ?>) json.get(part)).get("seconds")).doubleValue();
            assertThat(sum(json, part, "seconds")).isPositive().isLessThanOrEqualTo(whole);
            assertThat(costs(json, part))
                    .allSatisfy(cost -> assertThat(((Number) cost.get("bytes")).doubleValue())
                            .isPositive());
        }
    }

    @Test
    void instructionsAreCountedStepByStep() {
        Map<?, ?> json = profile("digits", "--batch", 3, "--threads", 1);

        assertThat(json.get("length")).isEqualTo(64L);
        assertThat(costs(json, "sampling"))
                .allSatisfy(cost -> assertThat(cost.get("calls")).isEqualTo(64L));
    }

    @Test
    void writesATraceInOrderAndAPage() throws IOException {
        Path trace = folder.resolve("trace.json");
        Path page = folder.resolve("profile.html");

        Cli.Result result = Cli.run("profile", "digits", "--runs", 1, "--trace", trace, "--report", page)
                .ok();

        assertThat(result.out()).contains("forward pass: ", "cached sampling: ", "layers.1 (affine)");
        List<?> events = (List<?>) ((Map<?, ?>) Json.parse(Files.readString(trace))).get("traceEvents");
        double last = 0;
        int calls = 0;
        for (Object event : events) {
            Map<?, ?> one = (Map<?, ?>) event;
            if (Long.valueOf(2).equals(one.get("tid")) && "X".equals(one.get("ph"))) {
                double start = ((Number) one.get("ts")).doubleValue();
                assertThat(start).isGreaterThanOrEqualTo(last);
                last = start + ((Number) one.get("dur")).doubleValue();
                calls++;
            }
        }
        assertThat(calls).isEqualTo(64 * plan("digits").size());
        assertThat(Files.readString(page))
                .startsWith("<!doctype html>")
                .endsWith("</html>")
                .contains("layers.1");
    }

    @Test
    void aLengthIsNeededWhereTheDataHaveNone() {
        assertThat(Cli.run("profile", Cli.model("wavenet-onehot")).refuses().err())
                .contains("--length: is needed, for audio");
        assertThat(Cli.run("profile", "digits", "--length", 63).refuses().err())
                .contains("--length: found 63, expected 64");
        assertThat(Cli.run("profile", "digits", "--runs", 0).refuses().err())
                .contains("--runs: found 0, expected at least 1");
    }
}
