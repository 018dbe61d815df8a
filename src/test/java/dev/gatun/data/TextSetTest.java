package dev.gatun.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.LongSequence;
import dev.gatun.family.DataSpec;
import dev.gatun.file.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextSetTest {
    @TempDir
    private Path folder;

    private TextSet set(String text, TextSet.Division division) throws IOException {
        return new TextSet("x", Files.writeString(folder.resolve("x.txt"), text), division);
    }

    private static String text(TextSet set, Split split) throws IOException {
        DataSpec.Text data = (DataSpec.Text) set.spec(false);
        LongSequence part = set.sequences(split, data).getFirst();
        int[] levels = new int[(int) part.length()];
        part.read(0, levels, 0, levels.length);
        return new Vocabulary(data).decode(levels, 0, levels.length);
    }

    @Test
    void itsCharactersAreSorted() throws IOException {
        assertThat(set("zü\n€😀za", TextSet.Division.NONE).spec(false)).isEqualTo(new DataSpec.Text("\nazü€😀"));
        assertThatThrownBy(() -> set("aaa", TextSet.Division.NONE).spec(false))
                .hasMessageContaining("has 1 different characters, expected at least 2");
    }

    @Test
    void theTailIsHeldOut() throws IOException {
        String whole = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO";
        TextSet set = set(whole, TextSet.Division.TAIL);

        assertThat(set.splits()).containsExactly(Split.TRAIN, Split.VALID, Split.TEST);
        assertThat(text(set, Split.TEST)).isEqualTo("LMNO");
        assertThat(text(set, Split.VALID)).isEqualTo("JK");
        assertThat(text(set, Split.TRAIN) + "JKLMNO").isEqualTo(whole);
        assertThat(text(set, Split.ALL)).isEqualTo(whole);
        TextSet tiny = set("ab", TextSet.Division.TAIL);
        assertThatThrownBy(() -> text(tiny, Split.TEST)).hasMessageContaining("has no split \"test\"");
    }

    @Test
    void someOfEveryTenLinesAreHeldOut() throws IOException {
        StringBuilder whole = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            whole.append((char) ('a' + i)).append(i == 19 ? "" : "\n");
        }
        TextSet set = set(whole.toString(), TextSet.Division.LINES);

        assertThat(text(set, Split.VALID)).isEqualTo("i\ns\n");
        assertThat(text(set, Split.TEST)).isEqualTo("j\nt");
        assertThat(text(set, Split.TRAIN))
                .startsWith("a\nb\n")
                .endsWith("q\nr\n")
                .hasSize(32);
    }

    @Test
    void vocabulariesMayBeLarge() throws IOException {
        StringBuilder whole = new StringBuilder();
        for (int point = 0x4e00; point < 0x4e00 + 1000; point++) {
            whole.appendCodePoint(point);
        }
        assertThat(text(set(whole.toString(), TextSet.Division.NONE), Split.ALL))
                .isEqualTo(whole.toString());
    }

    /** Bytes that are no UTF-8, though they look like it. */
    @ParameterizedTest
    @CsvSource({"c3", "80", "c0 80", "e0 80 80", "ed a0 80", "f4 90 80 80", "f5 80 80 80", "e2 82", "f0 9f 98 41"})
    void otherBytesAreNamedWithTheirOffset(String hex) throws IOException {
        byte[] bad = java.util.HexFormat.ofDelimiter(" ").parseHex(hex);
        byte[] bytes = new byte[3 + bad.length];
        bytes[0] = 'a';
        bytes[1] = 'b';
        bytes[2] = 'c';
        System.arraycopy(bad, 0, bytes, 3, bad.length);
        Path file = Files.write(folder.resolve("x.txt"), bytes);
        TextSet set = new TextSet("x", file, TextSet.Division.NONE);

        assertThatThrownBy(() -> set.read(Split.ALL, new DataSpec.Text("abc")))
                .isInstanceOf(FormatException.class)
                .hasMessage(file + ": is not UTF-8 text: found the byte 0x" + hex.substring(0, 2) + " at offset 3");
    }
}
