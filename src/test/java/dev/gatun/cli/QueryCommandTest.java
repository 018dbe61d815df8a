package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.file.Json;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueryCommandTest {
    @TempDir
    private Path folder;

    private static Map<?, ?> json(Object... args) {
        Object[] all = java.util.Arrays.copyOf(args, args.length + 1);
        all[args.length] = "--json";
        return (Map<?, ?>) Json.parse(Cli.run(all).ok().out());
    }

    private static List<?> positions(Map<?, ?> json) {
        return (List<?>) json.get("positions");
    }

    private static double number(Object json, String key) {
        return ((Number) ((Map<?, ?>) json).get(key)).doubleValue();
    }

    private static double number(Object json, String key, int at) {
        return ((Number) ((List<?>) ((Map<?, ?>) json).get(key)).get(at)).doubleValue();
    }

    /** A step of the model after a text, from its table by hand. */
    @Test
    void whatFollowsATextIsExact() throws IOException {
        Path model = Cli.model("markov-text");
        Path text = Files.writeString(folder.resolve("x.txt"), "ab a");
        Map<?, ?> json = json("query", model, "--prime-text", "ab a", "--position", 4);
        Map<?, ?> next = (Map<?, ?>) positions(json).getFirst();
        double nats = ((Number) ((Map<?, ?>) Json.parse(Cli.run("evaluate", model, "--data", text, "--json")
                                .ok()
                                .out()))
                        .get("nats"))
                .doubleValue();

        assertThat(json.get("samples")).isEqualTo(1L);
        assertThat(json.get("known")).isEqualTo(4L);
        assertThat(number(json, "known_nats")).isCloseTo(nats, within(1e-5));
        assertThat(number(json, "known_nats_error")).isZero();
        assertThat(next.get("position")).isEqualTo("4");
        assertThat(next.get("exact")).isEqualTo(true);
        Path longer = Files.writeString(folder.resolve("y.txt"), "ab aé");
        double more = ((Number) ((Map<?, ?>) Json.parse(Cli.run("evaluate", model, "--data", longer, "--json")
                                .ok()
                                .out()))
                        .get("nats"))
                .doubleValue();
        assertThat(number(next, "probabilities", 4)).isCloseTo(Math.exp(nats - more), within(1e-6));
        assertThat(Cli.run("query", model, "--prime-text", "ab a", "--position", 4)
                        .ok()
                        .out())
                .contains("4 of 5 values known (", " nats); exact, in ", "position 4: ", "'é' 0.", "U+000a 0.");
        Map<?, ?> given = json("query", model, "--data", longer, "--given", "first:4", "--position", 4);
        assertThat(positions(given)).isEqualTo(positions(json));
    }

    @Test
    void picturesAreAskedByRowAndColumn() throws IOException {
        Path model = Cli.model("pixelcnn-rgb");
        Path data = new GoldenData("pixelcnn-rgb").data(folder);
        Map<?, ?> json = json(
                "query",
                model,
                "--data",
                data,
                "--example",
                0,
                "--given",
                "top:2",
                "--position",
                "2,1",
                "--position",
                "3,4,2",
                "--count",
                50,
                "--seed",
                4);
        List<?> found = positions(json);
        assertThat(found.stream().map(one -> ((Map<?, ?>) one).get("position")).toList())
                .isEqualTo(List.of("2,1,0", "2,1,1", "2,1,2", "3,4,2"));
        assertThat(json.get("known")).isEqualTo(30L);
        assertThat(json.get("samples")).isEqualTo(50L);
        for (Object one : found) {
            double sum = 0;
            for (int level = 0; level < 6; level++) {
                sum += number(one, "probabilities", level);
                assertThat(number(one, "errors", level)).isBetween(1e-9, 0.2);
            }
            assertThat(sum).isCloseTo(1, within(1e-9));
        }
        Map<?, ?> same = json(
                "query",
                model,
                "--data",
                data,
                "--example",
                0,
                "--given",
                "top:2",
                "--position",
                "2,1",
                "--position",
                "3,4,2",
                "--count",
                50,
                "--seed",
                4,
                "--threads",
                1);
        assertThat(positions(same)).isEqualTo(found);
        int[] mask = new int[20];
        java.util.Arrays.fill(mask, 10, 20, 1);
        Path file = folder.resolve("mask.npy");
        Npy.write(file, NpyArray.ofInts(new int[] {4, 5}, mask));
        Map<?, ?> behind = json("query", model, "--data", data, "--given", file, "--position", "0,0,0", "--count", 200);
        assertThat(number(behind, "effective_samples")).isBetween(1.0, 199.0);
        assertThat(number(behind, "known_nats_error")).isPositive();
    }

    @Test
    void seriesHaveQuantiles() throws IOException {
        Path model = Cli.model("linear_ar-3");
        Path data = folder.resolve("x.npy");
        Npy.write(data, NpyArray.ofFloats(new int[] {1, 4}, new float[] {0.5f, -1, 0.25f, 2}));
        Object[] args = {"query", model, "--data", data, "--given", "first:3", "--position", 6, "--count", 100};
        Object found = positions(json(args)).getFirst();
        double before = Double.NEGATIVE_INFINITY;
        List<?> quantiles = (List<?>) ((Map<?, ?>) found).get("quantiles");
        assertThat(quantiles).hasSize(5);
        for (Object one : quantiles) {
            assertThat(number(one, "value")).isGreaterThan(before);
            assertThat(number(one, "error")).isPositive();
            before = number(one, "value");
        }
        assertThat(number(found, "deviation")).isPositive();
        assertThat(Cli.run(args).ok().out())
                .containsPattern("3 of 7 values known \\(.* nats\\); 100 samples, in ")
                .containsPattern("position 6: mean .* ± .*, deviation .*; quantiles 5 % .*, 95 % ");
    }

    @Test
    void onlyWhatIsKnown() {
        Map<?, ?> json = json("query", "digits", "--data", "digits", "--given", "first:32", "--count", 10);
        assertThat(positions(json)).isEmpty();
        assertThat(json.get("samples")).isEqualTo(1L);
        assertThat(number(json, "known_nats")).isBetween(5.0, 200.0);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThat(Cli.run("query", "digits").refuses().err()).contains("--position: is needed where nothing is known");
        assertThat(Cli.run("query", "digits", "--position", "1,2").refuses().err())
                .contains("--position: found '1,2', expected a number from 0");
        assertThat(Cli.run("query", "digits", "--position", 64).refuses().err())
                .contains("--position: found 64, expected 0..63");
        assertThat(Cli.run("query", "digits", "--position", 4, "--given", "first:3")
                        .refuses()
                        .err())
                .contains("--data and --given: expected both");
        assertThat(Cli.run("query", "digits", "--position", 4, "--count", 1)
                        .refuses()
                        .err())
                .contains("--count: found 1, expected at least 2");
        assertThat(Cli.run("query", "digits", "--position", 4, "--data", "digits", "--given", "first:64")
                        .refuses()
                        .err())
                .contains("found '64' values in 'first:64', expected 1..63");
        assertThat(Cli.run(
                                "query",
                                "digits",
                                "--position",
                                4,
                                "--data",
                                "digits",
                                "--given",
                                "first:3",
                                "--example",
                                9999)
                        .refuses()
                        .err())
                .contains("--example: found 9999, expected 0..");
        Path colours = Cli.model("pixelcnn-rgb");
        assertThat(Cli.run("query", colours, "--position", "4,0").refuses().err())
                .contains("--position: found row 4, expected 0..3");
        assertThat(Cli.run("query", colours, "--position", 4).refuses().err())
                .contains("--position: found '4', expected R,C or R,C,CHANNEL");
    }
}
