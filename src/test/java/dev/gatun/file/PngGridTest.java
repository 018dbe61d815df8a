package dev.gatun.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PngGridTest {
    @TempDir
    Path folder;

    @Test
    void drawsGreyPicturesSideBySide() throws IOException {
        byte[] pixels = {0, 10, 20, 30, 40, 50, (byte) 200, (byte) 210, (byte) 220, (byte) 255, 1, 2, 3, 4, 5, 6, 7, 8};
        Path file = folder.resolve("a.png");
        PngGrid.write(file, new PngGrid.Grid(3, 2, 3, 1, pixels, 2, 1, 2));
        BufferedImage image = ImageIO.read(file.toFile());
        assertThat(image.getWidth()).isEqualTo(1 + 2 * (3 * 2 + 1));
        assertThat(image.getHeight()).isEqualTo(1 + 2 * (2 * 2 + 1));
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                assertThat(image.getRaster().getSample(x, y, 0))
                        .as("x %d y %d", x, y)
                        .isEqualTo(expected(pixels, x, y));
            }
        }
    }

    private static int expected(byte[] pixels, int x, int y) {
        int column = (x - 1) / 7;
        int row = (y - 1) / 5;
        int left = x - 1 - 7 * column;
        int top = y - 1 - 5 * row;
        if (x == 0 || y == 0 || left == 6 || top == 4 || row * 2 + column == 3) {
            return 128;
        }
        return pixels[(row * 2 + column) * 6 + top / 2 * 3 + left / 2] & 0xff;
    }

    @Test
    void drawsColours() throws IOException {
        byte[] pixels = {(byte) 255, 0, 1, 2, (byte) 254, 3};
        Path file = folder.resolve("a.png");
        PngGrid.write(file, new PngGrid.Grid(1, 1, 2, 3, pixels, 0, 0, 1));
        BufferedImage image = ImageIO.read(file.toFile());
        assertThat(image.getRGB(0, 0)).isEqualTo(0xffff0001);
        assertThat(image.getRGB(1, 0)).isEqualTo(0xff02fe03);
    }

    @Test
    void drawsTheSameBytesEachTimeAndLeavesNothingBeside() throws IOException {
        Path file = folder.resolve("a.png");
        PngGrid.Grid grid = new PngGrid.Grid(64, 8, 8, 1, new byte[4096], 0, 2, 3);
        PngGrid.write(file, grid);
        byte[] first = Files.readAllBytes(file);
        PngGrid.write(file, grid);
        assertThat(file).hasBinaryContent(first);
        assertThat(Fixtures.names(folder)).containsExactly("a.png");
    }

    @ParameterizedTest
    @CsvSource({"64,8,8,8", "1,8,8,1", "2,8,8,2", "10,8,8,4", "16,1,64,1", "16,64,1,16", "100,28,28,10"})
    void theWholeIsNearlySquare(int count, int height, int width, int columns) {
        byte[] pixels = new byte[count * height * width];
        assertThat(new PngGrid.Grid(count, height, width, 1, pixels, 0, 1, 1).columns())
                .isEqualTo(columns);
    }

    @ParameterizedTest
    @CsvSource({
        "0,1,1,1,1,1,1, count is 0",
        "1,0,1,1,1,1,1, height is 0",
        "1,1,-1,1,1,1,1, width is -1",
        "1,1,1,2,1,1,1, 'channels is 2, expected 1 or 3'",
        "1,1,1,1,-1,1,1, columns is -1",
        "1,1,1,1,1,-1,1, border is -1",
        "1,1,1,1,1,1,0, scale is 0",
        "2,1,1,1,1,1,1, 'pixels has 1 values, expected 2'",
        "65536,65536,1,1,1,1,1, 'pixels has 1 values, expected 4294967296'",
        "1,1,1,1,1,1,2147483647, the picture would have 46116860",
        "1,1,1,1,1,2147483647,1, the picture would have",
        "1,1,1,1,2147483647,1,1, the picture would have",
    })
    void refuses(int count, int height, int width, int channels, int columns, int border, int scale, String problem) {
        assertThatThrownBy(() -> new PngGrid.Grid(count, height, width, channels, new byte[1], columns, border, scale))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(problem);
    }

    @Test
    void spreadsLevels() {
        assertThat(PngGrid.fromLevels(new int[] {0, 1, 8, 15, 16}, 16))
                .containsExactly(0, 16, (byte) 128, (byte) 239, (byte) 255);
        assertThat(PngGrid.fromLevels(new int[] {0, 1}, 1)).containsExactly(0, (byte) 255);
        assertThat(PngGrid.fromLevels(new int[] {0, Integer.MAX_VALUE}, Integer.MAX_VALUE))
                .containsExactly(0, (byte) 255);
        assertThatThrownBy(() -> PngGrid.fromLevels(new int[] {0, 17}, 16))
                .hasMessage("level number 1 is 17, expected 0 to 16");
        assertThatThrownBy(() -> PngGrid.fromLevels(new int[] {-1}, 16)).hasMessageContaining("is -1");
        assertThatThrownBy(() -> PngGrid.fromLevels(new int[0], 0)).hasMessageContaining("maxLevel is 0");
    }
}
