package dev.gatun.cli;

import dev.gatun.family.DataSpec;
import dev.gatun.file.PngGrid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Pictures of one size that are put into one PNG, side by side and row by row, large enough to be looked at. */
final class PictureGrid {
    /** What the longer side of the whole should come to. */
    private static final int GOOD_SIDE = 640;

    private static final int MOST_SCALE = 32;

    private final Path file;
    private final DataSpec.Image image;
    private final PngGrid.Grid grid;

    private PictureGrid(Path file, DataSpec.Image image, PngGrid.Grid grid) {
        this.file = file;
        this.image = image;
        this.grid = grid;
    }

    /** What examples are as pictures: images, and sequences whose length is a square, row by row. */
    static Optional<DataSpec.Image> imageOf(DataSpec data, int length) {
        int side = (int) Math.round(Math.sqrt(length));
        return switch (data) {
            case DataSpec.Image image -> Optional.of(image);
            case DataSpec.Sequence sequence
            when side * side == length -> Optional.of(new DataSpec.Image(side, side, 1, sequence.levels()));
            default -> Optional.empty();
        };
    }

    /**
     * Pictures that are black so far.
     *
     * @param image what each is
     * @param colours whether they are in colours, whatever the image's channels
     * @param count how many
     * @param columns side by side; 0 for as many as make the whole nearly square
     * @throws UsageException if these are too many for one
     */
    static PictureGrid of(
            Path file, DataSpec.Image image, boolean colours, int count, int columns, ScaleOptions options) {
        int channels = colours ? 3 : image.channels();
        int across = Math.min(columns, count);
        if (across == 0) {
            double square = Math.sqrt((double) count * image.height() / image.width());
            across = Math.clamp((long) Math.ceil(square), 1, count);
        }
        int rows = Math.ceilDiv(count, across);
        long side = Math.max((long) across * image.width(), (long) rows * image.height());
        int scale = options.scaleOr(Math.clamp(GOOD_SIDE / side, 1, MOST_SCALE));
        int border = options.borderOr(Math.max(1, scale / 4));
        try {
            byte[] pixels =
                    new byte[Math.multiplyExact(count, Math.multiplyExact(image.height() * image.width(), channels))];
            return new PictureGrid(
                    file,
                    image,
                    new PngGrid.Grid(count, image.height(), image.width(), channels, pixels, across, border, scale));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new UsageException(file + ": " + count + " pictures of " + image.height() + " x " + image.width()
                    + " at scale " + scale + ": " + e.getMessage());
        }
    }

    /**
     * Draws one picture.
     *
     * @param levels {@code [channels, height, width]} from {@code offset} on
     */
    void levels(int number, int[] levels, int offset) {
        int pixels = image.height() * image.width();
        byte[] planes = PngGrid.fromLevels(
                Arrays.copyOfRange(levels, offset, offset + image.channels() * pixels), image.levels() - 1);
        for (int c = 0; c < grid.channels(); c++) {
            int plane = Math.min(c, image.channels() - 1) * pixels;
            for (int pixel = 0; pixel < pixels; pixel++) {
                put(number, pixel, c, planes[plane + pixel]);
            }
        }
    }

    /** Sets a pixel of a picture in colours, {@code 0xRRGGBB}. */
    void colour(int number, int pixel, int colour) {
        for (int c = 0; c < 3; c++) {
            put(number, pixel, c, (byte) (colour >> (16 - Byte.SIZE * c)));
        }
    }

    /** A colour between two, from 0, the first, to 1. */
    static int between(int first, int second, double part) {
        int colour = 0;
        for (int shift = 0; shift <= 2 * Byte.SIZE; shift += Byte.SIZE) {
            int from = first >> shift & 0xff;
            int to = second >> shift & 0xff;
            colour |= (int) Math.round(from + part * (to - from)) << shift;
        }
        return colour;
    }

    private void put(int number, int pixel, int channel, byte value) {
        int pixels = image.height() * image.width();
        grid.pixels()[(number * pixels + pixel) * grid.channels() + channel] = value;
    }

    /** Writes the file, whole or not at all. */
    void write() throws IOException {
        PngGrid.write(file, grid);
    }
}
