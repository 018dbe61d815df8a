package dev.gatun.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdxTest {
    @TempDir
    Path folder;

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("x"), bytes);
    }

    private static byte[] read(Path file) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Idx.read(file, out::write);
        return out.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsBytesPlainOrPacked(boolean packed) throws IOException {
        byte[] plain = ImageBytes.idx(8, 24, 2, 3, 4);
        Path file = write(packed ? ImageBytes.gzip(plain) : plain);

        assertThat(Idx.shape(file)).containsExactly(2, 3, 4);
        assertThat(read(file)).isEqualTo(Arrays.copyOfRange(plain, 16, 40));
        assertThat(read(write(ImageBytes.idx(8, 3, 3)))).containsExactly(0, 1, 2);
    }

    private void refuses(byte[] bytes, String problem) throws IOException {
        Path file = write(bytes);
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(problem);
    }

    @Test
    void refusesWhatIsNoFileOfBytes() throws IOException {
        refuses("P5 28 28".getBytes(java.nio.charset.StandardCharsets.US_ASCII), "no IDX file");
        refuses(new byte[] {0, 0, 8}, "no IDX file");
        refuses(ImageBytes.idx(0x0d, 24, 2, 3), "the IDX type 0x0d, expected 0x08");
        refuses(ImageBytes.idx(8, 24), "declares 0 dimensions, expected 1..4");
        refuses(ImageBytes.idx(8, 24, 1, 1, 1, 1, 24), "declares 5 dimensions");
        refuses(Arrays.copyOf(ImageBytes.idx(8, 0, 2, 3), 9), "ends within its header");
        assertThatThrownBy(() -> read(folder.resolve("none"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> read(folder)).hasMessageContaining("is not a regular file");
    }

    @Test
    void holdsLengthsAgainstTheFile() throws IOException {
        refuses(ImageBytes.idx(8, 23, 2, 3, 4), "declares a size of 2 in dimension 0, but at most 23 bytes follow");
        refuses(ImageBytes.idx(8, 25, 2, 3, 4), "goes on after the [2, 3, 4] values");
        refuses(ImageBytes.idx(8, 24, 0x7fffffff, 3, 4), "declares a size of 2147483647 in dimension 0");
        refuses(ImageBytes.idx(8, 24, 2, -1, 4), "declares a size of 4294967295 in dimension 1");
        refuses(ImageBytes.idx(8, 24, 0, 3, 4), "declares a size of 0 in dimension 0");
        refuses(ImageBytes.idx(8, 24, 1 << 16, 1 << 16, 1 << 16), "declares a size of 65536 in dimension");
    }

    @Test
    void holdsLengthsAgainstWhatUnpacks() throws IOException {
        refuses(ImageBytes.gzip(ImageBytes.idx(8, 23, 2, 3, 4)), "within row 1 of the [2, 3, 4]");
        refuses(ImageBytes.gzip(ImageBytes.idx(8, 25, 2, 3, 4)), "goes on after");
        // Some 1,000 bytes that unpack to a megabyte: read no further than is wanted.
        refuses(ImageBytes.gzip(Arrays.copyOf(ImageBytes.idx(8, 24, 2, 3, 4), 1 << 20)), "goes on after");
        refuses(ImageBytes.gzip(ImageBytes.idx(8, 24, 1 << 30, 1, 1)), "declares a size of 1073741824 in dimension 0");
        byte[] packed = ImageBytes.gzip(ImageBytes.idx(8, 24, 2, 3, 4));
        refuses(Arrays.copyOf(packed, packed.length - 4), "is a damaged gzip file");
        refuses(Arrays.copyOf(packed, 5), "is a damaged gzip file");
        packed[packed.length - 6] ^= 1;
        refuses(packed, "is a damaged gzip file");
    }
}
