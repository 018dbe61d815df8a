package dev.gatun.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PngReaderTest {
    @TempDir
    Path folder;

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("x.png"), bytes);
    }

    private static byte[] read(Path file) throws IOException {
        try (PngReader png = PngReader.open(file)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            for (int y = 0; y < png.height(); y++) {
                out.write(png.line());
            }
            assertThatThrownBy(png::line).isInstanceOf(IllegalStateException.class);
            return out.toByteArray();
        }
    }

    /** Lines with each of the filters in turn, and random bytes. */
    private static byte[] lines(int height, int width) {
        byte[] lines = new byte[height * (1 + width)];
        new SplittableRandom(1).nextBytes(lines);
        for (int y = 0; y < height; y++) {
            lines[y * (1 + width)] = (byte) (y % 5);
        }
        return lines;
    }

    /** The Java library's own reader says what is right. */
    @ParameterizedTest
    @CsvSource({"0, 7, 11, 100000", "2, 7, 11, 100000", "2, 1, 6, 3", "0, 1, 1, 1", "2, 30, 300, 50"})
    void readsWhatJavaReads(int colour, int width, int height, int chunk) throws IOException {
        int channels = colour == 0 ? 1 : 3;
        Path file = write(ImageBytes.png(width, height, 8, colour, lines(height, width * channels), chunk));
        BufferedImage image = ImageIO.read(file.toFile());

        byte[] pixels = read(file);

        assertThat(pixels).hasSize(width * height * channels);
        int[] wanted = image.getRaster().getPixels(0, 0, width, height, (int[]) null);
        for (int i = 0; i < wanted.length; i++) {
            assertThat(pixels[i] & 0xff).as("byte %d", i).isEqualTo(wanted[i]);
        }
    }

    @Test
    void readsWhatGridsAreWrittenAs() throws IOException {
        Path file = folder.resolve("grid.png");
        byte[] pixels = {0, 50, 100, (byte) 200, 1, 2};
        PngGrid.write(file, new PngGrid.Grid(1, 2, 1, 3, pixels, 1, 0, 1));

        assertThat(read(file)).isEqualTo(pixels);
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
        byte[] lines = lines(2, 3);
        refuses(new byte[] {(byte) 0x89, 'P', 'N'}, "does not begin with the signature of PNG");
        refuses("GIF89a--".getBytes(java.nio.charset.StandardCharsets.US_ASCII), "signature of PNG");
        refuses(ImageBytes.png(3, 2, 16, 0, lines, 99), "has 16 bits a sample, the colour type 0");
        refuses(
                ImageBytes.png(3, 2, 8, 3, lines, 99),
                "colour type 3 and the interlace method 0, expected 8 bits, grey");
        refuses(ImageBytes.png(0, 2, 8, 0, lines, 99), "declares 0 x 2 pixels");
        refuses(ImageBytes.png(1 << 30, 2, 8, 0, lines, 99), "declares 1073741824 x 2 pixels, expected");
        refuses(ImageBytes.png(1 << 20, 1 << 20, 8, 0, lines, 99), "pixels, more than its");
    }

    @Test
    void refusesDamage() throws IOException {
        byte[] lines = lines(2, 3);
        byte[] good = ImageBytes.png(3, 2, 8, 0, lines, 99);
        refuses(Arrays.copyOf(good, good.length - 12), "ends before its chunk IEND");
        refuses(Arrays.copyOf(good, good.length - 20), "its chunk 'IDAT' declares");
        byte[] flipped = good.clone();
        flipped[good.length - 20] ^= 1;
        refuses(flipped, "its data are damaged: ");
        flipped[good.length - 20] ^= 1;
        flipped[good.length - 13] ^= 1;
        refuses(flipped, "its chunk 'IDAT' is damaged: its checksum is wrong");
        refuses(ImageBytes.png(3, 3, 8, 0, lines, 99), "its data end within line 2 of 3");
        refuses(ImageBytes.png(3, 1, 8, 0, lines, 99), "its data go on after line 1");
        lines[4] = 5;
        refuses(ImageBytes.png(3, 2, 8, 0, lines, 99), "line 1 has the filter 5, expected 0..4");
    }
}
