package dev.gatun.cli;

import dev.gatun.Examples;
import dev.gatun.family.DataSpec;
import java.io.IOException;
import java.nio.file.Path;

/** Samples as a grid of pictures in one PNG. */
final class Picture implements SampleFile {
    private final PictureGrid grid;

    private Picture(PictureGrid grid) {
        this.grid = grid;
    }

    /**
     * Samples of a length.
     *
     * @param columns side by side where no option says it; 0 for as many as make the whole nearly square
     * @throws UsageException if the data are no pictures, or these are too many for one
     */
    static Picture of(Path file, DataSpec data, int count, int columns, int length, PictureOptions options) {
        DataSpec.Image image = PictureGrid.imageOf(data, length)
                .orElseThrow(() -> SampleFiles.misfit(
                        file.toString(), "models of images, or of sequences whose length is a square", data));
        return new Picture(PictureGrid.of(file, image, false, count, options.columnsOr(columns), options.scale()));
    }

    @Override
    public void write(Samples samples) throws IOException {
        samples.each(this::take);
        grid.write();
    }

    /** Writes examples that are there already. */
    void write(Examples all) throws IOException {
        take(0, all);
        grid.write();
    }

    private void take(int first, Examples batch) {
        int[] levels = batch.levels();
        for (int n = 0; n < batch.count(); n++) {
            grid.levels(first + n, levels, n * batch.length());
        }
    }
}
