package dev.gatun.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.Examples;
import dev.gatun.LongSequence;
import dev.gatun.family.Companding;
import dev.gatun.family.DataSpec;
import dev.gatun.file.FormatException;
import dev.gatun.file.SoundBytes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SoundSetTest {
    private static final DataSpec.Audio LINEAR = new DataSpec.Audio(8000, 256, Companding.LINEAR);
    private static final DataSpec.Audio MU_LAW = new DataSpec.Audio(8000, 256, Companding.MU_LAW);

    @TempDir
    private Path folder;

    private final List<String> notes = new ArrayList<>();

    private static byte[] mono(int... samples) {
        return SoundBytes.wav(1, 1, 8000, 16, shorts(samples));
    }

    private static byte[] shorts(int... samples) {
        ByteBuffer data = ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int sample : samples) {
            data.putShort((short) sample);
        }
        return data.array();
    }

    private Path write(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, bytes);
    }

    private DataSet open(Path source, boolean skip, boolean mono) throws IOException {
        return DataSets.open(source.toString(), new Reading(null, skip, mono, null, notes::add));
    }

    private static int[] levels(LongSequence sequence) {
        int[] levels = new int[(int) sequence.length()];
        sequence.read(0, levels, 0, levels.length);
        return levels;
    }

    @Test
    void amplitudesBecomeLevels() throws IOException {
        DataSet set = open(write("x.wav", mono(-32768, 0, 32767, 1000, -1000)), false, false);

        assertThat(set.spec(false)).isEqualTo(MU_LAW);
        assertThat(set.splits()).isEmpty();
        assertThat(set.read(Split.ALL, LINEAR).levels()).containsExactly(0, 128, 255, 131, 124);
        // 1000 / 32768 by mu-law: ln(1 + 255 * 0.030518) / ln(256) = 0.39199
        assertThat(set.read(Split.ALL, MU_LAW).levels()).containsExactly(0, 128, 255, 177, 78);
        assertThatThrownBy(() -> set.read(Split.ALL, new DataSpec.Series()))
                .hasMessageContaining("is sound, expected data of kind \"series\"");
    }

    @Test
    void levelsComeBackFromTheirAmplitudes() {
        for (DataSpec.Audio data : List.of(LINEAR, MU_LAW, new DataSpec.Audio(8000, 1000, Companding.MU_LAW))) {
            for (int level = 0; level < data.levels(); level++) {
                float amplitude = AudioLevels.amplitudes(data, new int[] {level}, 0, 1)[0];
                assertThat(AudioLevels.level(data, amplitude)).isEqualTo(level);
            }
        }
        assertThat(AudioLevels.level(MU_LAW, 3)).isEqualTo(255);
        assertThat(AudioLevels.level(MU_LAW, -3)).isEqualTo(0);
    }

    @Test
    void severalChannelsAreMixedOnRequest() throws IOException {
        Path file = write("x.wav", SoundBytes.wav(1, 2, 8000, 16, shorts(100, 300, -32767, 32767)));
        assertThatThrownBy(() -> open(file, false, false).read(Split.ALL, LINEAR))
                .isInstanceOf(FormatException.class)
                .hasMessage(file + ": has 2 channels, expected 1 (--mono mixes them down)");
        write("mean.wav", mono(200, 0));
        assertThat(open(file, false, true).read(Split.ALL, MU_LAW).levels())
                .isEqualTo(open(folder.resolve("mean.wav"), false, false)
                        .read(Split.ALL, MU_LAW)
                        .levels());
    }

    @Test
    void otherRatesAreBroughtToTheModels() throws IOException {
        Path file = write("x.wav", SoundBytes.wav(1, 1, 16_000, 16, new byte[2 * 1601]));
        DataSet set = open(file, false, false);
        assertThat(set.spec(false)).isEqualTo(new DataSpec.Audio(16_000, 256, Companding.MU_LAW));
        assertThat(set.read(Split.ALL, MU_LAW).levels()).hasSize(801).containsOnly(128);
        assertThat(set.read(Split.ALL, set.spec(false)).length()).isEqualTo(1601);
    }

    @Test
    void filesOfAFolderAreSortedAndDividedByTheirFolders() throws IOException {
        write("s/train/b.wav", mono(2, 2, 2));
        write("s/train/a.WAV", mono(1, 1));
        write("s/test/c.wav", mono(3));
        write("s/test/readme.txt", new byte[2]);
        DataSet set = open(folder.resolve("s"), false, false);
        assertThat(set.splits()).containsExactly(Split.TRAIN, Split.TEST);
        assertThat(set.sequences(Split.TRAIN, LINEAR))
                .extracting(LongSequence::length)
                .containsExactly(2L, 3L);
        assertThatThrownBy(() -> set.read(Split.TRAIN, LINEAR))
                .hasMessageContaining("its sounds have different lengths, such as 2 and 3; --length cuts them");
        Examples pieces = Pieces.cut(set.sequences(Split.TRAIN, LINEAR), 2);
        assertThat(pieces.count()).isEqualTo(2);
        assertThat(Pieces.origins(set.sequences(Split.TRAIN, LINEAR), 1)).containsExactly(0, 0, 1, 1, 1);
        assertThatThrownBy(() -> open(Files.createDirectory(folder.resolve("empty")), false, false)
                        .read(Split.ALL, LINEAR))
                .hasMessageContaining("holds no .wav files");
    }

    private Path zip(Object... namesAndBytes) throws IOException {
        Path file = folder.resolve("x.zip");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (int i = 0; i < namesAndBytes.length; i += 2) {
                zip.putNextEntry(new ZipEntry((String) namesAndBytes[i]));
                zip.write((byte[]) namesAndBytes[i + 1]);
            }
        }
        return file;
    }

    @Test
    void recordingsOfAZipAreDividedAndLabelledByTheirNames() throws IOException {
        Path file = zip("7_ann_45.wav", mono(7, 7), "3_ann_0.wav", mono(3), "9_bob_5.wav", mono(9, 9, 9));
        DataSet set = NamedSequences.digits(
                "digits", new SoundFiles.Zip(file), new Reading(null, false, false, null, _ -> {}));

        assertThat(set.splits()).containsExactly(Split.TRAIN, Split.VALID, Split.TEST);
        assertThat(set.labels(Split.TRAIN)).containsExactly(9);
        assertThat(set.labels(Split.VALID)).containsExactly(7);
        assertThat(set.labels(Split.TEST)).containsExactly(3);
        assertThat(set.labels(Split.ALL)).containsExactly(3, 7, 9);
        assertThat(set.sequences(Split.ALL, LINEAR))
                .extracting(LongSequence::length)
                .containsExactly(1L, 2L, 3L);
    }

    @Test
    void badFilesAreRefusedOrSkippedWhole() throws IOException {
        byte[] cut = java.util.Arrays.copyOf(mono(5, 5, 5), 48);
        byte[] nan = SoundBytes.wav(3, 1, 8000, 32, new byte[] {0, 0, 0, 0, 0, 0, (byte) 0xc0, 0x7f});
        Path file = zip("a.wav", mono(1000), "b.wav", cut, "c.wav", nan, "d.wav", mono(-1000, 0));

        assertThatThrownBy(() -> open(file, false, false).sequences(Split.ALL, LINEAR))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith(file.resolve("b.wav") + ": has 48 bytes, but says");
        List<LongSequence> good = open(file, true, false).sequences(Split.ALL, LINEAR);
        assertThat(good).hasSize(2);
        assertThat(levels(good.get(0))).containsExactly(131);
        assertThat(levels(good.get(1))).containsExactly(124, 128);
        assertThat(notes).hasSize(3);
        assertThat(notes.get(1))
                .isEqualTo("skipped: " + file.resolve("c.wav") + ": found NaN in frame 1, expected finite numbers");
        assertThat(notes.get(2)).isEqualTo(file + ": skipped 2 bad files, read 2");
        Path all = zip("b.wav", cut);
        assertThatThrownBy(() -> open(all, true, false).sequences(Split.ALL, LINEAR))
                .hasMessageContaining("has no good .wav file");
        Path no = write("no.zip", new byte[30]);
        assertThatThrownBy(() -> open(no, false, false)).hasMessageContaining("is not a ZIP file");
    }
}
