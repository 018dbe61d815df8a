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
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code gatun score}. */
class ScoreCommandTest {
    private static final Path MODEL = Cli.model("causal_conv_arm-tutorial");
    private static final int COUNT = 40;

    @TempDir
    private Path folder;

    private Path known;
    private Path data;
    private Path noise;

    @BeforeEach
    void sets() throws IOException {
        known = folder.resolve("known.npy");
        data = folder.resolve("data.npy");
        noise = folder.resolve("noise.npy");
        Cli.run("sample", MODEL, "--count", COUNT, "--seed", 1, "--out", known).ok();
        Cli.run("sample", MODEL, "--count", COUNT, "--seed", 2, "--out", data).ok();
        int[] levels = IntStream.range(0, COUNT * 64).map(i -> i * 7 % 17).toArray();
        Npy.write(noise, NpyArray.ofInts(new int[] {COUNT, 64}, levels));
    }

    private float[] nats(Path of) throws IOException {
        Path nats = folder.resolve("nats.npy");
        Cli.run("evaluate", MODEL, "--data", of, "--per-example", nats).ok();
        return Npy.read(nats).floats();
    }

    @Test
    void scoresAreThoseOfTheirDefinition() throws IOException {
        Path csv = folder.resolve("scores.csv");
        Map<?, ?> json = (Map<?, ?>) Json.parse(Cli.run(
                        "score",
                        MODEL,
                        "--data",
                        data,
                        "--reference",
                        known,
                        "--against",
                        noise,
                        "--out",
                        csv,
                        "--json")
                .ok()
                .out());

        float[] in = nats(data);
        float[] out = nats(noise);
        float[] reference = nats(known);
        List<String> rows = Files.readAllLines(csv);
        assertThat(rows).hasSize(1 + 2 * COUNT);
        assertThat(rows.getFirst()).isEqualTo("set,item,nats,bits_per_dimension,p_value");
        double won = 0;
        for (int i = 0; i < COUNT; i++) {
            String[] row = rows.get(1 + i).split(",");
            assertThat(row[0] + row[1]).isEqualTo("data" + i);
            assertThat(Double.parseDouble(row[2])).isCloseTo(in[i], within(1e-4));
            assertThat(Double.parseDouble(row[3])).isCloseTo(in[i] / 64 / Math.log(2), within(1e-5));
            assertThat(Double.parseDouble(row[4])).isCloseTo(pValue(reference, in[i]), within(1e-12));
            assertThat(rows.get(1 + COUNT + i)).startsWith("against," + i + ",");
            for (float other : out) {
                won += in[i] < other ? 1 : in[i] == other ? 0.5 : 0;
            }
        }
        assertThat(((Number) json.get("auroc")).doubleValue()).isCloseTo(won / (COUNT * COUNT), within(1e-12));
        assertThat(json.keySet().toString()).isEqualTo("[model, dimensions, reference, data, against, auroc]");
        assertThat(((Map<?, ?>) json.get("data")).keySet().toString())
                .isEqualTo("[source, examples, nats, bits_per_dimension, mean_p_value, p_at_most_0.05, from_uniform]");
    }

    private static double pValue(float[] reference, float nats) {
        int notMore = 0;
        for (float one : reference) {
            notMore += one >= nats ? 1 : 0;
        }
        return (1.0 + notMore) / (reference.length + 1.0);
    }

    /** The same examples are as likely as themselves, also where the reference's nats were rounded on their way. */
    @Test
    void aFileOfNatsServesAsWell() throws IOException {
        Path nats = folder.resolve("reference.npy");
        Path scores = folder.resolve("scores.npy");
        Cli.run("evaluate", MODEL, "--data", known, "--per-example", nats).ok();

        Cli.run("score", MODEL, "--data", known, "--reference-nats", nats, "--out", scores)
                .ok();

        NpyArray found = Npy.read(scores);
        float[] reference = nats(known);
        assertThat(found.shape()).containsExactly(COUNT, 3);
        for (int i = 0; i < COUNT; i++) {
            assertThat(found.floats()[3 * i]).isEqualTo(reference[i]);
            assertThat(found.floats()[3 * i + 2]).isEqualTo((float) pValue(reference, reference[i]));
        }
    }

    @Test
    void withoutAReferenceThereAreNoRanks() throws IOException {
        Path scores = folder.resolve("scores.npy");
        Path csv = folder.resolve("scores.csv");
        String said = Cli.run("score", MODEL, "--data", data, "--limit", 3, "--out", scores)
                .ok()
                .out();
        Cli.run("score", MODEL, "--data", data, "--limit", 3, "--out", csv).ok();

        assertThat(Npy.read(scores).shape()).containsExactly(3, 2);
        assertThat(Files.readAllLines(csv)).hasSize(4).first().isEqualTo("set,item,nats,bits_per_dimension");
        assertThat(said).contains("3 examples of 64 dimensions").doesNotContain("p-values");
    }

    @Test
    void histogramsAreDrawn() throws IOException {
        Path picture = folder.resolve("scores.svg");
        String said = Cli.run(
                        "score",
                        MODEL,
                        "--data",
                        data,
                        "--reference",
                        known,
                        "--against",
                        noise,
                        "--histogram",
                        picture)
                .ok()
                .out();
        assertThat(said).contains("reference: ", "data: ", "against: ", "p-values: mean ", "AUROC: ");
        String svg = Files.readString(picture);
        assertThat(svg).startsWith("<svg").endsWith("</svg>\n");
        assertThat(svg).contains("bits per dimension", "p-values", "class=\"reference\"", "class=\"against\"");
        assertThat(svg.split("<path class=\"data\"", -1)).hasSize(5); // an outline and its sign in each of two panels
    }

    @Test
    void seriesAndSplits() throws IOException {
        GoldenData series = new GoldenData("linear_ar-3");
        Path file = series.data(folder);
        assertThat(Cli.run("score", Cli.model("linear_ar-3"), "--data", file, "--reference", file)
                        .ok()
                        .out())
                .contains("p-values");
        assertThat(Cli.run("score", "digits", "--data", "digits", "--reference", "digits", "--limit", 2)
                        .ok()
                        .out())
                .contains("reference: digits (train)", "data: digits (test)");
    }

    @Test
    void wrongUseIsRefused() {
        assertThat(Cli.run("score", MODEL, "--data", data, "--reference", known, "--reference-nats", known)
                        .refuses()
                        .err())
                .contains("--reference and --reference-nats: expected one of them");
        assertThat(Cli.run("score", MODEL, "--data", data, "--reference-nats", known)
                        .fails()
                        .err())
                .contains("known.npy: found shape [40, 64], expected [N]");
        assertThat(Cli.run("score", MODEL, "--data", data, "--out", "x.txt")
                        .refuses()
                        .err())
                .contains("--out: found 'x.txt', expected a file that ends in .csv or .npy");
        assertThat(Cli.run("score", MODEL, "--data", data, "--histogram", "x.png")
                        .refuses()
                        .err())
                .contains("--histogram: found 'x.png'");
        assertThat(Cli.run("score", MODEL, "--data", data, "--limit", 0)
                        .refuses()
                        .err())
                .contains("--limit: found 0, expected at least 1");
    }
}
