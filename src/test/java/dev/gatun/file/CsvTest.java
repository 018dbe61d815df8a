package dev.gatun.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvTest {
    @TempDir
    Path folder;

    @Test
    void readsNumbers() throws IOException {
        assertThat(read("1,-2.5,3e2\n+.5, 7 ,8.\n")).isDeepEqualTo(new float[][] {{1, -2.5f, 300}, {0.5f, 7, 8}});
        assertThat(read("1\r\n2\r\n\r\n\n")).isDeepEqualTo(new float[][] {{1}, {2}});
        assertThat(read("9999999,0000007,16777216,16777217,0123456789"))
                .isDeepEqualTo(new float[][] {{9999999, 7, 16777216, 16777216, 123456789}});
        assertThat(read("1,2")).isDeepEqualTo(new float[][] {{1, 2}});
        assertThat(read("\ufeff1,2\n")).isDeepEqualTo(new float[][] {{1, 2}});
    }

    @Test
    void passesOverAHeading() throws IOException {
        assertThat(read("a,b\n1,2\n")).isDeepEqualTo(new float[][] {{1, 2}});
        assertThat(read("a table\n1,2\n3,4")).hasDimensions(2, 2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1,2;3,4,5 | line 2 has 3 columns, expected 2",
                "1,2;3 | line 2 has 1 columns, expected 2",
                "1,2;3, | line 2, column 2: '' is not a number",
                "1,2;3,x | line 2, column 2: 'x' is not a number",
                "1,x;3,4 | line 1, column 2: 'x' is not a number",
                "a,b;c,d | line 2, column 1: 'c' is not a number",
                "1;;2 | line 2 is empty",
                "1;NaN | 'NaN' is not a number",
                "1;Infinity | 'Infinity' is not a number",
                "1;0x10 | '0x10' is not a number",
                "1;1f | '1f' is not a number",
                "1;1 2 | '1 2' is not a number",
                "1;1e39 | '1e39' is beyond the range of float32",
                "; | holds no numbers",
                "a,b | holds no numbers",
            })
    void refuses(String text, String problem) {
        assertThatThrownBy(() -> Csv.read(stream(text.replace(';', '\n')), "some.csv"))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("some.csv: ")
                .hasMessageContaining(problem);
    }

    @Test
    void refusesAnEmptyFileOtherEncodingsAndFolders() throws IOException {
        Path file = Files.write(folder.resolve("a.csv"), new byte[0]);
        assertThatThrownBy(() -> Csv.read(file)).hasMessage(file + ": holds no numbers");
        Files.write(file, new byte[] {'1', (byte) 0xff});
        assertThatThrownBy(() -> Csv.read(file)).hasMessage(file + ": is not UTF-8 text");
        assertThatThrownBy(() -> Csv.read(folder)).hasMessage(folder + ": is a folder");
        assertThatThrownBy(() -> Csv.read(folder.resolve("b"))).hasMessage(folder.resolve("b") + ": no such file");
    }

    @Test
    void refusesALineWithoutEnd() throws IOException {
        byte[] line = new byte[(1 << 24) + 1];
        Arrays.fill(line, (byte) '1');
        Path file = Files.write(folder.resolve("a.csv"), line);
        assertThatThrownBy(() -> Csv.read(file)).hasMessageContaining("line 1 has more than 16777216 characters");
    }

    @Test
    void seesGzipByItsFirstBytes() throws IOException {
        byte[] packed = gzip("1,2\n3,4\n");
        Path file = Files.write(folder.resolve("a.csv"), packed);
        assertThat(Csv.read(file)).isDeepEqualTo(new float[][] {{1, 2}, {3, 4}});
        Path plain = Files.writeString(folder.resolve("b.gz"), "5\n");
        assertThat(Csv.read(plain)).isDeepEqualTo(new float[][] {{5}});
        for (int length = 2; length < packed.length; length++) {
            Files.write(file, Arrays.copyOf(packed, length));
            assertThatThrownBy(() -> Csv.read(file))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("damaged gzip");
        }
    }

    private static float[][] read(String text) throws IOException {
        return Csv.read(stream(text), "some.csv");
    }

    private static ByteArrayInputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }
}
