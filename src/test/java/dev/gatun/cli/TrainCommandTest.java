package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.Model;
import dev.gatun.family.DataSpec;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainCommandTest {
    @TempDir
    private Path folder;

    private Cli.Result train(String data, Path out, Object... args) {
        return Cli.run(Stream.of(new Object[] {"train", data, "--out", out, "--threads", 1}, args)
                .flatMap(Stream::of)
                .toArray());
    }

    /** A model of the digits that trains in no time. */
    private Cli.Result small(Path out, Object... args) {
        return train(
                "digits",
                out,
                Stream.of(new Object[] {"--set", "channels=[4,4,4]", "--set", "kernel_size=3"}, args)
                        .flatMap(Stream::of)
                        .toArray());
    }

    @Test
    void resumedRunsReachTheSameBits() throws IOException {
        Path whole = folder.resolve("whole.safetensors");
        Path parts = folder.resolve("parts.safetensors");
        Path wholeLog = folder.resolve("whole.csv");
        Path partsLog = folder.resolve("parts.csv");

        String said = small(whole, "--epochs", 3, "--log", wholeLog).ok().out();
        small(parts, "--epochs", 3, "--max-steps", 20, "--log", partsLog).ok();
        assertThat(parts).exists();
        Cli.Result rest =
                small(parts, "--epochs", 3, "--log", partsLog, "--resume").ok();

        assertThat(rest.out()).contains("resumed after 1 epochs, 20 steps");
        assertThat(Files.mismatch(whole, parts)).isEqualTo(-1);
        assertThat(said)
                .contains(
                        "causal_conv_arm: ",
                        "digits: train 1,000, validation 350, test 447 examples of 64 dimensions",
                        "all epochs made, after 3 epochs, 48 steps",
                        "saved: " + whole)
                .containsPattern("test: \\d+\\.\\d{3} nats, \\d\\.\\d{4} bits per dimension");
        assertThat(Files.readAllLines(wholeLog)).hasSize(4);
        assertThat(columns(partsLog)).isEqualTo(columns(wholeLog));
        try (Model model = Model.load(whole)) {
            assertThat(model.config().data()).isEqualTo(new DataSpec.Sequence(64, 17));
        }
        assertThat(Cli.run("evaluate", whole, "--data", "digits").ok().out())
                .contains(said.lines()
                        .filter(line -> line.startsWith("test: "))
                        .findFirst()
                        .orElseThrow()
                        .substring(6));
    }

    @Test
    void samplesAndAPageAreWrittenAfterEachEpoch() throws IOException {
        Path model = folder.resolve("m.safetensors");
        Path samples = folder.resolve("samples.png");
        Path page = folder.resolve("page.html");
        Path drawn = folder.resolve("drawn.png");
        String[] ema = {"--ema", "0.9"};

        small(
                        model,
                        "--epochs",
                        1,
                        "--samples",
                        samples,
                        "--page",
                        page,
                        "--seed",
                        3,
                        ema[0],
                        ema[1],
                        "--validation",
                        0)
                .ok();

        Cli.run("sample", model, "--count", 64, "--seed", 3, "--out", drawn).ok();
        assertThat(samples).as("of the averaged weights").hasSameBinaryContentAs(drawn);
        String first = Files.readString(page);
        assertThat(first).contains("causal_conv_arm on digits", "Samples after epoch 1", "data:image/png;base64,");
        small(
                        model,
                        "--epochs",
                        2,
                        "--samples",
                        samples,
                        "--page",
                        page,
                        "--seed",
                        3,
                        ema[0],
                        ema[1],
                        "--validation",
                        0,
                        "--resume")
                .ok();
        Cli.run("sample", model, "--count", 64, "--seed", 3, "--out", drawn).ok();
        assertThat(samples).hasSameBinaryContentAs(drawn);
        assertThat(Files.readString(page))
                .contains("Samples after epoch 2")
                .contains(first.lines()
                        .filter(line -> line.startsWith("1,"))
                        .findFirst()
                        .orElseThrow());
    }

    @Test
    void whatCannotBeShownIsRefusedBeforeTraining() {
        Path model = folder.resolve("m.safetensors");
        assertThat(small(model, "--samples", folder.resolve("s.npy")).refuses().err())
                .contains("--samples: found", "expected a file that ends in .png");
        assertThat(small(model, "--page", folder.resolve("p.pdf")).refuses().err())
                .contains("--page: found", "expected a file that ends in .html");
        assertThat(small(model, "--page", folder.resolve("none/p.html")).fails().err())
                .contains("there is no folder");
        assertThat(model).doesNotExist();
    }

    /** All of a log that does not depend on the clock. */
    private static List<String> columns(Path log) throws IOException {
        return Files.readAllLines(log).stream()
                .map(line -> String.join(",", List.of(line.split(",")).subList(0, 7)))
                .toList();
    }

    @Test
    void seedsAndOptionsMatter() throws IOException {
        Path one = folder.resolve("one.safetensors");
        Path other = folder.resolve("other.safetensors");
        small(one, "--epochs", 1).ok();
        for (String options : List.of(
                "--seed 1",
                "--batch 50",
                "--learning-rate 0.002",
                "--optimizer sgd --momentum 0.9 --nesterov",
                "--optimizer rmsprop --alpha 0.9",
                "--optimizer adam --weight-decay 0.1 --decoupled",
                "--schedule cosine --schedule-unit steps --schedule-total 16",
                "--schedule step --schedule-every 4 --schedule-unit steps",
                "--gradient-clip 0.1",
                "--warmup 5",
                "--average-from 1",
                "--ema 0.9")) {
            small(
                            other,
                            Stream.concat(Stream.of("--epochs", "1"), Stream.of(options.split(" ")))
                                    .toArray())
                    .ok();

            assertThat(Files.mismatch(one, other)).as(options).isNotEqualTo(-1);
        }
        small(other, "--epochs", 1, "--seed", "0x0").ok();
        assertThat(Files.mismatch(one, other)).isEqualTo(-1);
    }

    @Test
    void configurationsComeFromFilesAndKeys() throws IOException {
        Path config = Files.writeString(
                folder.resolve("config.json"),
                "{\"architecture\": \"mlp_arm\", \"context\": 2, \"hidden\": [3], \"activation\": \"tanh\"}");
        Path out = folder.resolve("m.safetensors");

        train("digits", out, "--config", config, "--set", "hidden=[5]", "--set", "input=one_hot", "--epochs", 1)
                .ok();

        try (Model model = Model.load(out)) {
            assertThat(model.config().architecture()).isEqualTo("mlp_arm");
            assertThat(model.config().integers("hidden")).containsExactly(5);
            assertThat(model.config().word("activation")).isEqualTo("tanh");
            assertThat(model.config().encoded()).isEqualTo(17);
            assertThat(model.config().data()).isEqualTo(new DataSpec.Sequence(64, 17));
        }
        assertThat(train("digits", out, "--config", config, "--family", "markov")
                        .refuses()
                        .err())
                .contains("--family: found markov, but the configuration has the architecture mlp_arm");
        Files.writeString(config, "{\"context\": 2,");
        assertThat(train("digits", out, "--config", config).fails().err()).contains("config.json: not JSON");
        Files.writeString(config, "[]");
        assertThat(train("digits", out, "--config", config).fails().err()).contains("found no JSON object");
    }

    private Path series(int count, int length) throws IOException {
        Path file = folder.resolve("series.npy");
        float[] values = new float[count * length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i);
        }
        Npy.write(file, NpyArray.ofFloats(new int[] {count, length}, values));
        return file;
    }

    @Test
    void filesWithoutSplitsAreDivided() throws IOException {
        Path out = folder.resolve("m.safetensors");
        String data = series(20, 6).toString();
        Object[] model = {
            "--family", "linear_ar", "--set", "order=2", "--set", "data={\"kind\":\"series\"}", "--epochs", 2
        };

        assertThat(train(data, out, model).ok().out())
                .contains("train 18, validation 2 examples of 6 dimensions")
                .contains("validation: the last 2 of 20 examples (--validation chooses others)");
        assertThat(train(data, out, with(model, "--validation", 0.25)).ok().out())
                .contains("train 15, validation 5 examples", "validation: the last 5 of 20 examples\n");
        assertThat(train(data, out, with(model, "--validation", 0)).ok().out())
                .contains("train 20 examples", "validation: none\n")
                .doesNotContain("the best");
        assertThat(train(data, out, with(model, "--validation", data)).ok().out())
                .contains("train 20, validation 20 examples", "validation: the 20 examples of " + data);
        assertThat(train(data, out, with(model, "--length", 3)).ok().out())
                .contains("train 36, validation 4 examples of 3");
        assertThat(train(data, out, with(model, "--validation", 1.5)).refuses().err())
                .contains("--validation: found 1.5, expected a fraction of 0 to below 1, or a file");
        assertThat(train(data, out, with(model, "--validation", "none.npy"))
                        .fails()
                        .err())
                .contains("none.npy: no such file");
        assertThat(train(data, out, with(model, "--validation", 0, "--patience", 3))
                        .refuses()
                        .err())
                .contains("--patience: found 3 without validation examples, expected 0");
    }

    private static Object[] with(Object[] args, Object... more) {
        return Stream.of(args, more).flatMap(Stream::of).toArray();
    }

    @Test
    void oneExampleIsNotDivided() throws IOException {
        Path out = folder.resolve("m.safetensors");
        String data = series(1, 30).toString();
        Object[] model = {"--family", "linear_ar", "--set", "order=2", "--set", "data.kind=series", "--epochs", 2};

        assertThat(train(data, out, model).ok().out()).contains("validation: none: there is only one example");
        assertThat(train(data, out, with(model, "--validation", 0.5)).refuses().err())
                .contains("--validation: one example cannot be divided");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--optimizer adam --momentum 0.9 | --momentum: is none of the settings of adam",
                "--alpha 0.9 | --alpha: is none of the settings of adamax, which are --learning-rate, --weight-decay,"
                        + " --beta1",
                "--optimizer sgd --nesterov | nesterov: found a momentum of 0",
                "--optimizer lion | --optimizer",
                "--products gpu | found 'gpu', expected one of own, onednn, onednn-always, tf32, bf16",
                "--products onednn --device cuda | --products: found onednn beside --device cuda, expected own",
                "--products tf32 | --products: found tf32 beside --device cpu, expected own, onednn, onednn-always:"
                        + " tensor cores are a CUDA device's",
                "--learning-rate 0 | learning rate: found 0.0",
                "--schedule-gamma 0.5 | --schedule-gamma: is no setting of the schedule constant, which has none",
                "--schedule step | --schedule-every: is needed by the schedule step",
                "--schedule exponential | --schedule-gamma: is needed by the schedule exponential",
                "--batch 0 | batch size: found 0",
                "--epochs 0 | epochs: found 0",
                "--ema 1 | ema decay: found 1.0",
                "--set channels | --set: found 'channels', expected key=value",
                "--set chanels=[4] | chanels: unknown key",
                "--set channels=[4,4] | dilations: found 4 values",
                "--set data.levels=17 --set data.length=0 | data.length: found 0",
                "--set input.kind=x --set input=raw --set kernel_size=0 | kernel_size: found 0",
                "--family markow | architecture: found \"markow\"",
                "--family mlp_arm | context: missing, expected",
                "--length 8 | --length: data of kind \"sequence\" have a length of their own",
            })
    void optionsThatDoNotFitAreRefused(String options, String message) throws IOException {
        Path out = folder.resolve("m.safetensors");

        Cli.Result result = train("digits", out, (Object[]) options.split(" "));

        assertThat(result.refuses().err()).contains(message);
        assertThat(Files.list(folder)).isEmpty();
    }

    @Test
    void filesDoNotSayWhatTheyHold() throws IOException {
        Path out = folder.resolve("m.safetensors");
        String data = series(4, 6).toString();
        assertThat(train(data, out).refuses().err()).contains("--family: is needed, one of [markov,");
        assertThat(train(data, out, "--family", "markov").refuses().err())
                .contains(
                        "data: missing, and " + data + " does not say it itself", "--set 'data={\"kind\":\"sequence\"");
        assertThat(train("none.npy", out).fails().err()).contains("none.npy: no such file");
        assertThat(train("digits", folder.resolve("none/m.safetensors")).fails().err())
                .contains("there is no folder");
        assertThat(train("digits", out, "--log", folder.resolve("none/log.csv"))
                        .fails()
                        .err())
                .contains("log.csv: cannot be written: there is no folder");
    }

    private Path write(String json) {
        try {
            return Files.writeString(folder.resolve("config.json"), json);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** The build has oneDNN or not: then this says what would bring it. */
    @Test
    void productsAreOnednnsWhereItIsBuiltIn() throws IOException {
        Path whole = folder.resolve("whole.safetensors");
        Path parts = folder.resolve("parts.safetensors");
        Cli.Result result = small(whole, "--epochs", 2, "--products", "onednn-always", "--verbose");
        if (getClass().getResource("/META-INF/native/linux-x86_64/libgatun_dnnl.so") == null) {
            assertThat(result.code()).isEqualTo(1);
            assertThat(result.err()).contains("libgatun_dnnl.so", "mvn -Pdnnl package");
            assertThat(whole).doesNotExist();
            return;
        }
        assertThat(result.code()).isZero();
        assertThat(result.err()).contains("products: product n=", "products: gradient n=", "the first that takes it");
        small(parts, "--epochs", 2, "--products", "onednn-always", "--max-steps", 20)
                .ok();
        small(parts, "--epochs", 2, "--products", "onednn-always", "--resume").ok();
        assertThat(Files.mismatch(whole, parts)).isEqualTo(-1);
    }

    @Test
    void thereMustBeSomethingToResume() {
        Path out = folder.resolve("m.safetensors");

        Cli.Result result = small(out, "--resume", "--epochs", 1);

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("m.safetensors.state: there is no training state to resume from");
        assertThat(out).doesNotExist();
        small(out, "--epochs", 1).ok();
        assertThat(small(out, "--resume", "--epochs", 2, "--seed", 7).err())
                .contains("cannot be resumed with another option seed");
    }

    @Test
    void numbersThatAreNotFiniteEndTraining() {
        Path out = folder.resolve("m.safetensors");

        Cli.Result result = small(out, "--optimizer", "sgd", "--learning-rate", "1e30", "--epochs", 3);

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err().lines()).hasSize(1);
        assertThat(result.err()).contains("training stops", "m.safetensors.state keeps the state after step 0");
    }

    @Test
    void signalsSaveAndEnd() throws IOException, InterruptedException {
        Path out = folder.resolve("m.safetensors");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "train",
                        "digits",
                        "--set",
                        "channels=[4,4,4]",
                        "--patience",
                        "0",
                        "--epochs",
                        "1000000",
                        "--threads",
                        "1",
                        "--out",
                        out.toString())
                .redirectError(folder.resolve("err.txt").toFile())
                .start();
        try (BufferedReader lines = process.inputReader()) {
            String line = lines.readLine();
            while (line != null && !line.startsWith("epoch 2")) {
                line = lines.readLine();
            }
            assertThat(line).as(Files.readString(folder.resolve("err.txt"))).isNotNull();
            process.toHandle().destroy(); // SIGTERM, which is handled as Ctrl-C is
            while (line != null) {
                assertThat(line).doesNotStartWith("saved:");
                line = lines.readLine();
            }
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }

        assertThat(process.exitValue()).isEqualTo(128 + 15);
        assertThat(Files.readString(folder.resolve("err.txt")))
                .containsPattern("^gatun train: interrupted after \\d+ epochs, \\d+ steps; saved, the same command with"
                        + " --resume");
        try (Model model = Model.load(out)) {
            assertThat(model.parameterCount()).isPositive();
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("err.txt", "m.safetensors", "m.safetensors.state");
        }
    }
}
