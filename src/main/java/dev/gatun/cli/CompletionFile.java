package dev.gatun.cli;

import dev.gatun.Examples;
import dev.gatun.family.DataSpec;
import dev.gatun.file.NpyArray.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** What completions are written to: a picture of examples, what is given of them and their completions, or an array. */
final class CompletionFile {
    /** What hides a pixel: neither a grey nor the border's. */
    private static final int HIDDEN = 0x35507a;

    private CompletionFile() {}

    /**
     * The file that {@code --out} names.
     *
     * @param examples the originals
     * @param known which values of each are given, in the layout of the data
     * @param count completions of each
     */
    static SampleFile of(String out, DataSpec data, Examples examples, boolean[] known, int count, ScaleOptions scale)
            throws IOException {
        String name = out.toLowerCase(Locale.ROOT);
        Path file = SampleFiles.outFile(out);
        if (name.endsWith(".png")) {
            return picture(file, data, examples, known, count, scale);
        }
        scale.refuse("--out", out);
        if (!name.endsWith(".npy")) {
            throw new UsageException("--out: found '" + out + "', expected a file that ends in .png or .npy");
        }
        return array(file, data, examples.count(), count);
    }

    private static SampleFile picture(
            Path file, DataSpec data, Examples examples, boolean[] known, int count, ScaleOptions scale) {
        int length = examples.length();
        DataSpec.Image image = PictureGrid.imageOf(data, length)
                .orElseThrow(() -> SampleFiles.misfit(
                        file.toString(), "models of images, or of sequences whose length is a square", data));
        int columns = Math.addExact(count, 2);
        int all = Math.multiplyExact(examples.count(), columns);
        PictureGrid grid = PictureGrid.of(file, image, true, all, columns, scale);
        int[] levels = new int[length];
        for (int n = 0; n < examples.count(); n++) {
            examples.copyLevels(n, levels, 0);
            grid.levels(n * columns, levels, 0);
            grid.levels(n * columns + 1, levels, 0);
            hide(grid, n * columns + 1, known, image.height() * image.width());
        }
        return samples -> {
            samples.each((first, batch) -> {
                int[] drawn = batch.levels();
                for (int i = 0; i < batch.count(); i++) {
                    int completion = first + i;
                    grid.levels(completion / count * columns + 2 + completion % count, drawn, i * length);
                }
            });
            grid.write();
        };
    }

    /** A pixel is hidden where one of its channels is to be drawn. */
    private static void hide(PictureGrid grid, int number, boolean[] known, int pixels) {
        for (int i = 0; i < known.length; i++) {
            if (!known[i]) {
                grid.colour(number, i % pixels, HIDDEN);
            }
        }
    }

    private static SampleFile array(Path file, DataSpec data, int examples, int count) {
        return samples -> {
            int[] example = data.exampleShape(samples.length());
            int[] shape = new int[example.length + 2];
            shape[0] = examples;
            shape[1] = count;
            System.arraycopy(example, 0, shape, 2, example.length);
            boolean real = data.levels() == 0;
            NpyRows.write(
                    file,
                    real ? DType.F32 : DType.I32,
                    shape,
                    rows -> samples.each((_, batch) -> {
                        if (real) {
                            rows.put(batch.reals());
                        } else {
                            rows.put(batch.levels());
                        }
                    }));
        };
    }
}
