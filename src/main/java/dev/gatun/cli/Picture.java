package dev.gatun.cli;

import dev.gatun.Examples;
import dev.gatun.family.DataSpec;
import dev.gatun.file.PngGrid;
import java.io.IOException;
import java.nio.file.Path;

/** Samples as a grid of pictures in one PNG. */
final class Picture implements SampleFile {
    /** What the longer side of the whole should come to. */
    private static final int GOOD_SIDE = 640;

    private static final int MOST_SCALE = 32;

    private final Path file;
    private final DataSpec.Image image;
    private final PngGrid.Grid grid;

    private Picture(Path file, DataSpec.Image image, PngGrid.Grid grid) {
        this.file = file;
        this.image = image;
        this.grid = grid;
    }

    /** @throws UsageException if the data are no pictures, or these are too many for one */
    static Picture of(Path file, DataSpec data, int count, int length, PictureOptions options) {
        DataSpec.Image image = image(file, data, length);
        int columns = Math.min(options.columns(), count);
        if (columns == 0) {
            double square = Math.sqrt((double) count * image.height() / image.width());
            columns = Math.clamp((long) Math.ceil(square), 1, count);
        }
        int rows = Math.ceilDiv(count, columns);
        long side = Math.max((long) columns * image.width(), (long) rows * image.height());
        int scale = options.scaleOr(Math.clamp(GOOD_SIDE / side, 1, MOST_SCALE));
        int border = options.borderOr(Math.max(1, scale / 4));
        try {
            byte[] pixels = new byte[Math.multiplyExact(count, length)];
            return new Picture(
                    file,
                    image,
                    new PngGrid.Grid(
                            count, image.height(), image.width(), image.channels(), pixels, columns, border, scale));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new UsageException("--out: " + file + ": " + count + " pictures of " + image.height() + " x "
                    + image.width() + " at scale " + scale + ": " + e.getMessage());
        }
    }

    /** Images, and sequences that are images row by row. */
    private static DataSpec.Image image(Path file, DataSpec data, int length) {
        int side = (int) Math.round(Math.sqrt(length));
        return switch (data) {
            case DataSpec.Image image -> image;
            case DataSpec.Sequence sequence
            when side * side == length -> new DataSpec.Image(side, side, 1, sequence.levels());
            default ->
                throw SampleFiles.misfit(
                        file.toString(), "models of images, or of sequences whose length is a square", data);
        };
    }

    @Override
    public void write(Samples samples) throws IOException {
        samples.each(this::take);
        PngGrid.write(file, grid);
    }

    private void take(int first, Examples batch) {
        byte[] planes = PngGrid.fromLevels(batch.levels(), image.levels() - 1);
        int pixels = image.height() * image.width();
        int channels = image.channels();
        for (int n = 0; n < batch.count(); n++) {
            for (int c = 0; c < channels; c++) {
                for (int pixel = 0; pixel < pixels; pixel++) {
                    grid.pixels()[((first + n) * pixels + pixel) * channels + c] =
                            planes[(n * channels + c) * pixels + pixel];
                }
            }
        }
    }
}
