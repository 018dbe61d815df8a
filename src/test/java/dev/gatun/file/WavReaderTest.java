package dev.gatun.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WavReaderTest {
    @TempDir
    Path folder;

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("x.wav"), bytes);
    }

    private static float[] read(Path file) throws IOException {
        try (WavReader wav = WavReader.open(file)) {
            float[] all = new float[(int) wav.frames() * wav.channels()];
            float[] window = new float[3 * wav.channels()];
            int at = 0;
            for (int got = wav.read(window, 3); got > 0; got = wav.read(window, 3)) {
                System.arraycopy(window, 0, all, at, got * wav.channels());
                at += got * wav.channels();
            }
            assertThat(at).isEqualTo(all.length);
            return all;
        }
    }

    /** Five frames of two channels that say -1, 0, ½ and, as near as it goes, 1. */
    private static byte[] samples(int format, int bits, double[] values) {
        ByteBuffer data = ByteBuffer.allocate(values.length * bits / 8).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            if (format == 3) {
                if (bits == 32) {
                    data.putFloat((float) value);
                } else {
                    data.putDouble(value);
                }
                continue;
            }
            long scaled = Math.min(Math.round(value * (1L << (bits - 1))), (1L << (bits - 1)) - 1);
            long stored = bits == 8 ? scaled + 128 : scaled;
            for (int i = 0; i < bits; i += 8) {
                data.put((byte) (stored >> i));
            }
        }
        return data.array();
    }

    @ParameterizedTest
    @CsvSource({"1, 8", "1, 16", "1, 24", "1, 32", "3, 32", "3, 64"})
    void readsEachKind(int format, int bits) throws IOException {
        double[] values = {-1, 0, 0.5, -0.5, 1, 0, 0.25, -0.75, 0.125, -1};
        byte[] data = samples(format, bits, values);
        for (byte[] bytes : new byte[][] {
            SoundBytes.wav(format, 2, 44_100, bits, data), SoundBytes.extensible(format, 2, 44_100, bits, data)
        }) {
            Path file = write(bytes);
            try (WavReader wav = WavReader.open(file)) {
                assertThat(wav.channels()).isEqualTo(2);
                assertThat(wav.sampleRate()).isEqualTo(44_100);
                assertThat(wav.frames()).isEqualTo(5);
            }
            float[] read = read(file);
            for (int i = 0; i < values.length; i++) {
                double most = format == 3 ? 1 : 1 - Math.scalb(1.0, 1 - bits);
                assertThat(read[i]).as("sample %d", i).isEqualTo((float) Math.min(values[i], most));
            }
        }
    }

    @Test
    void readsWhatIsWritten() throws IOException {
        float[] sound = {0, 0.25f, -1, 1};
        Path file = folder.resolve("y.wav");
        Wav.write(file, sound, 16_000);
        assertThat(read(file)).hasSize(4).startsWith(0);
        try (WavWriter writer = new WavWriter(Files.newOutputStream(file), 16_000)) {
            writer.write(sound, 0, 3);
            writer.write(sound, 3, 1);
        }
        float[] streamed = read(file);
        Wav.write(file, sound, 16_000);
        assertThat(streamed).as("of unknown length").isEqualTo(read(file));
    }

    private void refuses(byte[] bytes, String problem) throws IOException {
        Path file = write(bytes);
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(problem);
    }

    @Test
    void refusesOtherKinds() throws IOException {
        byte[] data = new byte[12];
        refuses("RIFX....WAVE".getBytes(StandardCharsets.US_ASCII), "no WAV file");
        refuses(new byte[3], "ends within its header");
        refuses(SoundBytes.wav(2, 1, 8000, 4, data), "has samples of format 2 with 4 bits, expected PCM");
        refuses(SoundBytes.wav(1, 1, 8000, 64, data), "format 1 with 64 bits");
        refuses(SoundBytes.wav(3, 1, 8000, 16, data), "format 3 with 16 bits");
        refuses(SoundBytes.wav(1, 0, 8000, 16, data), "has 0 channels");
        refuses(SoundBytes.wav(1, 65, 8000, 16, data), "has 65 channels");
        refuses(SoundBytes.wav(1, 1, 0, 16, data), "has 0 samples a second");
        refuses(SoundBytes.wav(3, 1, 8000, 32, samples(3, 32, new double[] {0, Double.NaN})), "found NaN in frame 1");
        byte[] other = SoundBytes.extensible(1, 1, 8000, 16, data);
        other[12 + 12 + 8 + 30] ^= 1;
        refuses(other, "an extensible format of a kind that is not known");
    }

    @Test
    void holdsLengthsAgainstTheFile() throws IOException {
        byte[] data = new byte[12];
        refuses(SoundBytes.lying(data, 14), "its chunk 'data' declares 14 bytes, but 12 follow");
        refuses(SoundBytes.lying(data, 0x7ffffffe), "declares 2147483646 bytes, but 12 follow");
        refuses(SoundBytes.lying(data, 11), "has 11 bytes, expected frames of 2 bytes");
        byte[] good = SoundBytes.wav(1, 1, 8000, 16, data);
        refuses(Arrays.copyOf(good, good.length - 4), "has 52 bytes, but says that it has 56");
        byte[] headless = SoundBytes.wav(1, 1, 8000, 16, data);
        headless[12] = 'g';
        refuses(headless, "has no chunk \"fmt \" before its chunk \"data\"");
        headless[16] = 120;
        refuses(headless, "its chunk 'gmt ' declares 120 bytes, but 36 follow");
        good[16] = 14;
        refuses(good, "its format has 14 bytes");
        byte[] none = SoundBytes.wav(1, 1, 8000, 16, new byte[0]);
        none[36] = 'x';
        refuses(none, "ends before a chunk \"data\"");
    }
}
