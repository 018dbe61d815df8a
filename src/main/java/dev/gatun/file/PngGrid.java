package dev.gatun.file;

import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Draws many small pictures of one size into one PNG, side by side, row by row. Needs no display. */
public final class PngGrid {
    private static final byte BORDER_GREY = (byte) 128;
    private static final long MOST_PIXELS = 1L << 28;

    private PngGrid() {}

    /**
     * Pictures and how to lay them out.
     *
     * @param count how many pictures, at least 1
     * @param height of each in pixels, at least 1
     * @param width of each in pixels, at least 1
     * @param channels 1 (grey) or 3 (red, green, blue)
     * @param pixels values 0..255 as {@code [count][height][width][channels]}; not copied
     * @param columns how many pictures stand side by side; 0: so many that the whole is nearly square
     * @param border pixels of grey around and between pictures, at least 0
     * @param scale how many pixels of the file a pixel is wide and high, at least 1
     */
    @SuppressWarnings("ArrayRecordComponent") // many megabytes, handed over once
    public record Grid(
            int count, int height, int width, int channels, byte[] pixels, int columns, int border, int scale) {
        /** Checks all of it against each other. */
        public Grid {
            require(count >= 1, "count", count, "at least 1");
            require(height >= 1, "height", height, "at least 1");
            require(width >= 1, "width", width, "at least 1");
            require(channels == 1 || channels == 3, "channels", channels, "1 or 3");
            require(columns >= 0, "columns", columns, "at least 0");
            require(border >= 0, "border", border, "at least 0");
            require(scale >= 1, "scale", scale, "at least 1");
            double expected = (double) count * height * width * channels;
            if (pixels.length != expected) {
                throw new IllegalArgumentException("pixels has " + pixels.length + " values, expected "
                        + (long) expected + " (" + count + " x " + height + " x " + width + " x " + channels + ")");
            }
            if (columns == 0) {
                long square = Math.round(Math.ceil(Math.sqrt((double) count * height / width)));
                columns = Math.clamp(square, 1, count);
            }
            double area = (double) extent(columns, width, border, scale)
                    * extent(Math.ceilDiv(count, columns), height, border, scale);
            if (area > MOST_PIXELS) {
                throw new IllegalArgumentException(
                        "the picture would have " + (long) area + " pixels, at most " + MOST_PIXELS + " are drawn");
            }
        }

        private static void require(boolean holds, String name, int value, String range) {
            if (!holds) {
                throw new IllegalArgumentException(name + " is " + value + ", expected " + range);
            }
        }

        private static long extent(int pictures, int size, int border, int scale) {
            return pictures * ((long) size * scale + border) + border;
        }
    }

    /**
     * Writes a grid, replacing the file whole or not at all (see {@link AtomicFile}).
     *
     * @param path the file
     * @param grid the pictures
     * @throws IOException if it cannot be written; what was there is then intact
     */
    public static void write(Path path, Grid grid) throws IOException {
        BufferedImage image = draw(grid);
        Iterator<ImageWriter> writers = ImageIO.getImageWritersByFormatName("png");
        if (!writers.hasNext()) {
            throw new IOException(path + ": this Java has no writer for PNG");
        }
        ImageWriter writer = writers.next();
        try {
            AtomicFile.write(path, out -> {
                try (ImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
                    writer.setOutput(stream);
                    writer.write(image);
                }
            });
        } finally {
            writer.dispose();
        }
    }

    /**
     * Spreads levels over 0..255: level 0 is black, the highest white, others rounded to nearest.
     *
     * @param levels values from 0 to {@code maxLevel}
     * @param maxLevel the highest level, at least 1
     * @return a byte for each
     * @throws IllegalArgumentException if a level is out of its range
     */
    public static byte[] fromLevels(int[] levels, int maxLevel) {
        if (maxLevel < 1) {
            throw new IllegalArgumentException("maxLevel is " + maxLevel + ", expected at least 1");
        }
        byte[] pixels = new byte[levels.length];
        for (int i = 0; i < levels.length; i++) {
            if (levels[i] < 0 || levels[i] > maxLevel) {
                throw new IllegalArgumentException(
                        "level number " + i + " is " + levels[i] + ", expected 0 to " + maxLevel);
            }
            pixels[i] = (byte) ((levels[i] * 255L + maxLevel / 2) / maxLevel);
        }
        return pixels;
    }

    private static BufferedImage draw(Grid grid) {
        int rows = Math.ceilDiv(grid.count(), grid.columns());
        int width = (int) Grid.extent(grid.columns(), grid.width(), grid.border(), grid.scale());
        int height = (int) Grid.extent(rows, grid.height(), grid.border(), grid.scale());
        int type = grid.channels() == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB;
        BufferedImage image = new BufferedImage(width, height, type);
        WritableRaster raster = image.getRaster();
        // A line of the file is made once and stored for each of the lines that it is repeated in.
        int[] line = new int[width * grid.channels()];
        Arrays.fill(line, BORDER_GREY & 0xff);
        for (int y = 0; y < height; y++) {
            raster.setPixels(0, y, width, 1, line);
        }
        for (int row = 0; row < rows; row++) {
            int top = grid.border() + row * (grid.height() * grid.scale() + grid.border());
            for (int y = 0; y < grid.height(); y++) {
                fill(line, grid, row, y);
                for (int repeat = 0; repeat < grid.scale(); repeat++) {
                    raster.setPixels(0, top + y * grid.scale() + repeat, width, 1, line);
                }
            }
        }
        return image;
    }

    /** Line y of every picture of a row, side by side. */
    private static void fill(int[] line, Grid grid, int row, int y) {
        Arrays.fill(line, BORDER_GREY & 0xff);
        int first = row * grid.columns();
        for (int column = 0; column < Math.min(grid.columns(), grid.count() - first); column++) {
            int from = ((first + column) * grid.height() + y) * grid.width() * grid.channels();
            int left = grid.border() + column * (grid.width() * grid.scale() + grid.border());
            for (int x = 0; x < grid.width() * grid.scale(); x++) {
                for (int c = 0; c < grid.channels(); c++) {
                    line[(left + x) * grid.channels() + c] =
                            grid.pixels()[from + x / grid.scale() * grid.channels() + c] & 0xff;
                }
            }
        }
    }
}
