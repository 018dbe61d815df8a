package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on a model with a local and a global condition. */
class ConditionTest {
    private static final Path MODEL = Cli.model("wavenet-conditions");
    private static final GoldenData GOLDEN = new GoldenData("wavenet-conditions");

    @TempDir
    private Path folder;

    private Path local;
    private Path global;
    private Path out;

    @BeforeEach
    void writeConditions() throws IOException {
        local = write("local.npy", GOLDEN.array("condition.local"));
        global = write("global.npy", GOLDEN.array("condition.global"));
        out = folder.resolve("out.npy");
    }

    private Path write(String name, NpyArray array) throws IOException {
        Path file = folder.resolve(name);
        Npy.write(file, array);
        return file;
    }

    private Cli.Result run(Object... args) {
        return Cli.run(args);
    }

    private static Object[] with(Object[] args, Object... more) {
        return Stream.of(args, more).flatMap(Stream::of).toArray();
    }

    @Test
    void samplesAreTheGoldenOnes() throws IOException {
        NpyArray expected = GOLDEN.array("samples");
        int count = expected.shape()[0];
        Object[] args = {
            "sample",
            MODEL,
            "--count",
            count,
            "--length",
            expected.shape()[1],
            "--seed",
            GOLDEN.metadata("seed"),
            "--temperature",
            GOLDEN.metadata("temperature"),
            "--out",
            out
        };
        Path someLocal = rows(GOLDEN.array("condition.local"), count, "some-local.npy");
        Path someGlobal = rows(GOLDEN.array("condition.global"), count, "some-global.npy");

        for (String method : new String[] {"cached", "full"}) {
            run(with(args, "--local", someLocal, "--global", someGlobal, "--method", method))
                    .ok();

            assertThat(Npy.read(out).longs()).isEqualTo(expected.longs());
        }
    }

    /** The first rows of an array. */
    private Path rows(NpyArray array, int count, String name) throws IOException {
        int[] shape = array.shape();
        int size = array.count() / shape[0] * count;
        shape[0] = count;
        return write(
                name,
                array.type() == NpyArray.DType.I64
                        ? NpyArray.ofLongs(shape, Arrays.copyOf(array.longs(), size))
                        : NpyArray.ofFloats(shape, Arrays.copyOf(array.floats(), size)));
    }

    @Test
    void oneRowIsTakenForAll() throws IOException {
        Path one = rows(GOLDEN.array("condition.local"), 1, "one-local.npy");
        Path label = rows(GOLDEN.array("condition.global"), 1, "one-global.npy");
        Object[] args = {"sample", MODEL, "--length", 5, "--local", one, "--global", label, "--out", out};

        run(with(args, "--count", 3)).ok();
        int[] three = Npy.read(out).ints();
        run(with(args, "--count", 1)).ok();

        assertThat(Npy.read(out).ints()).isEqualTo(Arrays.copyOf(three, 5));
    }

    @Test
    void outputsAndLikelihoodsAreTheGoldenOnes() throws IOException {
        Path data = GOLDEN.data(folder);

        run("evaluate", MODEL, "--data", data, "--local", local, "--global", global, "--batch", 1, "--per-example", out)
                .ok();
        assertClose(Npy.read(out), GOLDEN.array("nats"));

        run("outputs", MODEL, "--data", data, "--local", local, "--global", global, "--out", out)
                .ok();
        assertThat(Npy.read(out).shape()).isEqualTo(GOLDEN.array("outputs").shape());
        assertClose(Npy.read(out), GOLDEN.array("outputs"));
    }

    private static void assertClose(NpyArray found, NpyArray expected) {
        float[] floats = expected.floats();
        for (int i = 0; i < floats.length; i++) {
            assertThat(found.floats()[i]).isCloseTo(floats[i], within(1e-5f * Math.max(1, Math.abs(floats[i]))));
        }
    }

    @Test
    void missingAndWrongConditionsAreNamed() throws IOException {
        Object[] sample = {"sample", MODEL, "--count", 2, "--length", 5, "--out", out};
        assertThat(run(with(sample, "--global", global)).refuses().err())
                .contains("--local: is needed, for the model has a local condition");
        assertThat(run(with(sample, "--local", local)).refuses().err())
                .contains("--global: is needed, for the model has a global condition");
        assertThat(run(with(sample, "--local", local, "--global", global, "--condition", global))
                        .refuses()
                        .err())
                .contains("--condition: this model, of the family wavenet, takes no condition");

        Path five = write("five.npy", NpyArray.ofInts(new int[] {5}, new int[5]));
        assertThat(run(with(sample, "--local", local, "--global", five)).fails().err())
                .contains(five + ": found the shape [5], expected [2 (or 1)]");
        Path high = write("high.npy", NpyArray.ofInts(new int[] {2}, new int[] {0, 99}));
        assertThat(run(with(sample, "--local", local, "--global", high)).fails().err())
                .contains(high + ": found 99 at [1], expected a class, 0..");
        Path flat = write("flat.npy", NpyArray.ofFloats(new int[] {2, 1}, new float[2]));
        Path two = write("two.npy", NpyArray.ofInts(new int[] {2}, new int[2]));
        assertThat(run(with(sample, "--local", flat, "--global", two)).fails().err())
                .contains(flat + ": found the shape [2, 1], expected [2 (or 1), ", ", at least ");
        assertThat(run(
                                "evaluate",
                                MODEL,
                                "--data",
                                GOLDEN.data(folder),
                                "--length",
                                2,
                                "--local",
                                local,
                                "--global",
                                two)
                        .refuses()
                        .err())
                .contains("--length: the pieces of an example have no frames of their own");
    }
}
