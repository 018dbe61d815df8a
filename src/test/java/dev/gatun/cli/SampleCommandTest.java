package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.Model;
import dev.gatun.SampleOptions;
import dev.gatun.Sampler;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SampleCommandTest {
    private static final Path DIGITS = Cli.model("causal_conv_arm-tutorial");

    @TempDir
    private Path folder;

    private NpyArray sample(Object... args) throws IOException {
        Path out = folder.resolve("samples.npy");
        Object[] all = Stream.of(new Object[] {"sample"}, args, new Object[] {"--out", out})
                .flatMap(Stream::of)
                .toArray();
        Cli.run(all).ok();
        return Npy.read(out);
    }

    @ParameterizedTest
    @ValueSource(strings = {"causal_conv_arm-tutorial", "mlp_arm-image", "mlp_arm-mixture", "markov-text"})
    void samplesAreTheGoldenOnes(String name) throws IOException {
        GoldenData golden = new GoldenData(name);
        NpyArray expected = golden.array("samples");
        int[] shape = expected.shape();
        Object[] args = {
            Cli.model(name),
            "--count",
            shape[0],
            "--seed",
            golden.metadata("seed"),
            "--temperature",
            golden.metadata("temperature")
        };
        boolean free = name.equals("mlp_arm-mixture") || name.equals("markov-text");
        Object[] length = free ? new Object[] {"--length", shape[1]} : new Object[0];

        for (String method : new String[] {"cached", "full", "predictive", "jacobi", "gs-jacobi", "auto"}) {
            NpyArray drawn = sample(Stream.of(args, length, new Object[] {"--method", method})
                    .flatMap(Stream::of)
                    .toArray());

            assertThat(drawn.type()).isEqualTo(NpyArray.DType.I32);
            assertThat(drawn.shape()).isEqualTo(shape);
            assertThat(drawn.longs()).isEqualTo(expected.longs());
        }
    }

    @Test
    void modesAreTheGoldenOnes() throws IOException {
        NpyArray expected = new GoldenData("markov-text").array("mode");

        NpyArray drawn = sample(Cli.model("markov-text"), "--count", 3, "--length", 9, "--mode");

        assertThat(drawn.longs()).isEqualTo(expected.longs());
    }

    @Test
    void seriesAreReals() throws IOException {
        NpyArray drawn = sample(Cli.model("linear_ar-3"), "--count", 2, "--length", 11, "--seed", 2);

        assertThat(drawn.type()).isEqualTo(NpyArray.DType.F32);
        assertThat(drawn.shape()).containsExactly(2, 11);
    }

    @Test
    void threadsDoNotMatter() throws IOException {
        NpyArray one = sample(DIGITS, "--count", 5, "--seed", 3, "--threads", 1);

        assertThat(sample(DIGITS, "--count", 5, "--seed", 3, "--threads", 2)).isEqualTo(one);
    }

    @Test
    void seedsHaveSixtyFourBits() throws IOException {
        NpyArray negative = sample(DIGITS, "--seed", "-1");

        assertThat(sample(DIGITS, "--seed", "18446744073709551615")).isEqualTo(negative);
        assertThat(sample(DIGITS, "--seed", "0xffffffffffffffff")).isEqualTo(negative);
        assertThat(sample(DIGITS, "--seed", "0xffffffff")).isNotEqualTo(negative);
        assertThat(Cli.run("sample", DIGITS, "--out", "x.npy", "--seed", "18446744073709551616")
                        .refuses()
                        .err())
                .contains("--seed", "found '18446744073709551616', expected a whole number of 64 bits");
    }

    @Test
    void manySamplesAreDrawnInBatchesThatCannotBeSeen() throws IOException {
        Path file = Cli.model("markov-text");
        int count = 1030; // more than a batch

        int[] drawn = sample(file, "--count", count, "--length", 2, "--seed", 5).ints();

        try (Model model = Model.load(file);
                Sampler sampler = model.sampler(
                        SampleOptions.count(6).withSeed(5).withFirstSample(1024).withLength(2))) {
            assertThat(drawn).hasSize(2 * count);
            assertThat(Arrays.copyOfRange(drawn, 2 * 1024, 2 * count))
                    .isEqualTo(sampler.draw().levels());
        }
    }

    @Test
    void picturesAreGrids() throws IOException {
        Path out = folder.resolve("digits.png");

        Cli.run("sample", DIGITS, "--count", 6, "--columns", 3, "--scale", 2, "--border", 1, "--out", out)
                .ok();

        BufferedImage image = ImageIO.read(out.toFile());
        assertThat(image.getWidth()).isEqualTo(3 * (8 * 2 + 1) + 1);
        assertThat(image.getHeight()).isEqualTo(2 * (8 * 2 + 1) + 1);
        int[] levels = sample(DIGITS, "--count", 6).ints();
        int last = image.getRaster().getSample(image.getWidth() - 2, image.getHeight() - 2, 0);
        assertThat(last).isEqualTo(Math.round(levels[levels.length - 1] * 255 / 16f));
    }

    @Test
    void coloursStandInTheirPlanes() throws IOException {
        Path model = Cli.model("mlp_arm-image");
        Path out = folder.resolve("colours.png");

        Cli.run("sample", model, "--count", 1, "--scale", 1, "--border", 0, "--out", out)
                .ok();

        int[] levels = sample(model, "--count", 1).ints(); // [1, 3, 3, 2]
        BufferedImage image = ImageIO.read(out.toFile());
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < 3; y++) {
                for (int x = 0; x < 2; x++) {
                    assertThat(image.getRaster().getSample(x, y, c)).isEqualTo(levels[(c * 3 + y) * 2 + x] * 85);
                }
            }
        }
    }

    @Test
    void soundsAreOneAFile() throws IOException {
        Path model = Cli.model("mlp_arm-mixture");
        Path out = folder.resolve("sound.wav");

        Cli.run("sample", model, "--count", 2, "--length", 9, "--out", out).ok();
        Cli.run("sample", model, "--count", 1, "--length", 9, "--out", out).ok();

        byte[] wav = Files.readAllBytes(out);
        assertThat(wav).hasSize(44 + 18);
        assertThat(ByteBuffer.wrap(wav).order(ByteOrder.LITTLE_ENDIAN).getInt(24))
                .isEqualTo(16000);
        assertThat(folder.resolve("sound-0.wav")).hasBinaryContent(wav);
        assertThat(folder.resolve("sound-1.wav")).exists();
    }

    @Test
    void textsAreOneAFileOrALine() throws IOException {
        Path model = Cli.model("markov-text");
        int[] levels = sample(model, "--count", 2, "--length", 7).ints();
        int[] vocabulary = "\n abé✓".codePoints().toArray();
        StringBuilder first = new StringBuilder();
        for (int i = 0; i < 7; i++) {
            first.appendCodePoint(vocabulary[levels[i]]);
        }
        Path out = folder.resolve("text.txt");

        Cli.run("sample", model, "--count", 1, "--length", 7, "--out", out).ok();
        Cli.run("sample", model, "--count", 2, "--length", 7, "--out", out).ok();

        assertThat(out).hasContent(first.toString());
        assertThat(Files.readString(folder.resolve("text-0.txt"))).isEqualTo(first.toString());
        assertThat(Cli.run("sample", model, "--count", 1, "--length", 7, "--out", "-")
                        .ok()
                        .out())
                .isEqualTo(first + System.lineSeparator());
        assertThat(Cli.run("sample", model, "--length", 7).ok().out())
                .as("text is printed if no file is named")
                .isEqualTo(first + System.lineSeparator());
        assertThat(Cli.run("sample", DIGITS).refuses().err()).contains("--out: is needed, for only text is printed");
    }

    @Test
    void filesThatCannotHoldTheDataAreRefused() {
        Path text = Cli.model("markov-text");
        Path audio = Cli.model("mlp_arm-mixture");
        assertThat(Cli.run("sample", DIGITS, "--out", "x.wav").refuses().err())
                .contains("--out: x.wav is for audio models, and this model's data are of kind \"sequence\"");
        assertThat(Cli.run("sample", DIGITS, "--out", "x.txt").refuses().err()).contains("is for text models");
        assertThat(Cli.run("sample", DIGITS, "--out", "-").refuses().err()).contains("is for text and audio models");
        assertThat(Cli.run("sample", text, "--length", 9, "--out", "x.png")
                        .refuses()
                        .err())
                .contains("x.png is for models of images, or of sequences whose length is a square");
        assertThat(Cli.run("sample", audio, "--length", 9, "--out", "x.txt")
                        .refuses()
                        .err())
                .contains("text models");
        assertThat(Cli.run("sample", Cli.model("markov-sequence"), "--out", "x.png")
                        .refuses()
                        .err())
                .contains("whose length is a square");
        assertThat(Cli.run("sample", DIGITS, "--out", "x.gif").refuses().err())
                .contains("found 'x.gif', expected a file that ends in .npy, .png, .wav or .txt");
        assertThat(Cli.run("sample", DIGITS, "--out", "x.npy", "--columns", 3)
                        .refuses()
                        .err())
                .contains("--columns: is for .png files");
        assertThat(Cli.run("sample", DIGITS, "--out", "x.png", "--scale", 100000)
                        .refuses()
                        .err())
                .contains("pixels");
    }

    @Test
    void optionsThatDoNotFitTheModelAreRefused() {
        Path text = Cli.model("markov-text");
        assertThat(Cli.run("sample", text, "--out", "x.npy").refuses().err()).contains("--length: is needed");
        assertThat(Cli.run("sample", DIGITS, "--length", 5, "--method", "full", "--out", "x.npy")
                        .refuses()
                        .err())
                .contains("--length: found 5, expected 64");
        assertThat(Cli.run("sample", DIGITS, "--count", 0, "--out", "x.npy")
                        .refuses()
                        .err())
                .contains("--count: found 0, expected at least 1");
        assertThat(Cli.run("sample", DIGITS, "--temperature", 0, "--out", "x.npy")
                        .refuses()
                        .err())
                .contains("--temperature: found 0.0, expected a number above 0");
        assertThat(Cli.run("sample", DIGITS, "--condition", "c.npy", "--out", "x.npy")
                        .refuses()
                        .err())
                .contains("--condition: this model, of the family causal_conv_arm, takes no condition");
        assertThat(Cli.run("sample", DIGITS, "--local", "c.npy", "--out", "x.npy")
                        .refuses()
                        .err())
                .contains("--local: this model, of the family causal_conv_arm, takes no local condition");
        assertThat(Cli.run("sample", DIGITS, "--global", "c.npy", "--out", "x.npy")
                        .refuses()
                        .err())
                .contains("takes no global condition");
    }

    @Test
    void foldersThatAreNotThereAreSaidBeforeTheWork() throws IOException {
        assertThat(Cli.run("sample", DIGITS, "--out", folder.resolve("none/x.npy"))
                        .fails()
                        .err())
                .contains("cannot be written: there is no folder");
        assertThat(Files.list(folder)).isEmpty();
    }

    @Test
    void theMethodIsExplained() {
        Cli.Result predictive = Cli.run(
                "sample",
                "digits",
                "--count",
                3,
                "--method",
                "predictive",
                "--explain",
                "--out",
                folder.resolve("x.npy"));
        assertThat(predictive.code()).isZero();
        assertThat(predictive.err())
                .matches("method predictive: as asked for; \\d+\\.\\d\\d passes, as much as \\d+\\.\\d\\d over all"
                        + " positions, and \\d+\\.\\d\\d ms a sample of 64"
                        + " positions\\R");
        Cli.Result auto = Cli.run(
                "sample", "digits", "--count", 3, "--method", "AUTO", "--explain", "--out", folder.resolve("x.npy"));
        assertThat(auto.err()).containsPattern("^method (cached|predictive): \\d+ pass.* steps take ");
        assertThat(Cli.run("sample", "digits", "--method", "fast", "--out", "x.npy")
                        .refuses()
                        .err())
                .contains("expected one of cached, full, predictive, jacobi, gs-jacobi, auto");
    }
}
