package dev.gatun.cli;

import dev.gatun.family.DataSpec;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where the nats of examples come from: a number for each place, an image's pixels with all their channels. */
final class NatsMap {
    /** From few nats to many: dark violet, blue, green, yellow, each brighter than the one before it. */
    private static final int[] COLOURS = {0x440154, 0x3b528b, 0x21918c, 0x5ec962, 0xfde725};

    private final Path file;
    private final int[] shape;
    private final @Nullable PictureGrid picture;
    private final double[] sums;
    private long examples;

    private NatsMap(Path file, int[] shape, @Nullable PictureGrid picture) {
        this.file = file;
        this.shape = shape;
        this.picture = picture;
        this.sums = new double[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
    }

    /**
     * The file that {@code --map} names.
     *
     * @throws UsageException if it cannot hold the data
     */
    static NatsMap of(String out, DataSpec data, int length, ScaleOptions scale) throws IOException {
        String name = out.toLowerCase(Locale.ROOT);
        if (!name.endsWith(".png") && !name.endsWith(".npy")) {
            throw new UsageException("--map: found '" + out + "', expected a file that ends in .png or .npy");
        }
        Path file = SampleFiles.outFile(out);
        if (name.endsWith(".npy")) {
            scale.refuse("--map", out);
            int[] shape = data instanceof DataSpec.Image image
                    ? new int[] {image.height(), image.width()}
                    : new int[] {length};
            return new NatsMap(file, shape, null);
        }
        DataSpec.Image image = PictureGrid.imageOf(data, length)
                .orElseThrow(
                        () -> new UsageException("--map: " + out + " is for models of images, or of sequences whose"
                                + " length is a square, and this model's data are of kind \"" + data.kind()
                                + "\"; .npy holds any"));
        PictureGrid picture = PictureGrid.of(file, image, true, 1, 1, scale);
        return new NatsMap(file, new int[] {image.height(), image.width()}, picture);
    }

    /** Adds the nats of some examples' values, in the layout of the data. */
    void add(float[] nats, int count) {
        for (int i = 0; i < nats.length; i++) {
            sums[i % sums.length] += nats[i];
        }
        examples += count;
    }

    private double mean(int place) {
        return sums[place] / examples;
    }

    /** The most nats of a place. */
    double most() {
        return Arrays.stream(sums).max().orElse(0) / examples;
    }

    /** Writes the file, whole or not at all. */
    void write() throws IOException {
        if (picture == null) {
            float[] nats = new float[sums.length];
            for (int place = 0; place < nats.length; place++) {
                nats[place] = (float) mean(place);
            }
            Npy.write(file, NpyArray.ofFloats(shape, nats));
            return;
        }
        double most = most();
        for (int place = 0; place < sums.length; place++) {
            picture.colour(0, place, colour(most > 0 ? Math.clamp(mean(place) / most, 0, 1) : 0));
        }
        picture.write();
    }

    private static int colour(double part) {
        int first = (int) Math.min(part * (COLOURS.length - 1), COLOURS.length - 2);
        return PictureGrid.between(COLOURS[first], COLOURS[first + 1], part * (COLOURS.length - 1) - first);
    }
}
