package dev.gatun.data;

import dev.gatun.LongSequence;
import dev.gatun.file.Amat;
import dev.gatun.file.FormatException;
import dev.gatun.file.Idx;
import dev.gatun.file.NpyArray;
import dev.gatun.file.PngReader;
import dev.gatun.file.Records;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/** From files of images to images. */
final class ImageFiles {
    private static final int GREY_LEVELS = 256;
    private static final int CIFAR_SIDE = 32;
    private static final int CIFAR_CHANNELS = 3;
    private static final int CIFAR_CLASSES = 10;
    static final int CIFAR_RECORD = 1 + CIFAR_CHANNELS * CIFAR_SIDE * CIFAR_SIDE;

    private ImageFiles() {}

    /** Images of an IDX file, with their labels where these lie beside it under the name that MNIST gave them. */
    static Images idx(Path file) throws IOException {
        Images images = idxImages(file);
        String name = String.valueOf(file.getFileName());
        Path labels = file.resolveSibling(name.replace("images-idx3", "labels-idx1"));
        return name.contains("images-idx3") && Files.exists(labels)
                ? images.labelled(labels, idxLabels(labels))
                : images;
    }

    /** Images of an IDX file, [N, H, W] or [N, C, H, W]. */
    static Images idxImages(Path file) throws IOException {
        int[] shape = Idx.shape(file);
        boolean channelled = shape.length == 4 && (shape[1] == 1 || shape[1] == 3);
        if (shape.length != 3 && !channelled) {
            throw new FormatException(
                    file,
                    "found the shape " + Arrays.toString(shape) + ", expected images, [N, H, W] or [N, 1 or 3, H, W]");
        }
        try (LevelStore store = new LevelStore(GREY_LEVELS)) {
            Idx.read(file, row -> store.put(row, 0, row.length));
            return new Images(
                    file,
                    shape.length == 3 ? 1 : shape[1],
                    shape[shape.length - 2],
                    shape[shape.length - 1],
                    GREY_LEVELS,
                    store.finish(),
                    null);
        }
    }

    /** Labels of an IDX file, [N]. */
    static int[] idxLabels(Path file) throws IOException {
        int[] shape = Idx.shape(file);
        if (shape.length != 1) {
            throw new FormatException(file, "found the shape " + Arrays.toString(shape) + ", expected labels, [N]");
        }
        int[] labels = new int[shape[0]];
        AtomicInteger filled = new AtomicInteger();
        Idx.read(file, row -> labels[filled.getAndIncrement()] = row[0] & 0xff);
        return labels;
    }

    /**
     * Images of an .amat file, one a line; of two levels where no number is above 1.
     *
     * @param height of an image, 0 if lines are square images
     */
    static Images amat(Path file, int height) throws IOException {
        int[] most = {0};
        try (LevelStore store = new LevelStore(GREY_LEVELS)) {
            int columns = Amat.read(file, row -> {
                for (byte value : row) {
                    most[0] = Math.max(most[0], value & 0xff);
                }
                store.put(row, 0, row.length);
            });
            int rows = height > 0 ? height : (int) Math.round(Math.sqrt(columns));
            // What is no square is taken as a single row.
            boolean whole = columns % rows == 0 && (height > 0 || rows * rows == columns);
            return new Images(
                    file,
                    1,
                    whole ? rows : 1,
                    whole ? columns / rows : columns,
                    most[0] <= 1 ? 2 : GREY_LEVELS,
                    store.finish(),
                    null);
        }
    }

    /** Images of rows of bits, as NumPy's packbits makes them. */
    static Images packed(NamedArray from, int height, int width) throws IOException {
        int[] shape = from.array().shape();
        int wanted = PackedBits.rowBytes(height * width);
        if (shape.length != 2 || shape[1] != wanted || from.array().type() != NpyArray.DType.U8) {
            throw from.refuse("found " + from.array() + ", expected U8[N, " + wanted + "], rows of bits");
        }
        return new Images(from.file(), 1, height, width, 2, bits(from, height * width), null);
    }

    /** The bits of an array of bytes, of which those beyond the width must be 0. */
    static LongSequence bits(NamedArray from, int width) throws FormatException {
        PackedBits bits = new PackedBits(from.array().bytes(), width);
        int spoiled = bits.spoiledRow();
        if (spoiled >= 0) {
            throw from.refuse("row " + spoiled + " has bits beyond its " + width + " values");
        }
        return bits;
    }

    /** CIFAR-10's binary format: a label, then red, green and blue planes of 32 x 32. */
    static Images cifar(Path file) throws IOException {
        int[] labels = new int[16];
        AtomicInteger count = new AtomicInteger();
        int[][] held = {labels};
        try (LevelStore store = new LevelStore(GREY_LEVELS)) {
            Records.read(file, CIFAR_RECORD, record -> {
                int n = count.getAndIncrement();
                if ((record[0] & 0xff) >= CIFAR_CLASSES) {
                    throw new FormatException(
                            file,
                            "record " + n + " has the label " + (record[0] & 0xff) + ", expected 0.."
                                    + (CIFAR_CLASSES - 1));
                }
                if (n == held[0].length) {
                    held[0] = Arrays.copyOf(held[0], 2 * n);
                }
                held[0][n] = record[0];
                store.put(record, 1, record.length - 1);
            });
            return new Images(
                    file,
                    CIFAR_CHANNELS,
                    CIFAR_SIDE,
                    CIFAR_SIDE,
                    GREY_LEVELS,
                    store.finish(),
                    Arrays.copyOf(held[0], count.get()));
        }
    }

    /**
     * Images that stand one below the other in a PNG.
     *
     * @param height of each; 0 if they are as high as wide
     */
    static Images png(Path file, int height) throws IOException {
        try (PngReader png = PngReader.open(file);
                LevelStore store = new LevelStore(GREY_LEVELS)) {
            int rows = height > 0 ? height : Math.min(png.width(), png.height());
            if (png.height() % rows != 0) {
                throw new FormatException(
                        file,
                        "is " + png.width() + " x " + png.height() + ", expected a height that is a multiple of " + rows
                                + ": images one below the other");
            }
            int line = png.width() * png.channels();
            byte[] image = new byte[Math.multiplyExact(rows, line)];
            for (int n = 0; n < png.height() / rows; n++) {
                for (int y = 0; y < rows; y++) {
                    System.arraycopy(png.line(), 0, image, y * line, line);
                }
                for (int c = 0; c < png.channels(); c++) {
                    for (int i = c; i < image.length; i += png.channels()) {
                        store.put(image[i] & 0xff);
                    }
                }
            }
            return new Images(file, png.channels(), rows, png.width(), GREY_LEVELS, store.finish(), null);
        }
    }
}
