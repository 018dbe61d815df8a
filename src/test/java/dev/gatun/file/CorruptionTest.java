package dev.gatun.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged files are read or refused: no other exception, no exhausted memory, no endless loop. */
class CorruptionTest {
    private static final int ROUNDS = 1000;

    @TempDir
    Path folder;

    /** Reads everything that a file holds. */
    private interface Reader {
        void read(Path file) throws IOException;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file/reference.safetensors",
                "golden/mlp_arm-mixed-types/model.safetensors",
                "file/numpy-f4.npy",
                "file/numpy-v3.npy",
                "file/numpy.npz"
            })
    void isRefusedWithAnErrorOfItsFile(String name) throws IOException {
        byte[] whole = Files.readAllBytes(Fixtures.resource(name));
        Reader reader = name.endsWith(".npz")
                ? CorruptionTest::npz
                : name.endsWith(".npy") ? Npy::read : CorruptionTest::safetensors;
        Path file = folder.resolve("damaged");
        Files.write(file, whole);
        reader.read(file);
        int refused = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            Files.write(file, damage(whole, seed));
            String round = name + ", seed " + seed;
            refused += Assertions.assertTimeoutPreemptively(
                            Duration.ofSeconds(20), () -> isRefused(reader, file, round), round)
                    ? 1
                    : 0;
        }
        // Damage to values alone cannot be seen; the rest must be, or this test drives nothing.
        assertThat(refused).isBetween(ROUNDS / 10, ROUNDS);
    }

    @SuppressWarnings("CatchingUnchecked")
    private static boolean isRefused(Reader reader, Path file, String round) {
        try {
            reader.read(file);
            return false;
        } catch (IOException e) {
            assertThat(e).as(round).isInstanceOf(FormatException.class).hasMessageStartingWith(file + ": ");
            return true;
        } catch (RuntimeException | Error e) {
            return fail(round, e);
        }
    }

    /** Flips, overwrites, cuts out, repeats or cuts off, from a seed that repeats the case. */
    static byte[] damage(byte[] whole, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] damaged = whole.clone();
        switch (random.nextInt(5)) {
            case 0 -> damaged = Arrays.copyOf(whole, random.nextInt(whole.length));
            case 1 -> damaged = Arrays.copyOf(whole, whole.length + 1 + random.nextInt(64));
            case 2 -> {
                int from = random.nextInt(whole.length);
                int to = random.nextInt(whole.length);
                int length = Math.min(random.nextInt(16), whole.length - Math.max(from, to));
                System.arraycopy(whole, from, damaged, to, length);
            }
            default -> {
                for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                    // Half of the damage goes to the beginning, where the lengths are.
                    int range = random.nextBoolean() ? Math.min(64, whole.length) : whole.length;
                    damaged[random.nextInt(range)] = (byte) random.nextInt(256);
                }
            }
        }
        return damaged;
    }

    private static void safetensors(Path path) throws IOException {
        try (Safetensors file = Safetensors.open(path)) {
            for (Safetensors.Info info : file.tensors().values()) {
                switch (info.type()) {
                    case F32, F64, F16, BF16 -> file.floats(info.name());
                    case I64 -> file.longs(info.name());
                    default -> file.raw(info.name()).toArray(ValueLayout.JAVA_BYTE);
                }
            }
        }
    }

    private static void npz(Path path) throws IOException {
        try (Npz file = Npz.open(path)) {
            for (String key : file.keys()) {
                file.read(key).floats();
            }
        }
    }
}
