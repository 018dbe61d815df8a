package dev.gatun.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WavTest {
    @TempDir
    Path folder;

    @Test
    void javaReadsWhatWasWritten() throws Exception {
        float[] samples = new float[100_001];
        samples[0] = 1;
        samples[1] = -1;
        samples[2] = 0.5f;
        samples[100_000] = -0.25f;
        Path file = folder.resolve("a.wav");
        Wav.write(file, samples, 16_000);
        try (AudioInputStream in = AudioSystem.getAudioInputStream(file.toFile())) {
            AudioFormat format = in.getFormat();
            assertThat(format.getEncoding()).isEqualTo(AudioFormat.Encoding.PCM_SIGNED);
            assertThat(format.getSampleRate()).isEqualTo(16_000);
            assertThat(format.getSampleSizeInBits()).isEqualTo(16);
            assertThat(format.getChannels()).isEqualTo(1);
            assertThat(format.isBigEndian()).isFalse();
            assertThat(in.getFrameLength()).isEqualTo(samples.length);
            ByteBuffer data = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(data.getShort(0)).isEqualTo((short) 32767);
            assertThat(data.getShort(2)).isEqualTo((short) -32767);
            assertThat(data.getShort(4)).isEqualTo((short) 16384);
            assertThat(data.getShort(200_000)).isEqualTo((short) -8192);
        }
    }

    @Test
    void silenceOfNoLengthIsAFile() throws Exception {
        Path file = folder.resolve("a.wav");
        Wav.write(file, new float[0], 8000);
        assertThat(file).hasSize(44);
    }

    @ParameterizedTest
    @ValueSource(floats = {1.0001f, -1.0001f, Float.NaN, Float.POSITIVE_INFINITY})
    void refusesWhatIsNoSample(float sample) {
        assertThatThrownBy(() -> Wav.write(folder.resolve("a.wav"), new float[] {0, sample}, 8000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sample number 1 is " + sample + ", expected -1 to 1");
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MAX_VALUE})
    void refusesWhatIsNoRate(int rate) {
        assertThatThrownBy(() -> Wav.write(folder.resolve("a.wav"), new float[1], rate))
                .hasMessageContaining("sampleRate is " + rate);
    }

    @Test
    void aSoundOfUnknownLengthIsPassedOnAsItComes() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        float[] samples = {0, 1, -1, 0.5f, 0};
        try (WavWriter writer = new WavWriter(out, 16_000)) {
            assertThat(out.size()).isEqualTo(44);
            writer.write(samples, 1, 3);
            assertThat(out.size()).isEqualTo(50);
            writer.write(samples, 0, 1);
            assertThatThrownBy(() -> writer.write(new float[] {0, 2}, 0, 2))
                    .hasMessage("sample number 1 is 2.0, expected -1 to 1");
            assertThatThrownBy(() -> writer.write(samples, 4, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        }
        ByteBuffer data = ByteBuffer.wrap(out.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(data.capacity()).isEqualTo(52);
        assertThat(data.getInt(4)).as("bytes of the file").isEqualTo(-1);
        assertThat(data.getInt(40)).as("bytes of the sound").isEqualTo(-1);
        assertThat(data.getInt(24)).isEqualTo(16_000);
        assertThat(new short[] {data.getShort(44), data.getShort(46), data.getShort(48), data.getShort(50)})
                .containsExactly((short) 32767, (short) -32767, (short) 16384, (short) 0);
    }
}
