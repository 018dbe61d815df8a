package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.Model;
import dev.gatun.file.ImageBytes;
import dev.gatun.file.Json;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of images that are conditioned on a class, a vector or a map. */
class ImageConditionTest {
    private static final Path MODEL = Cli.model("gated_pixelcnn-class-rgb");
    private static final int SIDE = 4;
    private static final int COUNT = 60;

    @TempDir
    private Path folder;

    private Path out;

    @BeforeEach
    void name() {
        out = folder.resolve("out.npy");
    }

    private NpyArray sample(Object... args) throws IOException {
        Object[] all = Stream.of(new Object[] {"sample", MODEL, "--seed", 4, "--out", out}, args)
                .flatMap(Stream::of)
                .toArray();
        Cli.run(all).ok();
        return Npy.read(out);
    }

    @Test
    void allClassesHaveARowEach() throws IOException {
        NpyArray all = sample("--class", "all", "--count", 3);

        int classes = all.shape()[0] / 3;
        assertThat(classes).isGreaterThan(1);
        StringBuilder each = new StringBuilder("0,0,0");
        for (int k = 1; k < classes; k++) {
            each.append((',' + Integer.toString(k)).repeat(3));
        }
        assertThat(sample("--class", each, "--count", 3 * classes)).isEqualTo(all);
        Path png = folder.resolve("classes.png");
        Cli.run("sample", MODEL, "--class", "all", "--count", 3, "--scale", 2, "--border", 1, "--out", png)
                .ok();
        BufferedImage image = ImageIO.read(png.toFile());
        assertThat(image.getWidth()).isEqualTo(3 * (all.shape()[3] * 2 + 1) + 1);
        assertThat(image.getHeight()).isEqualTo(classes * (all.shape()[2] * 2 + 1) + 1);
    }

    @Test
    void classesThatAreNoneAreRefused() throws IOException {
        Path data = new GoldenData("gated_pixelcnn-class-rgb").data(folder);
        assertThat(Cli.run("sample", MODEL, "--class", "all,1", "--out", out)
                        .refuses()
                        .err())
                .contains("--class: found 'all,1', expected classes, or all");
        assertThat(Cli.run("sample", MODEL, "--class", "one", "--out", out)
                        .refuses()
                        .err())
                .contains("--class: found 'one', expected the number of a class, or all");
        assertThat(Cli.run("sample", MODEL, "--class", "99", "--out", out)
                        .refuses()
                        .err())
                .contains("--class: found class 99, expected 0..");
        assertThat(Cli.run("evaluate", MODEL, "--data", data, "--class", "all")
                        .refuses()
                        .err())
                .contains("--class: found 'all', expected classes: it is for sample");
        assertThat(Cli.run("sample", "digits", "--class", "all", "--out", out)
                        .refuses()
                        .err())
                .contains("--class: this model, of the family causal_conv_arm, takes no class");
    }

    /** Images whose every level is their class, which lies in a file beside them. */
    private Path idx(boolean beside) throws IOException {
        byte[] images = ImageBytes.idx(8, COUNT * SIDE * SIDE, COUNT, SIDE, SIDE);
        byte[] labels = ImageBytes.idx(8, COUNT, COUNT);
        for (int n = 0; n < COUNT; n++) {
            int label = n * 7 % 3;
            labels[labels.length - COUNT + n] = (byte) label;
            Arrays.fill(
                    images,
                    images.length - (COUNT - n) * SIDE * SIDE,
                    images.length - (COUNT - n - 1) * SIDE * SIDE,
                    (byte) label);
        }
        Files.write(folder.resolve(beside ? "x-labels-idx1-ubyte" : "labels.idx"), labels);
        return Files.write(folder.resolve("x-images-idx3-ubyte"), images);
    }

    private static Object[] train(Object data, Path out, Object... args) {
        Object[] model = {
            "train",
            data,
            "--out",
            out,
            "--threads",
            1,
            "--family",
            "gated_pixelcnn",
            "--epochs",
            40,
            "--learning-rate",
            "0.02",
            "--batch",
            20
        };
        Object[] sets = {
            "features=6",
            "layers=2",
            "head_features=6",
            "input=unit",
            "first_kernel_size=3",
            "condition={\"type\":\"class\",\"classes\":3}",
            "data={\"kind\":\"image\",\"height\":4,\"width\":4,\"channels\":1,\"levels\":3}"
        };
        Stream<Object> set = Arrays.stream(sets).flatMap(value -> Stream.of("--set", value));
        return Stream.of(Arrays.stream(model), set, Arrays.stream(args))
                .flatMap(stream -> stream)
                .toArray();
    }

