package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.file.Json;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluateCommandTest {
    private static final Path DIGITS = Cli.model("causal_conv_arm-tutorial");

    @TempDir
    private Path folder;

    private static Map<?, ?> json(Cli.Result result) {
        assertThat(result.out().lines()).hasSize(1);
        return (Map<?, ?>) Json.parse(result.out());
    }

    private static double number(Map<?, ?> json, String key) {
        return ((Number) json.get(key)).doubleValue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"causal_conv_arm-tutorial", "mlp_arm-image", "linear_ar-3", "markov-text", "mlp_arm-mixture"})
    void likelihoodsAreTheGoldenOnes(String name) throws IOException {
        GoldenData golden = new GoldenData(name);
        float[] expected = golden.array("nats").floats();
        Path nats = folder.resolve("nats.npy");

        Map<?, ?> json = json(
                Cli.run("evaluate", Cli.model(name), "--data", golden.data(folder), "--per-example", nats, "--json")
                        .ok());

        NpyArray found = Npy.read(nats);
        assertThat(found.shape()).containsExactly(expected.length);
        double mean = 0;
        for (int i = 0; i < expected.length; i++) {
            assertThat(found.floats()[i]).isCloseTo(expected[i], within(1e-5f * Math.max(1, expected[i])));
            mean += expected[i] / (double) expected.length;
        }
        assertThat(json.keySet().toString()).isEqualTo("[examples, dimensions, nats, bits_per_dimension, seconds]");
        assertThat(json.get("examples")).isEqualTo((long) expected.length);
        assertThat(number(json, "nats")).isCloseTo(mean, within(1e-5 * Math.max(1, mean)));
        assertThat(number(json, "bits_per_dimension"))
                .isCloseTo(number(json, "nats") / number(json, "dimensions") / Math.log(2), within(1e-12));
        assertThat(number(json, "seconds")).isPositive();
    }

    @Test
    void splitsAndBatches() {
        Map<?, ?> test =
                json(Cli.run("evaluate", DIGITS, "--data", "digits", "--json").ok());
        Map<?, ?> same = json(Cli.run("evaluate", DIGITS, "--data", "digits", "--split", "test", "--batch", 5, "--json")
                .ok());
        Map<?, ?> valid = json(Cli.run("evaluate", DIGITS, "--data", "digits", "--split", "VALID", "--json")
                .ok());

        assertThat(test.get("examples")).isEqualTo(447L);
        assertThat(test.get("dimensions")).isEqualTo(64L);
        assertThat(same.get("nats")).isEqualTo(test.get("nats"));
        assertThat(valid.get("examples")).isEqualTo(350L);
        assertThat(valid.get("nats")).isNotEqualTo(test.get("nats"));
    }

    @Test
    void peopleGetTwoLines() {
        assertThat(Cli.run("evaluate", DIGITS, "--data", "digits").ok().out())
                .containsPattern("on digits \\(test\\): 447 examples of 64 dimensions in ")
                .containsPattern("\\d+\\.\\d{3} nats, \\d+\\.\\d{4} bits per dimension\\R$");
    }

    @Test
    void textsCanBeCut() throws IOException {
        Path text = Files.writeString(folder.resolve("x.txt"), "ab a\nba ✓é");
        Path model = Cli.model("markov-text");

        assertThat(json(Cli.run("evaluate", model, "--data", text, "--json").ok())
                        .get("dimensions"))
                .isEqualTo(10L);
        Map<?, ?> cut = json(Cli.run("evaluate", model, "--data", text, "--length", 4, "--json")
                .ok());
        assertThat(cut.get("examples")).isEqualTo(2L);
        assertThat(cut.get("dimensions")).isEqualTo(4L);
        assertThat(Cli.run("evaluate", model, "--data", text, "--length", 11)
                        .refuses()
                        .err())
                .contains("--length: found 11, expected 1..10");
        assertThat(Cli.run("evaluate", DIGITS, "--data", "digits", "--length", 8)
                        .refuses()
                        .err())
                .contains("--length: data of kind \"sequence\" have a length of their own");
    }

    @Test
    void wrongDataAreNamed() throws IOException {
        Path file = folder.resolve("x.npy");
        Npy.write(file, NpyArray.ofInts(new int[] {2, 8, 8}, new int[128]));
        assertThat(Cli.run("evaluate", DIGITS, "--data", file).fails().err())
                .contains(file + ": found the shape [2, 8, 8], expected [N, 64] for data of kind \"sequence\"");
        Npy.write(file, NpyArray.ofInts(new int[] {1, 64}, new int[64]));
        assertThat(Cli.run("evaluate", DIGITS, "--data", file, "--split", "test")
                        .fails()
                        .err())
                .contains("has no split \"test\"; it is not divided");
        assertThat(Cli.run("evaluate", DIGITS, "--data", file, "--split", "dev")
                        .refuses()
                        .err())
                .contains("--split", "dev");
        assertThat(Cli.run("evaluate", DIGITS, "--data", file, "--batch", 0)
                        .refuses()
                        .err())
                .contains("--batch: found 0, expected at least 1");
        assertThat(Cli.run("evaluate", DIGITS, "--data", file, "--per-example", "x.csv")
                        .refuses()
                        .err())
                .contains("--per-example: found 'x.csv', expected a file that ends in .npy");
        assertThat(Cli.run("evaluate", DIGITS, "--data", file, "--condition", file)
                        .refuses()
                        .err())
                .contains("takes no condition");
        assertThat(Cli.run("evaluate", DIGITS, "--data", folder.resolve("none.npy"))
                        .fails()
                        .err())
                .contains("no such file");
    }

    @Test
    void outputsAreTheGoldenOnes() throws IOException {
        Path out = folder.resolve("outputs.npy");
        for (String name : new String[] {"causal_conv_arm-tutorial", "mlp_arm-image", "mlp_arm-series"}) {
            GoldenData golden = new GoldenData(name);
            NpyArray expected = golden.array("outputs");

            Cli.run("outputs", Cli.model(name), "--data", golden.data(folder), "--out", out)
                    .ok();

            NpyArray found = Npy.read(out);
            assertThat(found.type()).isEqualTo(NpyArray.DType.F32);
            assertThat(found.shape()).isEqualTo(expected.shape());
            for (int i = 0; i < found.count(); i++) {
                float value = expected.floats()[i];
                assertThat(found.floats()[i]).isCloseTo(value, within(1e-5f * Math.max(1, Math.abs(value))));
            }
        }
        assertThat(Cli.run("outputs", DIGITS, "--data", "digits", "--out", "x.png")
                        .refuses()
                        .err())
                .contains("--out: found 'x.png', expected a file that ends in .npy");
    }

    @Test
    void outputsOfManyExamplesAreWrittenInPieces() throws IOException {
        Path all = folder.resolve("all.npy");
        Path some = folder.resolve("some.npy");
        Path last = folder.resolve("x.npy");

        Cli.run("outputs", DIGITS, "--data", "digits", "--split", "test", "--out", all)
                .ok();

        NpyArray found = Npy.read(all);
        assertThat(found.shape()).containsExactly(447, 17, 64);
        int[] pixels;
        try (var in = new java.util.zip.GZIPInputStream(
                dev.gatun.data.DataSets.class.getResourceAsStream("digits_8x8.csv.gz"))) {
            String[] lines = new String(in.readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII).split("\n");
            pixels = java.util.Arrays.stream(lines[1796].strip().split(","))
                    .limit(64)
                    .mapToInt(Integer::parseInt)
                    .toArray();
        }
        Npy.write(last, NpyArray.ofInts(new int[] {1, 64}, pixels));
        Cli.run("outputs", DIGITS, "--data", last, "--out", some).ok();
        float[] floats = found.floats();
        assertThat(Npy.read(some).floats())
                .isEqualTo(java.util.Arrays.copyOfRange(floats, floats.length - 17 * 64, floats.length));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pixelcnn-binary", "pixelcnn-rgb", "pixelcnn-rgb-mixture", "nade-ordering", "linear_ar-3"})
    void mapsSayWhereTheNatsComeFrom(String name) throws IOException {
        Path data = new GoldenData(name).data(folder);
        Path map = folder.resolve("map.npy");
        Object[] args = {"evaluate", Cli.model(name), "--data", data, "--map", map, "--json", "--batch", 2};

        Map<?, ?> json = json(Cli.run(args).ok());

        NpyArray found = Npy.read(map);
        int[] shape = new GoldenData(name).array("x").shape();
        assertThat(found.shape())
                .isEqualTo(java.util.Arrays.copyOfRange(shape, shape.length == 4 ? 2 : 1, shape.length));
        double sum = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (float nats : found.floats()) {
            sum += nats;
            most = Math.max(most, nats);
        }
        assertThat(sum).isCloseTo(number(json, "nats"), within(1e-5 * Math.max(1, Math.abs(sum))));
        assertThat(number(json, "most_nats_of_a_pixel")).isCloseTo(most, within(1e-6 * Math.max(1, Math.abs(most))));
    }

    /** In the order of the data: sums are the examples' nats, means the map's, whatever the batch. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "pixelcnn-binary",
                "pixelcnn-rgb",
                "pixelcnn-rgb-mixture",
                "nade-ordering",
                "linear_ar-3",
                "markov-text"
            })
    void positionsSayWhereAnExamplesNatsComeFrom(String name) throws IOException {
        Path data = new GoldenData(name).data(folder);
        Path each = folder.resolve("each.npy");
        Path all = folder.resolve("all.npy");
        Path map = folder.resolve("map.npy");
        Cli.run(
                        "evaluate",
                        Cli.model(name),
                        "--data",
                        data,
                        "--per-example",
                        each,
                        "--per-position",
                        all,
                        "--map",
                        map,
                        "--batch",
                        2)
                .ok();

        float[] nats = Npy.read(each).floats();
        NpyArray found = Npy.read(all);
        int length = found.count() / nats.length;
        assertThat(found.type()).isEqualTo(NpyArray.DType.F32);
        assertThat(found.shape()).containsExactly(nats.length, length);
        float[] mean = Npy.read(map).floats();
        double[] sums = new double[mean.length];
        for (int n = 0; n < nats.length; n++) {
            double sum = 0;
            for (int i = 0; i < length; i++) {
                sum += found.floats()[n * length + i];
                sums[i % mean.length] += found.floats()[n * length + i];
            }
            assertThat((float) sum).isEqualTo(nats[n]);
        }
        for (int i = 0; i < mean.length; i++) {
            assertThat(mean[i]).isEqualTo((float) (sums[i] / nats.length));
        }
        Path again = folder.resolve("again.npy");
        Cli.run("evaluate", Cli.model(name), "--data", data, "--per-position", again)
                .ok();
        assertThat(again).hasSameBinaryContentAs(all);
    }

    /** Channels apart, as they lie in files: by hand, from the logits of a categorical distribution. */
    @Test
    void coloursLieAsTheDataDo() throws IOException {
        Path model = Cli.model("pixelcnn-rgb");
        Path data = new GoldenData("pixelcnn-rgb").data(folder);
        Path all = folder.resolve("all.npy");
        Path logits = folder.resolve("logits.npy");
        Cli.run("evaluate", model, "--data", data, "--per-position", all).ok();
        Cli.run("outputs", model, "--data", data, "--out", logits).ok();

        int[] x = Npy.read(data).ints();
        float[] outputs = Npy.read(logits).floats(); // [N, channels x levels, pixels]
        int pixels = 20;
        float[] found = Npy.read(all).floats();
        assertThat(found).hasSameSizeAs(x);
        for (int i = 0; i < x.length; i++) {
            int first = i / pixels * 6 * pixels + i % pixels;
            double sum = 0;
            for (int level = 0; level < 6; level++) {
                sum += Math.exp(outputs[first + level * pixels]);
            }
            assertThat((double) found[i]).isCloseTo(Math.log(sum) - outputs[first + x[i] * pixels], within(1e-5));
        }
    }

    /** By hand, from the logits of each pixel. */
    @Test
    void aPixelsNatsAreThoseOfItsOutput() throws IOException {
        Path model = Cli.model("pixelcnn-binary");
        Path data = new GoldenData("pixelcnn-binary").data(folder);
        Path map = folder.resolve("map.npy");
        Path logits = folder.resolve("logits.npy");
        Cli.run("evaluate", model, "--data", data, "--map", map).ok();
        Cli.run("outputs", model, "--data", data, "--out", logits).ok();

        int[] x = Npy.read(data).ints();
        float[] outputs = Npy.read(logits).floats();
        float[] found = Npy.read(map).floats();
        for (int pixel = 0; pixel < found.length; pixel++) {
            double sum = 0;
            for (int i = pixel; i < x.length; i += found.length) {
                sum += Math.log1p(Math.exp(x[i] == 1 ? -outputs[i] : outputs[i]));
            }
            assertThat((double) found[pixel]).isCloseTo(sum * found.length / x.length, within(1e-5));
        }

        Path png = folder.resolve("map.png");
        assertThat(Cli.run("evaluate", model, "--data", data, "--map", png, "--scale", 3, "--border", 0)
                        .ok()
                        .out())
                .contains("map: " + png + ", up to ", " nats at one place");
        java.awt.image.BufferedImage image = javax.imageio.ImageIO.read(png.toFile());
        int[] shape = Npy.read(map).shape();
        assertThat(image.getHeight()).isEqualTo(3 * shape[0]);
        assertThat(image.getWidth()).isEqualTo(3 * shape[1]);
        int brightest = 0;
        for (int pixel = 0; pixel < found.length; pixel++) {
            brightest = found[pixel] > found[brightest] ? pixel : brightest;
        }
        assertThat(image.getRGB(3 * (brightest % shape[1]), 3 * (brightest / shape[1])) & 0xffffff)
                .isEqualTo(0xfde725);
    }

    @Test
    void mapsThatCannotBeAreRefused() throws IOException {
        Path model = Cli.model("made-masks-direct");
        Path data = new GoldenData("made-masks-direct").data(folder);
        assertThat(Cli.run("evaluate", model, "--data", data, "--map", folder.resolve("m.npy"))
                        .fails()
                        .err())
                .contains("found an ensemble of");
        Path all = Files.writeString(folder.resolve("all.npy"), "before");
        assertThat(Cli.run("evaluate", model, "--data", data, "--per-position", all)
                        .fails()
                        .err())
                .contains("found an ensemble of");
        assertThat(all).hasContent("before");
        assertThat(Cli.run("evaluate", DIGITS, "--data", "digits", "--per-position", "m.png")
                        .refuses()
                        .err())
                .contains("--per-position: found 'm.png', expected a file that ends in .npy");
        assertThat(Cli.run("evaluate", DIGITS, "--data", "digits", "--per-position", all, "--per-example", all)
                        .refuses()
                        .err())
                .contains("twice, expected a file for each output");
        assertThat(Cli.run("evaluate", DIGITS, "--data", "digits", "--per-position", all, "--skip", 3)
                        .refuses()
                        .err())
                .contains("--per-position: writes all positions, found --skip 3");
        assertThat(Cli.run("evaluate", DIGITS, "--data", "digits", "--map", "m.gif")
                        .refuses()
                        .err())
                .contains("--map: found 'm.gif', expected a file that ends in .png or .npy");
        assertThat(Cli.run("evaluate", DIGITS, "--data", "digits", "--scale", 2)
                        .refuses()
                        .err())
                .contains("--scale: is for .png files, and --map is not given");
        Path text = Cli.model("markov-text");
        assertThat(Cli.run("evaluate", text, "--data", new GoldenData("markov-text").data(folder), "--map", "m.png")
                        .refuses()
                        .err())
                .contains("--map: m.png is for models of images");
    }
}
