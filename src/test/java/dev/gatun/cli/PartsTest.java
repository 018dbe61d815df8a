package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The small parts that commands share. */
class PartsTest {
    @TempDir
    private Path folder;

    private static Console console(ByteArrayOutputStream err) {
        PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
        return new Console(stream, stream, false);
    }

    @Test
    void numbersAsPeopleReadThem() {
        assertThat(Numbers.fixed(86.4449, 3)).isEqualTo("86.445");
        assertThat(Numbers.fixed(-0.5, 1)).isEqualTo("-0.5");
        assertThat(Numbers.fixed(Double.NaN, 3)).isEqualTo("NaN");
        assertThat(Numbers.grouped(0)).isEqualTo("0");
        assertThat(Numbers.grouped(999)).isEqualTo("999");
        assertThat(Numbers.grouped(1234567)).isEqualTo("1,234,567");
        assertThat(Numbers.grouped(-123456)).isEqualTo("-123,456");
        assertThat(Numbers.bytes(1023)).isEqualTo("1023 B");
        assertThat(Numbers.bytes(1536)).isEqualTo("1.5 KiB");
        assertThat(Numbers.bytes(3L << 30)).isEqualTo("3.0 GiB");
        assertThat(Numbers.time(0.1234)).isEqualTo("0.12 s");
        assertThat(Numbers.time(59.94)).isEqualTo("59.9 s");
        assertThat(Numbers.time(245)).isEqualTo("04:05");
        assertThat(Numbers.time(7207)).isEqualTo("2:00:07");
    }

    @Test
    void barsAreForTerminals() throws InterruptedException {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try (Progress progress = new Progress(console(err), "samples", 200, 2)) {
            progress.done(1);
            Thread.sleep(600);
            progress.done(100);
            assertThat(progress.line(100, 10))
                    .isEqualTo("[############............] 50 %, 5.00 samples/s, 10.0 s left");
            assertThat(progress.line(0, 10)).isEqualTo("[........................] 0 %, 0.00 samples/s");
            assertThat(progress.line(200, 10)).isEqualTo("[########################] 100 %, 10 samples/s, 0.00 s left");
        }
        assertThat(err.size()).isZero();
    }

    @Test
    void theFirstSignalAsksAndTheWorkEnds() {
        AtomicInteger asked = new AtomicInteger();
        try (Interrupts interrupts = new Interrupts(asked::incrementAndGet)) {
            interrupts.check();
            assertThat(interrupts.number()).isZero();

            interrupts.request(2);

            assertThat(asked).hasValue(1);
            assertThatThrownBy(interrupts::check)
                    .isInstanceOfSatisfying(
                            Interrupts.Interrupted.class,
                            e -> assertThat(e.exitCode()).isEqualTo(130));
        }
    }

    @Test
    void interruptedWorkIsReportedWithItsSignal() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();

        int code = Failures.report(new Interrupts.Interrupted("saved", 15), false, "gatun train", console(err));

        assertThat(code).isEqualTo(143);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("gatun train: saved" + System.lineSeparator());
    }

    @Test
    void unexpectedFailuresSayThatTheyAre() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();

        int code = Failures.report(new ArithmeticException("overflow"), false, "gatun sample", console(err));

        assertThat(code).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("failed unexpectedly: java.lang.ArithmeticException: overflow; --verbose says where");
    }

    @Test
    void arraysInPiecesAreWhole() throws IOException {
        Path file = folder.resolve("x.npy");
        int[] shape = {2, 2};
        NpyRows.write(file, dev.gatun.file.NpyArray.DType.I32, shape, rows -> {
            rows.put(new int[] {1, -2});
            rows.put(new int[] {3, 1 << 30});
        });
        assertThat(dev.gatun.file.Npy.read(file).ints()).containsExactly(1, -2, 3, 1 << 30);
        byte[] before = Files.readAllBytes(file);
        assertThatThrownBy(() -> NpyRows.write(
                        file, dev.gatun.file.NpyArray.DType.F32, shape, rows -> rows.put(new float[] {1, 2, 3})))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("1 values are missing");
        assertThat(file).hasBinaryContent(before);
    }
}
