package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.file.ImageBytes;
import dev.gatun.file.SoundBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training and evaluation from files of images and sounds. */
class TrainDataTest {
    @TempDir
    private Path folder;

    /** One step of a small model. */
    private static Object[] step(Object data, Path model) {
        return new Object[] {
            "train",
            data,
            "--family",
            "mlp_arm",
            "--set",
            "context=3",
            "--set",
            "hidden=[4]",
            "--max-steps",
            1,
            "--out",
            model
        };
    }

    @Test
    void greyImagesMayBeMadeBlackAndWhite() throws IOException {
        Path images = Files.write(folder.resolve("x-ubyte"), ImageBytes.idx(8, 240, 60, 2, 2));
        Path model = folder.resolve("m.safetensors");

        String out = Cli.run(
                        "train",
                        images,
                        "--family",
                        "mlp_arm",
                        "--binarize",
                        "static-threshold:128",
                        "--set",
                        "context=3",
                        "--set",
                        "hidden=[4]",
                        "--epochs",
                        1,
                        "--out",
                        model)
                .ok()
                .out();
        assertThat(out)
                .contains("train 54, validation 6 examples of 4 dimensions")
                .doesNotContain("--set input=scaled");
        String evaluated = Cli.run("evaluate", model, "--data", images, "--binarize", "static-threshold:128", "--json")
                .ok()
                .out();
        assertThat(evaluated).contains("\"examples\":60", "\"dimensions\":4");
        assertThat(Cli.run("evaluate", model, "--data", images).fails().err())
                .contains("(--binarize makes grey images black and white)");
        assertThat(Cli.run("train", images, "--family", "mlp_arm", "--binarize", "dither", "--out", model)
                        .refuses()
                        .err())
                .contains("--binarize: found 'dither', expected static-threshold:T");
    }

    @Test
    void manyLevelsAreBetterScaled() throws IOException {
        Path images = Files.write(folder.resolve("x-ubyte"), ImageBytes.idx(8, 240, 60, 2, 2));
        Object[] train = step(images, folder.resolve("m.safetensors"));
        assertThat(Cli.run(train).ok().out()).contains("values enter the network as they are, 0 to 255");
        assertThat(Cli.run(with(train, "--set", "input=scaled")).ok().out()).doesNotContain("enter the network");
    }

    @Test
    void samplesOfAnotherModelMayBeLearntFromToo() throws IOException {
        Path samples = folder.resolve("more.npy");
        Cli.run("sample", "digits", "--count", 20, "--seed", 1, "--out", samples)
                .ok();
        Path model = folder.resolve("m.safetensors");
        Object[] train = step("digits", model);
        String alone = Cli.run(train).ok().out();
        int count = Integer.parseInt(
                alone.replaceAll("(?s).*train ([0-9,]+),.*", "$1").replace(",", ""));
        assertThat(Cli.run(with(train, "--also", samples, "--also", samples))
                        .ok()
                        .out())
                .contains("train " + Numbers.grouped(count + 40) + ", validation");
        Path text = Files.writeString(folder.resolve("t.txt"), "abcabcabcabcabcabcabc");
        assertThat(Cli.run(with(train, "--also", text)).fails().err()).contains("t.txt");
        assertThat(Cli.run(with(train, "--also", samples, "--bptt", 4))
                        .refuses()
                        .err())
                .contains("--also: takes neither --bptt nor --window");
    }

    private static Object[] with(Object[] args, Object... more) {
        return Stream.concat(Arrays.stream(args), Arrays.stream(more)).toArray();
    }

    @Test
    void soundsOfAnyLengthAreCutIntoPieces() throws IOException {
        Path sounds = Files.createDirectories(folder.resolve("s"));
        Files.write(sounds.resolve("a.wav"), SoundBytes.wav(1, 1, 8000, 16, new byte[2 * 50]));
        Files.write(sounds.resolve("b.wav"), SoundBytes.wav(1, 1, 8000, 16, new byte[2 * 25]));
        Path model = folder.resolve("m.safetensors");
        Object[] train = {
            "train",
            sounds,
            "--family",
            "mlp_arm",
            "--set",
            "context=3",
            "--set",
            "hidden=[4]",
            "--epochs",
            1,
            "--length",
            10,
            "--out",
            model
        };

        assertThat(Cli.run(train).ok().out()).contains("train 6, validation 1 examples of 10 dimensions");
        assertThat(Cli.run("evaluate", model, "--data", sounds, "--length", 20, "--json")
                        .ok()
                        .out())
                .contains("\"examples\":3", "\"dimensions\":20");
        assertThat(Cli.run("evaluate", model, "--data", sounds).fails().err())
                .contains("different lengths, such as 50 and 25; --length cuts them");
        assertThat(Cli.run("evaluate", model, "--data", sounds, "--length", 51)
                        .refuses()
                        .err())
                .contains("--length: found 51, expected 1..50");
        Files.write(sounds.resolve("c.wav"), new byte[3]);
        assertThat(Cli.run("evaluate", model, "--data", sounds, "--length", 20)
                        .fails()
                        .err())
                .contains("c.wav: ends");
        Cli.Result skipped = Cli.run("evaluate", model, "--data", sounds, "--length", 20, "--skip-bad", "--json");
        assertThat(skipped.code()).isZero();
        assertThat(skipped.out()).contains("\"examples\":3");
        assertThat(skipped.err()).contains("skipped: ", "skipped 1 bad files, read 2");
    }
}