    @Test
    void labelsAreReadFromIdxFiles() throws IOException {
        Path model = folder.resolve("m.safetensors");
        Path data = idx(false);
        Path labels = folder.resolve("labels.idx");
        assertThat(Cli.run(train(data, model, "--condition", "labels"))
                        .refuses()
                        .err())
                .contains("found \"labels\", but", " has none");

        Cli.run(train(data, model, "--condition", labels)).ok();
        byte[] byFile = Files.readAllBytes(model);
        String nats = evaluate(model, data, labels);
        idx(true);
        Cli.run(train(data, model, "--condition", "labels")).ok();

        assertThat(Files.readAllBytes(model)).isEqualTo(byFile);
        assertThat(evaluate(model, data, "labels")).isEqualTo(nats);
        assertThat(Double.parseDouble(nats)).isLessThan(SIDE * SIDE * Math.log(3) / 3);
        Cli.run("sample", model, "--class", "all", "--count", 1, "--mode", "--out", out)
                .ok();
        int[] drawn = Npy.read(out).ints();
        for (int i = 0; i < drawn.length; i++) {
            assertThat(drawn[i]).isEqualTo(i / (SIDE * SIDE));
        }
    }

    private static String evaluate(Path model, Path data, Object labels) {
        String said = Cli.run("evaluate", model, "--data", data, "--condition", labels, "--json")
                .ok()
                .out();
        return said.replaceAll("(?s).*\"nats\":([0-9.eE-]+).*", "$1");
    }

    /** Evaluated and sampled as recorded, and trained. */
    @ParameterizedTest
    @ValueSource(strings = {"gated_pixelcnn-vector", "gated_pixelcnn-spatial"})
    void vectorsAndMapsComeFromFiles(String name) throws IOException {
        GoldenData golden = new GoldenData(name);
        Path data = golden.data(folder);
        Path condition = folder.resolve("condition.npy");
        NpyArray all = golden.array("condition");
        Npy.write(condition, all);
        Object[] evaluate = {"evaluate", Cli.model(name), "--data", data, "--per-example", out};
        assertThat(Cli.run(evaluate).refuses().err()).contains("--condition: is needed, for the model has a ");

        Cli.run(Stream.of(evaluate, new Object[] {"--condition", condition})
                        .flatMap(Stream::of)
                        .toArray())
                .ok();

        float[] nats = golden.array("nats").floats();
        for (int n = 0; n < nats.length; n++) {
            assertThat(Npy.read(out).floats()[n]).isCloseTo(nats[n], within(1e-5f * Math.max(1, nats[n])));
        }
        NpyArray samples = golden.array("samples");
        int count = samples.shape()[0];
        int[] shape = all.shape();
        int row = all.count() / shape[0];
        shape[0] = count;
        Path some = folder.resolve("some.npy");
        Npy.write(some, NpyArray.ofFloats(shape, Arrays.copyOf(all.floats(), count * row)));
        Object[] args = {
            "sample",
            Cli.model(name),
            "--count",
            count,
            "--seed",
            golden.metadata("seed"),
            "--temperature",
            golden.metadata("temperature"),
            "--condition",
            some,
            "--out",
            out
        };
        Cli.run(args).ok();
        assertThat(Npy.read(out).longs()).isEqualTo(samples.longs());

        Path config = folder.resolve("config.json");
        try (Model model = Model.load(Cli.model(name))) {
            Files.writeString(config, Json.write(model.config().toJson()));
        }
        Path trained = folder.resolve("m.safetensors");
        Path picture = folder.resolve("samples.png");
        Cli.run(
                        "train",
                        data,
                        "--config",
                        config,
                        "--condition",
                        condition,
                        "--epochs",
                        1,
                        "--validation",
                        0,
                        "--out",
                        trained,
                        "--samples",
                        picture)
                .ok();
        assertThat(ImageIO.read(picture.toFile())).isNotNull();
        Cli.run("evaluate", trained, "--data", data, "--condition", condition).ok();
    }
}
