package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.Model;
import dev.gatun.SampleOptions;
import dev.gatun.Sampler;
import dev.gatun.file.Json;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompleteCommandTest {
    private static final Path DIGITS = Cli.model("causal_conv_arm-tutorial");
    private static final int HIDDEN = 0x35507a;

    @TempDir
    private Path folder;

    /** What a model draws freely, as data. */
    private Path free(Path file, int count, int seed) throws IOException {
        Path data = folder.resolve("data.npy");
        try (Model model = Model.load(file);
                Sampler sampler = model.sampler(SampleOptions.count(count).withSeed(seed))) {
            int[] example = model.config().data().exampleShape(sampler.length());
            int[] shape = new int[example.length + 1];
            shape[0] = count;
            System.arraycopy(example, 0, shape, 1, example.length);
            Npy.write(data, NpyArray.ofInts(shape, sampler.draw().levels()));
        }
        return data;
    }

    @ParameterizedTest
    @ValueSource(strings = {"top:3", "left:2", "mask"})
    void whatIsGivenIsKept(String given) throws IOException {
        Path model = Cli.model("pixelcnn-rgb");
        Path data = free(model, 3, 5);
        NpyArray all = Npy.read(data);
        int height = all.shape()[2];
        int width = all.shape()[3];
        int[] mask = new int[3 * height * width];
        for (int i = 0; i < mask.length; i++) {
            int row = i % (height * width) / width;
            boolean known = given.equals("top:3") ? row < 3 : given.equals("left:2") ? i % width < 2 : i % 5 < 2;
            mask[i] = known ? 1 : 0;
        }
        Path file = folder.resolve("mask.npy");
        Npy.write(file, NpyArray.ofInts(new int[] {3, height, width}, mask));
        Path out = folder.resolve("completed.npy");

        for (String method : new String[] {"cached", "full"}) {
            Cli.run(
                            "complete",
                            model,
                            "--data",
                            data,
                            "--given",
                            given.equals("mask") ? file : given,
                            "--count",
                            4,
                            "--first",
                            1,
                            "--method",
                            method,
                            "--out",
                            out)
                    .ok();

            NpyArray completed = Npy.read(out);
            assertThat(completed.shape()).containsExactly(2, 4, 3, height, width);
            int changed = 0;
            for (int i = 0; i < completed.count(); i++) {
                int value = i % mask.length;
                int original = all.ints()[(1 + i / mask.length / 4) * mask.length + value];
                if (mask[value] == 1) {
                    assertThat(completed.ints()[i]).isEqualTo(original);
                } else if (completed.ints()[i] != original) {
                    changed++;
                }
            }
            assertThat(changed).isPositive();
        }
    }

    @Test
    void picturesShowOriginalOccludedAndCompletions() throws IOException {
        Path data = free(DIGITS, 2, 1);
        Path png = folder.resolve("grid.png");
        Path npy = folder.resolve("completed.npy");
        Object[] args = {
            "complete",
            DIGITS,
            "--data",
            data,
            "--given",
            "top:3",
            "--count",
            2,
            "--seed",
            9,
            "--out",
            png,
            "--scale",
            2,
            "--border",
            1
        };

        assertThat(Cli.run(args).ok().out()).isEmpty();
        Cli.run("complete", DIGITS, "--data", data, "--given", "top:3", "--count", 2, "--seed", 9, "--out", npy)
                .ok();

        int[] originals = Npy.read(data).ints();
        int[] completions = Npy.read(npy).ints();
        BufferedImage image = ImageIO.read(png.toFile());
        assertThat(image.getWidth()).isEqualTo(4 * (8 * 2 + 1) + 1);
        assertThat(image.getHeight()).isEqualTo(2 * (8 * 2 + 1) + 1);
        for (int n = 0; n < 2; n++) {
            for (int pixel = 0; pixel < 64; pixel++) {
                int original = grey(originals[n * 64 + pixel]);
                assertThat(at(image, 0, n, pixel)).isEqualTo(original);
                assertThat(at(image, 1, n, pixel)).isEqualTo(pixel < 24 ? original : HIDDEN);
                for (int k = 0; k < 2; k++) {
                    assertThat(at(image, 2 + k, n, pixel)).isEqualTo(grey(completions[(n * 2 + k) * 64 + pixel]));
                }
            }
        }
    }

    private static int grey(int level) {
        return Math.round(level * 255 / 16f) * 0x010101;
    }

    private static int at(BufferedImage image, int column, int row, int pixel) {
        return image.getRGB(1 + column * 17 + pixel % 8 * 2 + 1, 1 + row * 17 + pixel / 8 * 2 + 1) & 0xffffff;
    }

    @Test
    void conditionsBelongToExamples() throws IOException {
        Path model = Cli.model("gated_pixelcnn-class-rgb");
        Path data = new GoldenData("gated_pixelcnn-class-rgb").data(folder);
        Path out = folder.resolve("completed.npy");
        Object[] args = {"complete", model, "--data", data, "--given", "top:1", "--count", 3, "--out", out};

        assertThat(Cli.run(args).refuses().err()).contains("--condition: is needed");
        Cli.run("complete", model, "--data", data, "--given", "top:1", "--count", 3, "--out", out, "--class", "0,1")
                .ok();
        int[] both = Npy.read(out).ints();
        Cli.run("complete", model, "--data", data, "--given", "top:1", "--count", 3, "--out", out, "--class", "0")
                .ok();
        int[] zero = Npy.read(out).ints();
        int example = both.length / Npy.read(data).shape()[0];
        assertThat(java.util.Arrays.copyOf(both, example)).isEqualTo(java.util.Arrays.copyOf(zero, example));
        assertThat(java.util.Arrays.copyOfRange(both, example, 2 * example))
                .isNotEqualTo(java.util.Arrays.copyOfRange(zero, example, 2 * example));
    }

    @Test
    void jsonSaysWhatWasDone() throws IOException {
        Cli.Result result = Cli.run(
                "complete",
                "digits",
                "--data",
                "digits",
                "--given",
                "left:3",
                "--images",
                5,
                "--out",
                folder.resolve("x.png"),
                "--json");

        Map<?, ?> values = (Map<?, ?>) Json.parse(result.ok().out());
        assertThat(values.get("examples")).isEqualTo(5L);
        assertThat(values.get("completions")).isEqualTo(4L);
        assertThat(values.get("given")).isEqualTo(24L);
        assertThat(values.get("drawn")).isEqualTo(40L);
        assertThat(values.get("seconds")).isInstanceOf(Double.class);
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException {
        Path out = folder.resolve("x.png");
        assertThat(complete("top:8", out).refuses().err())
                .contains("--given: found '8' rows in 'top:8', expected 1..7");
        assertThat(complete("left:0", out).refuses().err()).contains("found '0' columns in 'left:0', expected 1..7");
        assertThat(complete("half", out).refuses().err())
                .contains("--given: found 'half', expected top:ROWS, left:COLUMNS, first:VALUES or a .npy file");
        assertThat(complete("top:2", folder.resolve("x.gif")).refuses().err())
                .contains("expected a file that ends in .png or .npy");
        assertThat(complete("top:2", out, "--first", 9999).refuses().err())
                .contains("--first: found 9999, expected 0..");
        assertThat(complete("top:2", out, "--count", 0).refuses().err()).contains("--count: found 0");
        assertThat(complete("top:2", out, "--temperature", -1).refuses().err()).contains("--temperature: found -1.0");
        assertThat(complete("top:2", folder.resolve("x.npy"), "--scale", 2)
                        .refuses()
                        .err())
                .contains("--scale: is for .png files");
        Path mask = folder.resolve("mask.npy");
        Npy.write(mask, NpyArray.ofInts(new int[] {8, 8}, new int[64]));
        assertThat(complete(mask.toString(), out).fails().err())
                .contains(mask + ": found the shape [8, 8], expected [64], 1 where a value is known");
        int[] marks = new int[64];
        marks[7] = 2;
        Npy.write(mask, NpyArray.ofInts(new int[] {64}, marks));
        assertThat(complete(mask.toString(), out).fails().err())
                .contains("found 2 as value number 7, expected 1 where known, else 0");
        assertThat(Files.exists(out)).isFalse();
    }

    private static Cli.Result complete(String given, Path out, Object... more) {
        Object[] args = {"complete", "digits", "--data", "digits", "--given", given, "--out", out};
        return Cli.run(java.util.stream.Stream.of(args, more)
                .flatMap(java.util.stream.Stream::of)
                .toArray());
    }
}
