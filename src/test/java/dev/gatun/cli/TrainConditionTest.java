package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import dev.gatun.file.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training, evaluation and sampling under conditions. */
class TrainConditionTest {
    private static final int LENGTH = 8;
    private static final int COUNT = 120;

    @TempDir
    private Path folder;

    private Cli.Result train(Object data, Path out, Object... args) {
        Object[] model = {
            "train",
            data,
            "--out",
            out,
            "--threads",
            1,
            "--family",
            "wavenet",
            "--set",
            "residual_channels=6",
            "--set",
            "dilation_channels=6",
            "--set",
            "skip_channels=6",
            "--set",
            "head_channels=6",
            "--set",
            "kernel_size=2",
            "--set",
            "dilations=[1]",
            "--set",
            "input=unit",
            "--learning-rate",
            "0.02"
        };
        return Cli.run(Stream.of(model, args).flatMap(Stream::of).toArray());
    }

    private static Object[] with(Object[] args, Object... more) {
        return Stream.of(args, more).flatMap(Stream::of).toArray();
    }

    /** Sequences whose every level is their class: nothing to know but that. */
    private Path sequences() throws IOException {
        int[] levels = new int[COUNT * LENGTH];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = label(i / LENGTH);
        }
        return array("x.npy", NpyArray.ofInts(new int[] {COUNT, LENGTH}, levels));
    }

    private static int label(int example) {
        return example * 7 % 3;
    }

    private static NpyArray labels() {
        int[] labels = new int[COUNT];
        for (int n = 0; n < COUNT; n++) {
            labels[n] = label(n);
        }
        return NpyArray.ofInts(new int[] {COUNT}, labels);
    }

    private Path array(String name, NpyArray array) throws IOException {
        Path file = folder.resolve(name);
        Npy.write(file, array);
        return file;
    }

    private static final Object[] BY_CLASS = {
        "--set",
        "data={\"kind\":\"sequence\",\"length\":8,\"levels\":3}",
        "--set",
        "global_condition={\"classes\":3,\"channels\":2}"
    };

    @Test
    void aModelLearnsWhatItsClassSays() throws IOException {
        Path data = sequences();
        Path classes = array("y.npy", labels());
        Path out = folder.resolve("m.safetensors");

        train(data, out, with(BY_CLASS, "--global", classes, "--epochs", 40)).ok();

        String said = Cli.run("evaluate", out, "--data", data, "--global", classes, "--json")
                .ok()
                .out();
        double nats = Double.parseDouble(said.replaceAll("(?s).*\"nats\":([0-9.eE-]+).*", "$1"));
        assertThat(nats).isLessThan(LENGTH * Math.log(3) / 4);
        Path drawn = folder.resolve("s.npy");
        Cli.run("sample", out, "--count", 4, "--class", "2,0", "--mode", "--out", drawn)
                .ok();
        assertThat(Npy.read(drawn).ints()).startsWith(2, 2, 2).endsWith(0, 0, 0);
    }

    @Test
    void aResumedRunNeedsTheSameCondition() throws IOException {
        Path data = sequences();
        Path classes = array("y.npy", labels());
        Path out = folder.resolve("m.safetensors");
        Path whole = folder.resolve("whole.safetensors");

        train(data, whole, with(BY_CLASS, "--global", classes, "--epochs", 3)).ok();
        train(data, out, with(BY_CLASS, "--global", classes, "--epochs", 3, "--max-steps", 3))
                .ok();
        train(data, out, with(BY_CLASS, "--global", classes, "--epochs", 3, "--resume"))
                .ok();

        assertThat(Files.mismatch(whole, out)).isEqualTo(-1);
        Path other = array("z.npy", NpyArray.ofInts(new int[] {COUNT}, new int[COUNT]));
        assertThat(train(data, out, with(BY_CLASS, "--global", other, "--epochs", 3, "--resume"))
                        .fails()
                        .err())
                .contains("cannot be resumed with another identity training data");
    }

    @Test
    void labelsComeWithTheData() {
        Path out = folder.resolve("m.safetensors");
        Object[] options = {"--set", "global_condition={\"classes\":10,\"channels\":2}", "--epochs", 1};

        assertThat(train("digits", out, with(options, "--global", "labels"))
                        .ok()
                        .out())
                .containsPattern("test: \\d+\\.\\d{3} nats");
        assertThat(train("digits", out, options).refuses().err())
                .contains("--global: is needed, for the model has a global condition");
        assertThat(train(
                                "digits",
                                out,
                                "--set",
                                "global_condition={\"classes\":9,\"channels\":2}",
                                "--global",
                                "labels")
                        .refuses()
                        .err())
                .contains("--global: found class 9, expected 0..8");
        assertThat(train("digits", out, "--class", 1).refuses().err())
                .contains("--class: this model, of the family wavenet, takes no class");
    }

    @Test
    void filesHaveAnArrayForEachPart() throws IOException {
        Path data = folder.resolve("data.npz");
        SequencedMap<String, NpyArray> arrays = new LinkedHashMap<>();
        SequencedMap<String, NpyArray> frames = new LinkedHashMap<>();
        for (String split : List.of("train", "valid", "test")) {
            int count = split.equals("train") ? 30 : 10;
            arrays.put(split, NpyArray.ofInts(new int[] {count, LENGTH}, new int[count * LENGTH]));
            arrays.put(split + "_labels", NpyArray.ofInts(new int[] {count}, new int[count]));
            frames.put(split, NpyArray.ofFloats(new int[] {count, 1, 2}, new float[count * 2]));
        }
        Npz.write(data, arrays);
        Path local = folder.resolve("local.npz");
        Npz.write(local, frames);
        Path out = folder.resolve("m.safetensors");
        Object[] both =
                with(BY_CLASS, "--set", "local_condition={\"channels\":1,\"hop\":4}", "--epochs", 1, "--local", local);

        train(data, out, with(both, "--global", "labels")).ok();

        assertThat(train(data, out, with(both, "--global", array("y.npy", labels())))
                        .fails()
                        .err())
                .contains("y.npy: found the shape [120], expected [30 (or 1)]");
        frames.remove("valid");
        Npz.write(local, frames);
        assertThat(train(data, out, with(both, "--global", "labels")).fails().err())
                .contains("local.npz: has no array 'valid' for that part of the data; there are [test, train]");
        assertThat(train(sequences(), out, with(BY_CLASS, "--global", "labels"))
                        .refuses()
                        .err())
                .contains("--global: found \"labels\", but ", "x.npy has none");
    }
}
