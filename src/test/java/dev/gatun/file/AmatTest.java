package dev.gatun.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AmatTest {
    @TempDir
    Path folder;

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("x.amat"), text);
    }

    private static byte[] read(Path file, int columns) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(Amat.read(file, row -> {
                    assertThat(row).hasSize(columns);
                    out.write(row);
                }))
                .isEqualTo(columns);
        return out.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0 1 1\n1 0 255\n", "0 1 1 \n1 0 255", "  0\t1 1\r\n1  0 255 \r\n"})
    void readsALineAnExample(String text) throws IOException {
        assertThat(read(write(text), 3)).containsExactly(0, 1, 1, 1, 0, 255);
        byte[] packed = ImageBytes.gzip(text.getBytes(StandardCharsets.US_ASCII));
        assertThat(read(Files.write(folder.resolve("x.gz"), packed), 3)).hasSize(6);
    }

    @Test
    void linesMayBeLong() throws IOException {
        assertThat(read(write("1 ".repeat(5000) + "\n" + "0 ".repeat(5000) + "\n"), 5000))
                .hasSize(10_000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 1;1 0 1; | line 2 has more than 2 numbers, expected 2, as line 1 has",
                "0 1;1; | line 2 has 1 numbers, expected 2",
                "0 1;;0 1; | line 2 has 0 numbers, expected 2",
                "0 1;0 256; | line 2, number 2: found a number above 255",
                "0 1;0 99999999999999999999; | found a number above 255",
                "0 1;0 -1; | line 2, number 2: found the byte 0x2d",
                "0.5 1; | line 1, number 1: found the byte 0x2e",
                "; | line 1 has 0 numbers",
                "'' | holds no numbers",
            })
    void refusesOtherThings(String text, String problem) throws IOException {
        Path file = write(text.replace(';', '\n'));

        assertThatThrownBy(() -> read(file, 2))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(problem);
    }
}
