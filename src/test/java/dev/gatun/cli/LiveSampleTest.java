package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Samples that are heard and read while they are drawn, and samples that begin with something known. */
class LiveSampleTest {
    private static final Path TEXT = Cli.model("markov-text");
    private static final Path AUDIO = Cli.model("mlp_arm-mixture");
    private static final Path DIGITS = Cli.model("causal_conv_arm-tutorial");

    @TempDir
    private Path folder;

    /** What goes to standard output. */
    private static byte[] bytes(Object... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] texts = Arrays.stream(args).map(String::valueOf).toArray(String[]::new);
        int code = Main.run(texts, new PrintStream(out, true), new PrintStream(err, true, StandardCharsets.UTF_8));
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(code).isZero();
        return out.toByteArray();
    }

    private byte[] file(String name, Object... args) throws IOException {
        Path out = folder.resolve(name);
        Cli.run(Stream.concat(Arrays.stream(args), Stream.of("--out", out)).toArray())
                .ok();
        return Files.readAllBytes(out);
    }

    @Test
    void soundsAreTheSameAsInAFile() throws IOException {
        Object[] args = {"sample", AUDIO, "--seconds", 0.01, "--seed", 3};
        byte[] file = file("whole.wav", args);

        assertThat(file).hasSize(44 + 2 * 160);
        assertThat(bytes("sample", AUDIO, "--length", 160, "--seed", 3, "--out", "-"))
                .isEqualTo(file);
        assertThat(bytes("sample", AUDIO, "--seconds", 0.01, "--seed", 3, "--out", "-", "--method", "full"))
                .isEqualTo(file);
    }

    @Test
    void soundsGoOnFromTheirBeginning() throws IOException {
        // Levels that are exact in 16 bits, so that a sound is read back as it was drawn.
        byte[] whole = file("whole.wav", "sample", AUDIO, "--length", 100, "--seed", 3);
        file("begin.wav", "sample", AUDIO, "--length", 40, "--seed", 3);
        Path begin = folder.resolve("begin.wav");
        NpyArray levels = npy("sample", AUDIO, "--length", 100, "--seed", 3);

        assertThat(npy("sample", AUDIO, "--length", 60, "--seed", 3, "--prime", begin))
                .isEqualTo(levels);
        assertThat(file("primed.wav", "sample", AUDIO, "--length", 60, "--seed", 3, "--prime", begin))
                .isEqualTo(whole);
        assertThat(bytes("sample", AUDIO, "--length", 60, "--seed", 3, "--prime", begin, "--out", "-"))
                .isEqualTo(whole);
    }

    private NpyArray npy(Object... args) throws IOException {
        file("samples.npy", args);
        return Npy.read(folder.resolve("samples.npy"));
    }

    @Test
    void textsGoOnFromTheirBeginning() throws IOException {
        String whole = Cli.run("sample", TEXT, "--length", 30, "--seed", 5, "--count", 3)
                .ok()
                .out();
        List<String> texts = Stream.of(0, 1, 2)
                .map(i -> whole.substring(31 * i, 31 * i + 30))
                .toList();
        String begin = texts.getFirst().substring(0, 12);
        Path file = Files.writeString(folder.resolve("begin.txt"), begin);

        for (Object[] prime : new Object[][] {{"--prime", file}, {"--prime-text", begin}}) {
            Object[] args = {"sample", TEXT, "--length", 18, "--seed", 5, prime[0], prime[1]};
            assertThat(Cli.run(args).ok().out()).isEqualTo(texts.getFirst() + System.lineSeparator());
            assertThat(new String(file("text.txt", args), StandardCharsets.UTF_8))
                    .isEqualTo(texts.getFirst());
            Object[] two = Stream.concat(Arrays.stream(args), Stream.of("--count", "2"))
                    .toArray();
            String second = Cli.run(two).ok().out();
            assertThat(second).startsWith(texts.getFirst() + "\n" + begin).hasSize(2 * 31);
        }
    }

    @Test
    void sequencesGoOnRowByRowAndBeyondTheirLength() throws IOException {
        int[] all = npy("sample", DIGITS, "--count", 3, "--seed", 2).ints();
        int[] halves = new int[3 * 32];
        for (int n = 0; n < 3; n++) {
            System.arraycopy(all, 64 * n, halves, 32 * n, 32);
        }
        Path file = folder.resolve("halves.npy");
        Npy.write(file, NpyArray.ofInts(new int[] {3, 32}, halves));

        NpyArray completed = npy("sample", DIGITS, "--count", 3, "--seed", 2, "--prime", file);
        NpyArray longer = npy("sample", DIGITS, "--count", 3, "--seed", 2, "--prime", file, "--length", 68);
        NpyArray free = npy("sample", DIGITS, "--count", 3, "--seed", 2, "--length", 100);

        assertThat(completed.shape()).containsExactly(3, 64);
        assertThat(completed.ints()).isEqualTo(all);
        assertThat(longer.shape()).containsExactly(3, 100);
        assertThat(longer).isEqualTo(free);
        for (int n = 0; n < 3; n++) {
            assertThat(Arrays.copyOfRange(free.ints(), 100 * n, 100 * n + 64))
                    .isEqualTo(Arrays.copyOfRange(all, 64 * n, 64 * n + 64));
        }
        assertThat(file("tall.png", "sample", DIGITS, "--length", 100)).isNotEmpty();
    }

    @Test
    void seriesGoOn() throws IOException {
        Path model = Cli.model("linear_ar-3");
        NpyArray whole = npy("sample", model, "--length", 20, "--seed", 1);
        Path begin = folder.resolve("begin.npy");
        Npy.write(begin, NpyArray.ofFloats(new int[] {8}, Arrays.copyOf(whole.floats(), 8)));

        assertThat(npy("sample", model, "--length", 12, "--seed", 1, "--prime", begin))
                .isEqualTo(whole);
    }

    @Test
    void optionsThatDoNotFitAreRefused() throws IOException {
        Path three = folder.resolve("three.npy");
        Npy.write(three, NpyArray.ofInts(new int[] {3, 2}, new int[6]));
        refuse("--seconds: is for audio models", "sample", TEXT, "--seconds", 1);
        refuse("--length and --seconds: expected one of them", "sample", AUDIO, "--seconds", 1, "--length", 1);
        refuse("--seconds: found 1.0E-5, expected at least one value", "sample", AUDIO, "--seconds", 1e-5);
        refuse("--seconds: found -1.0", "sample", AUDIO, "--seconds", -1);
        refuse("--seconds: found NaN", "sample", AUDIO, "--seconds", "NaN");
        refuse("--length: is needed, or --seconds", "sample", AUDIO);
        refuse(
                "--count: found 2, expected 1, for --out - writes one sound",
                "sample",
                AUDIO,
                "--seconds",
                1,
                "--count",
                2);
        refuse("--out: - is for text and audio models", "sample", DIGITS);
        refuse(
                "--prime and --prime-text: expected one of them",
                "sample",
                TEXT,
                "--length",
                1,
                "--prime",
                "x.txt",
                "--prime-text",
                "a");
        refuse("--prime-text: is for text models", "sample", AUDIO, "--length", 1, "--prime-text", "a");
        refuse("--prime-text: found nothing", "sample", TEXT, "--length", 1, "--prime-text", "");
        refuse(
                "--prime: is for --method cached",
                "sample",
                TEXT,
                "--length",
                1,
                "--prime-text",
                "a",
                "--method",
                "full");
        refuse("--prime: found 3 rows in", "sample", DIGITS, "--prime", three, "--count", 2);
        refuse("--prime: found 'x.csv', expected a .npy file", "sample", DIGITS, "--prime", "x.csv");
        refuse("--prime: is for sequences", "sample", Cli.model("mlp_arm-image"), "--prime", three);
        refuse("--prime: found 64 values, expected fewer than 64", "sample", DIGITS, "--prime", full());
        assertThat(Cli.run("sample", TEXT, "--length", 1, "--prime-text", "aX")
                        .fails()
                        .err())
                .contains("--prime-text: line 1, column 2", "found 'X'");
        assertThat(Cli.run("sample", TEXT, "--length", 1, "--prime", folder.resolve("none.txt"))
                        .fails()
                        .err())
                .contains("none.txt: no such file");
    }

    private Path full() throws IOException {
        Path file = folder.resolve("full.npy");
        Npy.write(file, NpyArray.ofInts(new int[] {1, 64}, new int[64]));
        return file;
    }

    private static void refuse(String words, Object... args) {
        Object[] all =
                Stream.concat(Arrays.stream(args), Stream.of("--out", "-")).toArray();
        assertThat(Cli.run(all).refuses().err()).contains(words);
    }

    @Test
    void writesToAClosedPipeAreTold() {
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        OutputStream full = new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        assertThatThrownBy(() -> new StandardOutput(closed).write(1)).isInstanceOf(StandardOutput.Closed.class);
        assertThatThrownBy(() -> new StandardOutput(full).write(1))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(StandardOutput.Closed.class)
                .hasMessage("No space left on device");
    }

    private Process start(Object... args) throws IOException {
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        Arrays.stream(args).map(String::valueOf).forEach(command::add);
        return new ProcessBuilder(command)
                .redirectError(folder.resolve("err.txt").toFile())
                .start();
    }

    /** An hour's sound: its beginning comes long before its end, and whoever has enough of it just closes the pipe. */
    @Test
    void whoHasHeardEnoughClosesThePipe() throws IOException, InterruptedException {
        Process process = start("sample", AUDIO, "--seconds", 3600, "--threads", 1, "--out", "-");
        try {
            try (InputStream sound = process.getInputStream()) {
                assertThat(sound.readNBytes(2000)).hasSize(2000).startsWith("RIFF".getBytes(StandardCharsets.US_ASCII));
            }
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(141);
            assertThat(Files.readString(folder.resolve("err.txt"))).isEmpty();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void textsComeWhileTheyAreDrawn() throws IOException, InterruptedException {
        Process process = start("sample", TEXT, "--length", 2_000_000_000, "--threads", 1);
        try {
            try (BufferedReader text = process.inputReader(StandardCharsets.UTF_8)) {
                char[] some = new char[100];
                assertThat(text.read(some)).isPositive();
                process.toHandle().destroy(); // SIGTERM, which is handled as Ctrl-C is
                int count = text.read(some);
                while (count >= 0) {
                    count = text.read(some);
                }
            }
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(128 + 15);
            assertThat(Files.readString(folder.resolve("err.txt"))).contains("what was drawn before it is written");
        } finally {
            process.destroyForcibly();
        }
    }
}
