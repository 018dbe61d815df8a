package dev.gatun.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Damaged files of data are read or refused: no other exception, no exhausted memory, no endless loop. */
class ReaderCorruptionTest {
    private static final int ROUNDS = 1000;

    @TempDir
    Path folder;

    /** Files and how they are read. */
    enum Kind {
        IDX {
            @Override
            byte[] whole() {
                return ImageBytes.idx(8, 24, 2, 3, 4);
            }

            @Override
            void read(Path file) throws IOException {
                Idx.read(file, _ -> {});
            }
        },
        IDX_GZ {
            @Override
            byte[] whole() throws IOException {
                return ImageBytes.gzip(IDX.whole());
            }

            @Override
            void read(Path file) throws IOException {
                IDX.read(file);
            }
        },
        AMAT {
            @Override
            byte[] whole() {
                return "0 1 0 1 1\n1 1 0 1 0\n0 0 0 0 0\n".getBytes(StandardCharsets.US_ASCII);
            }

            @Override
            void read(Path file) throws IOException {
                Amat.read(file, _ -> {});
            }
        },
        PNG {
            @Override
            byte[] whole() throws IOException {
                return ImageBytes.png(3, 4, 8, 2, new byte[4 * 10], 7);
            }

            @Override
            void read(Path file) throws IOException {
                try (PngReader png = PngReader.open(file)) {
                    for (int y = 0; y < png.height(); y++) {
                        png.line();
                    }
                }
            }
        },
        WAV {
            @Override
            byte[] whole() {
                return SoundBytes.wav(1, 1, 8000, 16, new byte[40]);
            }

            @Override
            void read(Path file) throws IOException {
                try (WavReader wav = WavReader.open(file)) {
                    float[] window = new float[8 * wav.channels()];
                    long frames = 0;
                    for (int got = wav.read(window, 8); got > 0; got = wav.read(window, 8)) {
                        frames += got;
                    }
                    assertThat(frames).isEqualTo(wav.frames());
                }
            }
        },
        UTF8 {
            @Override
            byte[] whole() {
                return "aü€😀 Panamá 運河".repeat(3).getBytes(StandardCharsets.UTF_8);
            }

            @Override
            void read(Path file) throws IOException {
                try (Utf8Reader text = Utf8Reader.open(file)) {
                    StringBuilder read = new StringBuilder();
                    for (int point = text.next(); point >= 0; point = text.next()) {
                        read.appendCodePoint(point);
                    }
                    assertThat(read.toString()).isEqualTo(Files.readString(file));
                }
            }
        };

        abstract byte[] whole() throws IOException;

        abstract void read(Path file) throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    void isRefusedWithAnErrorOfItsFile(Kind kind) throws IOException {
        byte[] whole = kind.whole();
        Path file = folder.resolve("damaged");
        Files.write(file, whole);
        kind.read(file);
        int refused = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            Files.write(file, CorruptionTest.damage(whole, seed));
            String round = kind + ", seed " + seed;
            refused += Assertions.assertTimeoutPreemptively(
                            Duration.ofSeconds(20), () -> isRefused(kind, file, round), round)
                    ? 1
                    : 0;
        }
        // Damage to values alone cannot be seen; the rest must be, or this test drives nothing.
        assertThat(refused).isBetween(ROUNDS / 10, ROUNDS);
    }

    private static boolean isRefused(Kind kind, Path file, String round) {
        try {
            kind.read(file);
            return false;
        } catch (IOException e) {
            assertThat(e).as(round).isInstanceOf(FormatException.class).hasMessageStartingWith(file + ": ");
            return true;
        } catch (RuntimeException | Error e) {
            return fail(round, e);
        }
    }
}
