package dev.gatun.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.Examples;
import dev.gatun.family.Companding;
import dev.gatun.family.DataSpec;
import dev.gatun.file.FormatException;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import dev.gatun.file.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataSetsTest {
    private static final DataSpec GREY = new DataSpec.Image(2, 3, 1, 4);
    private static final DataSpec COLOUR = new DataSpec.Image(2, 3, 3, 4);
    private static final DataSpec SEQUENCE = new DataSpec.Sequence(6, 4);
    private static final DataSpec AUDIO = new DataSpec.Audio(8000, 4, Companding.LINEAR);
    private static final DataSpec SERIES = new DataSpec.Series();

    @TempDir
    private Path folder;

    private String npy(int... shape) throws IOException {
        int count = 1;
        for (int size : shape) {
            count *= size;
        }
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = i % 4;
        }
        return save(NpyArray.ofInts(shape, values));
    }

    private String save(NpyArray array) throws IOException {
        Path file = folder.resolve("x.npy");
        Npy.write(file, array);
        return file.toString();
    }

    private static Examples all(String source, DataSpec data) throws IOException {
        return DataSets.open(source).read(Split.ALL, data);
    }

    @Test
    void digitsAreDividedInTheOrderOfTheFile() throws IOException {
        DataSet digits = DataSets.open("digits");
        DataSpec data = digits.spec(false);

        Examples all = digits.read(Split.ALL, data);
        Examples train = digits.read(Split.TRAIN, data);
        Examples valid = digits.read(Split.VALID, data);
        Examples test = digits.read(Split.TEST, data);

        assertThat(data).isEqualTo(new DataSpec.Sequence(64, 17));
        assertThat(digits.spec(true)).isEqualTo(new DataSpec.Image(8, 8, 1, 17));
        assertThat(digits.splits()).containsExactly(Split.TRAIN, Split.VALID, Split.TEST);
        assertThat(new int[] {train.count(), valid.count(), test.count()}).containsExactly(1000, 350, 447);
        assertThat(train.levels()).isEqualTo(all.range(0, 1000).levels());
        assertThat(valid.levels()).isEqualTo(all.range(1000, 1350).levels());
        assertThat(test.levels()).isEqualTo(all.range(1350, 1797).levels());
        // The first digit's second row, as the file has it; labels are not pixels.
        assertThat(train.range(0, 1).levels()).hasSize(64).startsWith(0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15);
        assertThat(digits.read(Split.TEST, new DataSpec.Image(8, 8, 1, 17)).levels())
                .isEqualTo(test.levels());
    }

    @Test
    void digitsAreNotBinary() throws IOException {
        DataSet digits = DataSets.open("digits");

        assertThatThrownBy(() -> digits.read(Split.TRAIN, new DataSpec.Sequence(64, 2)))
                .isInstanceOf(FormatException.class)
                .hasMessage("digits: found 5 at [0, 2], expected a level, 0..1");
        assertThatThrownBy(() -> digits.read(Split.TRAIN, new DataSpec.Sequence(65, 17)))
                .hasMessageContaining("digits: found the shape [1000, 64], expected [N, 65]");
    }

    @ParameterizedTest
    @CsvSource({"4 1 2 3", "4 2 3", "4 6"})
    void greyImagesMayBeFlat(String sizes) throws IOException {
        Examples examples = all(npy(sizes(sizes)), GREY);

        assertThat(examples.count()).isEqualTo(4);
        assertThat(examples.length()).isEqualTo(6);
        assertThat(examples.levels()).startsWith(0, 1, 2, 3, 0, 1, 2).hasSize(24);
    }

    private static int[] sizes(String text) {
        return java.util.Arrays.stream(text.split(" "))
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    @Test
    void lengthsAreFreeWhereTheDataHaveNone() throws IOException {
        assertThat(all(npy(3, 5), AUDIO).length()).isEqualTo(5);
        assertThat(all(npy(3, 5), AUDIO).count()).isEqualTo(3);
        assertThat(all(npy(7), AUDIO).count()).isEqualTo(1);
        assertThat(all(npy(7), AUDIO).length()).isEqualTo(7);
        assertThat(all(npy(3, 5), SERIES).reals()).startsWith(0f, 1f, 2f, 3f);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4 3 2 | found the shape [4, 3, 2], expected [N, 1, 2, 3] or [N, 2, 3] or [N, 6] for data of kind"
                        + " \"image\"",
                "2 3 | found the shape [2, 3], expected",
                "6 | found the shape [6], expected",
                "5 7 | (one column too many: labels?)",
                "0 6 | found the shape [0, 6], which holds no examples",
            })
    void wrongShapesOfImages(String sizes, String message) throws IOException {
        String file = npy(sizes(sizes));

        assertThatThrownBy(() -> all(file, GREY))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }

    @Test
    void coloursAreNotGuessed() throws IOException {
        String last = npy(4, 2, 3, 3);
        assertThatThrownBy(() -> all(last, COLOUR)).hasMessageContaining("(channels come before rows)");
        String flat = npy(4, 18);
        assertThatThrownBy(() -> all(flat, COLOUR)).hasMessageContaining("expected [N, 3, 2, 3] for");
        assertThat(all(npy(4, 3, 2, 3), COLOUR).count()).isEqualTo(4);
    }

    @Test
    void levelsMayBeFloatsThatAreWhole() throws IOException {
        float[] values = {0, 1, 2, 3, 0, 1};
        assertThat(all(save(NpyArray.ofFloats(new int[] {1, 6}, values)), SEQUENCE)
                        .levels())
                .containsExactly(0, 1, 2, 3, 0, 1);
        long[] longs = {3, 2, 1, 0, 3, 2};
        assertThat(all(save(NpyArray.ofLongs(new int[] {1, 6}, longs)), SEQUENCE)
                        .levels())
                .containsExactly(3, 2, 1, 0, 3, 2);
    }

    @Test
    void valuesAreNamedWithTheirPlace() throws IOException {
        String half = save(NpyArray.ofFloats(new int[] {2, 2, 3}, new float[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2.5f, 0}));
        assertThatThrownBy(() -> all(half, GREY))
                .hasMessage(half + ": found 2.5 at [1, 1, 1], expected a level, a whole number of 0..3");
        String high = save(NpyArray.ofInts(new int[] {2, 6}, new int[] {0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0}));
        assertThatThrownBy(() -> all(high, GREY)).hasMessage(high + ": found 4 at [1, 2], expected a level, 0..3");
        String low = save(NpyArray.ofInts(new int[] {1, 6}, new int[] {0, 0, 0, 0, 0, -1}));
        assertThatThrownBy(() -> all(low, GREY)).hasMessageContaining("found -1 at [0, 5]");
        String nan = save(NpyArray.ofFloats(new int[] {1, 2}, new float[] {0, Float.NaN}));
        assertThatThrownBy(() -> all(nan, SERIES)).hasMessage(nan + ": found NaN at [0, 1], expected a finite number");
        assertThatThrownBy(() -> all(nan, AUDIO)).hasMessageContaining("found NaN at [0, 1], expected a level");
    }

    private String npz(String... keys) throws IOException {
        SequencedMap<String, NpyArray> arrays = new LinkedHashMap<>();
        for (int i = 0; i < keys.length; i++) {
            arrays.put(keys[i], NpyArray.ofInts(new int[] {1, 6}, new int[] {i, i, i, i, i, i}));
        }
        Path file = folder.resolve("x.npz");
        Npz.write(file, arrays);
        return file.toString();
    }

    @Test
    void npzBySplitKeyOrAlone() throws IOException {
        DataSet split = DataSets.open(npz("test", "train", "labels"));
        assertThat(split.splits()).containsExactly(Split.TRAIN, Split.TEST);
        assertThat(split.read(Split.TEST, SEQUENCE).levels()).containsOnly(0);
        assertThat(split.read(Split.ALL, SEQUENCE).levels()).containsExactly(1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0);
        assertThatThrownBy(() -> split.read(Split.VALID, SEQUENCE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no split \"valid\"; it has [train, test]");

        DataSet keyed = DataSets.open(npz("a", "b") + ":b");
        assertThat(keyed.splits()).isEmpty();
        assertThat(keyed.read(Split.ALL, SEQUENCE).levels()).containsOnly(1);
        assertThatThrownBy(() -> keyed.read(Split.TEST, SEQUENCE)).hasMessageContaining("it is not divided");

        assertThat(all(npz("anything"), SEQUENCE).count()).isEqualTo(1);

        String two = npz("a", "b");
        assertThatThrownBy(() -> DataSets.open(two))
                .isInstanceOf(FormatException.class)
                .hasMessage(two + ": has the arrays [a, b]; say which is meant, as " + two + ":KEY");
        assertThatThrownBy(() -> DataSets.open(two + ":c")).hasMessage(two + ": has no array 'c'; there are [a, b]");
        assertThatThrownBy(() -> all(two + ":b", new DataSpec.Sequence(4, 4)))
                .hasMessage(two + ": array 'b': found the shape [1, 6], expected [N, 4] for data of kind \"sequence\"");
    }

    @Test
    void tablesHaveAnExampleARow() throws IOException {
        Path file = Files.writeString(folder.resolve("x.csv"), "a,b,c,d,e,f\n0,1,2,3,0,1\n3,3,3,3,3,3\n");

        assertThat(all(file.toString(), GREY).levels()).containsExactly(0, 1, 2, 3, 0, 1, 3, 3, 3, 3, 3, 3);
        assertThat(all(file.toString(), SERIES).count()).isEqualTo(2);
    }

    @Test
    void textsAreInTheModelsCharacters() throws IOException {
        DataSpec text = new DataSpec.Text("ab\nü€😀");
        Path file = Files.writeString(folder.resolve("x.txt"), "ab\nü€😀a");
        assertThat(all(file.toString(), text).levels()).containsExactly(0, 1, 2, 3, 4, 5, 0);
        assertThat(all(file.toString(), text).count()).isEqualTo(1);

        Files.writeString(file, "aab\nü😀c");
        assertThatThrownBy(() -> all(file.toString(), text))
                .isInstanceOf(FormatException.class)
                .hasMessage(
                        file
                                + ": line 2, column 3 (offset 10): found 'c' (U+0063), which is not among the model's 6 characters");
        Files.writeString(file, "a\tb");
        assertThatThrownBy(() -> all(file.toString(), text))
                .hasMessageContaining("line 1, column 2 (offset 1): found U+0009,");
        Files.write(file, new byte[] {'a', (byte) 0xff});
        assertThatThrownBy(() -> all(file.toString(), text))
                .hasMessage(file + ": is not UTF-8 text: found the byte 0xff at offset 1");
        Files.writeString(file, "");
        assertThatThrownBy(() -> all(file.toString(), text)).hasMessage(file + ": is empty");
        assertThatThrownBy(() -> all(file.toString(), SEQUENCE)).hasMessageContaining("is text, expected data of kind");
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        assertThatThrownBy(() -> DataSets.open(folder + "/none.npy"))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("no such file, and no set of data of that name; there are [digits, mnist,");
        Path odd = Files.createFile(folder.resolve("x.dat"));
        assertThatThrownBy(() -> DataSets.open(odd.toString()))
                .hasMessageStartingWith(
                        odd + ": found a file of unknown kind, expected .npy, .npz, .csv, .csv.gz, .txt,");
    }
}
