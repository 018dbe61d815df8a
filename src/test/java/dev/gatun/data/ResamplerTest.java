package dev.gatun.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the analytic answer: a sine comes out as the same sine at the other rate, or not at all. */
class ResamplerTest {
    private static final int SECONDS_PART = 4;

    private static double[] resample(float[] sound, int in, int out, int window) throws IOException {
        List<Float> made = new ArrayList<>();
        Resampler resampler = new Resampler(in, out, made::add);
        float[] piece = new float[window];
        for (int at = 0; at < sound.length; at += window) {
            int count = Math.min(window, sound.length - at);
            System.arraycopy(sound, at, piece, 0, count);
            resampler.put(piece, count);
        }
        resampler.end();
        return made.stream().mapToDouble(Float::doubleValue).toArray();
    }

    private static float[] sine(double frequency, int rate) {
        float[] sound = new float[rate / SECONDS_PART];
        for (int i = 0; i < sound.length; i++) {
            sound[i] = (float) Math.sin(2 * Math.PI * frequency * i / rate);
        }
        return sound;
    }

    /** The greatest distance of the middle from a sine of an amplitude: at the ends the sound begins and ceases. */
    private static double error(double[] made, double frequency, int rate, double amplitude) {
        double most = 0;
        for (int i = made.length / 4; i < made.length * 3 / 4; i++) {
            double wanted = amplitude * Math.sin(2 * Math.PI * frequency * i / rate);
            most = Math.max(most, Math.abs(made[i] - wanted));
        }
        return most;
    }

    /** Up to 0.455 of the lower rate: 0.001 dB are a part of 1.2e-4, in place and in height. */
    @ParameterizedTest
    @CsvSource({
        "22050, 16000, 0.01",
        "22050, 16000, 0.25",
        "22050, 16000, 0.455",
        "16000, 22050, 0.455",
        "8000, 16000, 0.45",
        "48000, 16000, 0.455",
        "44100, 8000, 0.3",
        "44101, 8000, 0.4",
        "16000, 8000, 0.455"
    })
    void passesTones(int in, int out, double part) throws IOException {
        double frequency = part * Math.min(in, out);
        double[] made = resample(sine(frequency, in), in, out, 1000);

        assertThat(made.length).isEqualTo(Math.ceilDiv((long) (in / SECONDS_PART) * out, in));
        assertThat(error(made, frequency, out, 1)).isLessThan(1.2e-4);
    }

    /** From half of the lower rate on: 90 dB are a part of 3.2e-5. */
    @ParameterizedTest
    @CsvSource({
        "22050, 16000, 8001",
        "22050, 16000, 10000",
        "48000, 16000, 8001",
        "48000, 8000, 12000",
        "44100, 16000, 20000"
    })
    void stopsWhatWouldFoldBack(int in, int out, double frequency) throws IOException {
        double[] made = resample(sine(frequency, in), in, out, 777);

        assertThat(error(made, 0, out, 0)).isLessThan(3.2e-5);
    }

    /** The images of a tone, above the lower rate's half, are just as low. */
    @Test
    void makesNoImages() throws IOException {
        double[] made = resample(sine(3000, 8000), 8000, 24_000, 64);

        assertThat(error(made, 3000, 24_000, 1)).isLessThan(1.2e-4);
    }

    @Test
    void isMinusSixDecibelsAtTheCutOff() throws IOException {
        double[] made = resample(sine(Resampler.CUTOFF * 16_000, 48_000), 48_000, 16_000, 100);

        assertThat(error(made, Resampler.CUTOFF * 16_000, 16_000, 0.5)).isLessThan(0.01);
    }

    @Test
    void constantsStayAndWindowsDoNotMatter() throws IOException {
        float[] sound = new float[5000];
        java.util.Arrays.fill(sound, 0.3f);
        double[] made = resample(sound, 22_050, 16_000, 5000);
        for (int i = 200; i < made.length - 200; i++) {
            assertThat(made[i]).isBetween(0.3 - 1e-6, 0.3 + 1e-6);
        }
        assertThat(resample(sound, 22_050, 16_000, 1)).isEqualTo(made);
        assertThat(resample(new float[1], 8000, 16_000, 1)).hasSize(2);
        assertThat(resample(new float[0], 8000, 16_000, 1)).isEmpty();
    }
}
