package dev.gatun.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.Examples;
import dev.gatun.family.DataSpec;
import dev.gatun.file.FormatException;
import dev.gatun.file.ImageBytes;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageSetTest {
    @TempDir
    private Path folder;

    private String write(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes).toString();
    }

    private static Examples all(String source, DataSpec data) throws IOException {
        return DataSets.open(source).read(Split.ALL, data);
    }

    private static int[] counting(int count) {
        int[] values = new int[count];
        Arrays.setAll(values, i -> i & 0xff);
        return values;
    }

    @Test
    void idxFilesAreImagesOf256Levels() throws IOException {
        String file = write("x-idx3-ubyte.gz", ImageBytes.gzip(ImageBytes.idx(8, 24, 2, 3, 4)));
        DataSet set = DataSets.open(file);

        assertThat(set.spec(true)).isEqualTo(new DataSpec.Image(3, 4, 1, 256));
        assertThat(set.spec(false)).isEqualTo(new DataSpec.Sequence(12, 256));
        assertThat(set.splits()).isEmpty();
        assertThat(set.labels(Split.ALL)).isNull();
        Examples examples = set.read(Split.ALL, new DataSpec.Image(3, 4, 1, 256));
        assertThat(examples.count()).isEqualTo(2);
        assertThat(examples.levels()).isEqualTo(counting(24));
        assertThat(all(file, new DataSpec.Sequence(12, 24)).levels()).isEqualTo(counting(24));
        assertThatThrownBy(() -> all(file, new DataSpec.Image(4, 3, 1, 256)))
                .isInstanceOf(FormatException.class)
                .hasMessage(file + ": found images [2, 1, 3, 4], expected [N, 1, 4, 3]");
        assertThatThrownBy(() -> all(file, new DataSpec.Sequence(11, 256)))
                .hasMessageContaining("expected sequences of 11 values");
        assertThatThrownBy(() -> all(file, new DataSpec.Series())).hasMessageContaining("data of kind \"series\"");
        assertThatThrownBy(() -> all(file, new DataSpec.Sequence(12, 2)))
                .hasMessage(file + ": found 2 at value 2 of image 0, expected a level, 0..1"
                        + " (--binarize makes grey images black and white)");
        String labels = write("y-idx1-ubyte", ImageBytes.idx(8, 4, 4));
        assertThatThrownBy(() -> all(labels, new DataSpec.Sequence(12, 2)))
                .hasMessageContaining("found the shape [4], expected images");
    }

    @Test
    void amatFilesAreBlackAndWhite() throws IOException {
        String file = Files.writeString(folder.resolve("x.amat"), "0 1 1 0\n1 1 1 1\n")
                .toString();

        assertThat(DataSets.open(file).spec(true)).isEqualTo(new DataSpec.Image(2, 2, 1, 2));
        assertThat(all(file, new DataSpec.Sequence(4, 2)).levels()).containsExactly(0, 1, 1, 0, 1, 1, 1, 1);
        Files.writeString(Path.of(file), "0 1 2\n");
        assertThat(DataSets.open(file).spec(true)).isEqualTo(new DataSpec.Image(1, 3, 1, 256));
    }

    /** A strip of coloured pictures: planes come out, channel by channel. */
    @Test
    void picturesStandOneBelowTheOther() throws IOException {
        byte[] lines = new byte[4 * 7];
        for (int y = 0; y < 4; y++) {
            for (int i = 0; i < 6; i++) {
                lines[y * 7 + 1 + i] = (byte) (y * 6 + i);
            }
        }
        String file = write("x.png", ImageBytes.png(2, 4, 8, 2, lines, 99));

        assertThat(DataSets.open(file).spec(true)).isEqualTo(new DataSpec.Image(2, 2, 3, 256));
        assertThat(all(file, new DataSpec.Image(2, 2, 3, 256)).levels())
                .containsExactly(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11, 12, 15, 18, 21, 13, 16, 19, 22, 14, 17, 20, 23);
        String odd = write("odd.png", ImageBytes.png(2, 3, 8, 0, new byte[9], 99));
        assertThatThrownBy(() -> all(odd, new DataSpec.Sequence(4, 256)))
                .hasMessageContaining("is 2 x 3, expected a height that is a multiple of 2");
    }

    @Test
    void cifarRecordsHaveALabelFirst() throws IOException {
        byte[] records = new byte[2 * 3073];
        records[0] = 7;
        records[1] = 50;
        records[3073] = 9;
        records[6145] = (byte) 200;
        DataSet set = DataSets.open(write("x.bin", records));

        assertThat(set.labels(Split.ALL)).containsExactly(7, 9);
        Examples examples = set.read(Split.ALL, new DataSpec.Image(32, 32, 3, 256));
        assertThat(examples.levels()).hasSize(6144).startsWith(50, 0).endsWith(0, 200);

        records[3073] = 10;
        String bad = write("bad.bin", records);
        assertThatThrownBy(() -> all(bad, new DataSpec.Sequence(3072, 256)))
                .hasMessage(bad + ": record 1 has the label 10, expected 0..9");
        String cut = write("cut.bin", Arrays.copyOf(records, 3074));
        assertThatThrownBy(() -> all(cut, new DataSpec.Sequence(3072, 256)))
                .hasMessage(cut + ": has 3074 bytes, expected records of 3073 bytes");
    }

    private static Reading reading(String binarize, List<String> notes) {
        return new Reading(null, false, false, binarize == null ? null : Binarize.parse(binarize), notes::add);
    }

    @Test
    void rowsOfBitsAreUnpackedAndSaid() throws IOException {
        Path file = folder.resolve("x.npy");
        // Bits are whole numbers of bytes here: 0xA5 0xF0 and 0x00 0x80 for 12 values.
        Files.write(file, npyOfBytes(2, 2, 0xa5, 0xf0, 0x00, 0x80));
        List<String> notes = new ArrayList<>();
        DataSet set = DataSets.open(file.toString(), reading(null, notes));

        Examples examples = set.read(Split.ALL, new DataSpec.Image(3, 4, 1, 2));

        assertThat(examples.count()).isEqualTo(2);
        assertThat(examples.levels())
                .containsExactly(1, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0);
        assertThat(notes).containsExactly(file + ": is bit-packed, 2 bytes a row for 12 values of 0 or 1");
        int[] part = new int[4];
        examples.range(1, 2).sequence().read(7, part, 1, 2);
        assertThat(part).containsExactly(0, 0, 1, 0);

        Files.write(file, npyOfBytes(2, 2, 0xa5, 0xf0, 0x00, 0x81));
        assertThatThrownBy(() -> set.read(Split.ALL, new DataSpec.Sequence(12, 2)))
                .hasMessage(file + ": row 1 has bits beyond its 12 values");
        // Only where it cannot be anything else.
        assertThatThrownBy(() -> set.read(Split.ALL, new DataSpec.Sequence(12, 256)))
                .hasMessageContaining("found the shape [2, 2], expected [N, 12]");
        assertThatThrownBy(() -> set.read(Split.ALL, new DataSpec.Sequence(17, 2)))
                .hasMessageContaining("found the shape [2, 2], expected [N, 17]");
    }

    private static byte[] npyOfBytes(int rows, int columns, int... values) {
        String header = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + rows + ", " + columns + "), }";
        byte[] text = (header + " ".repeat(117 - header.length()) + "\n")
                .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        byte[] file = new byte[10 + text.length + values.length];
        System.arraycopy(
                new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length, 0}, 0, file, 0, 10);
        System.arraycopy(text, 0, file, 10, text.length);
        for (int i = 0; i < values.length; i++) {
            file[10 + text.length + i] = (byte) values[i];
        }
        return file;
    }

    @Test
    void greyBecomesBlackAndWhite() throws IOException {
        String file = write("x-ubyte", ImageBytes.idx(8, 256, 16, 4, 4));
        DataSet fixed = DataSets.open(file, reading("static-threshold:128", new ArrayList<>()));
        assertThat(fixed.spec(true)).isEqualTo(new DataSpec.Image(4, 4, 1, 2));
        int[] levels = fixed.read(Split.ALL, new DataSpec.Sequence(16, 2)).levels();
        for (int i = 0; i < 256; i++) {
            assertThat(levels[i]).isEqualTo(i >= 128 ? 1 : 0);
        }
        assertThatThrownBy(() -> fixed.read(Split.ALL, new DataSpec.Sequence(16, 256)))
                .hasMessageContaining("the model's data have 256 levels");

        byte[] many = new byte[16 + 40_000];
        Arrays.fill(many, (byte) 64);
        System.arraycopy(ImageBytes.idx(8, 0, 10_000, 2, 2), 0, many, 0, 16);
        many[16] = 0;
        many[17] = (byte) 255;
        String grey = write("grey-ubyte", many);
        int[] drawn = stochastic(grey, 1);
        assertThat(drawn[0]).isZero();
        assertThat(drawn[1]).isEqualTo(1);
        assertThat(drawn).isEqualTo(stochastic(grey, 1)).isNotEqualTo(stochastic(grey, 2));
        // Mean of 40,000 draws of probability 64 / 255: the standard deviation is 0.0022.
        assertThat(Arrays.stream(drawn).average().orElseThrow()).isBetween(0.240, 0.262);

        String binary = Files.writeString(folder.resolve("x.amat"), "0 1 1 0\n").toString();
        assertThatThrownBy(() -> DataSets.open(binary, reading("stochastic:1", new ArrayList<>())))
                .hasMessageContaining("its data have 2 levels; only grey images, of 256");
    }

    private static int[] stochastic(String file, int seed) throws IOException {
        return DataSets.open(file, reading("stochastic:" + seed, new ArrayList<>()))
                .read(Split.ALL, new DataSpec.Image(2, 2, 1, 2))
                .levels();
    }

    @Test
    void waysToBinarizeAreParsed() {
        assertThat(Binarize.parse("static-threshold:1")).isEqualTo(new Binarize.Threshold(1));
        assertThat(Binarize.parse("stochastic:-3")).isEqualTo(new Binarize.Stochastic(-3));
        assertThatThrownBy(() -> Binarize.parse("static-threshold:256"))
                .hasMessage("threshold: found 256, expected 1..255");
        assertThatThrownBy(() -> Binarize.parse("static-threshold:x")).hasMessageContaining("expected a whole number");
        assertThatThrownBy(() -> Binarize.parse("dither"))
                .hasMessageContaining("found 'dither', expected static-threshold:T");
    }

    @Test
    void arraysMayBeMadeBlackAndWhite() throws IOException {
        Path file = folder.resolve("x.npy");
        Npy.write(file, NpyArray.ofInts(new int[] {2, 2}, new int[] {0, 127, 128, 255}));
        DataSet set = DataSets.open(file.toString(), reading("static-threshold:128", new ArrayList<>()));

        assertThat(set.read(Split.ALL, new DataSpec.Sequence(2, 2)).levels()).containsExactly(0, 0, 1, 1);
    }
}
