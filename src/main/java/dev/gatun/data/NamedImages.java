package dev.gatun.data;

import dev.gatun.file.FormatException;
import dev.gatun.file.NpyArray;
import dev.gatun.file.Npz;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Published sets of images, from files that have been checked. */
final class NamedImages {
    static final List<PublishedFile> CIFAR_BATCHES = List.of(
            batch("data_batch_1.bin", "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
            batch("data_batch_2.bin", "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
            batch("data_batch_3.bin", "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
            batch("data_batch_4.bin", "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
            batch("data_batch_5.bin", "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
            batch("test_batch.bin", "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"));

    private static final int SIDE = 28;
    /** One of MNIST's training images in so many, the last 10,000, is for validation, and likewise of others for CIFAR-10. */
    private static final int MNIST_VALID_PART = 6;

    private static final int CIFAR_VALID_PART = 10;
    private static final int CIFAR_BATCH = 10_000;
    private static final int CIFAR_SIDE = 32;

    private NamedImages() {}

    private static PublishedFile batch(String name, String sha256) {
        return new PublishedFile(
                "cifar-10-batches-bin/" + name, (long) CIFAR_BATCH * ImageFiles.CIFAR_RECORD, sha256, null);
    }

    /** MNIST's four files, or files of their form. */
    static DataSet mnist(String name, Path folder, String suffix) {
        return divided(
                name,
                () -> idx(folder, "train", suffix),
                training -> training / MNIST_VALID_PART,
                () -> idx(folder, "t10k", suffix));
    }

    private static Images idx(Path folder, String part, String suffix) throws IOException {
        Path labels = folder.resolve(part + "-labels-idx1-ubyte" + suffix);
        return ImageFiles.idxImages(folder.resolve(part + "-images-idx3-ubyte" + suffix))
                .labelled(labels, ImageFiles.idxLabels(labels));
    }

    /** CIFAR-10's six binary files. */
    static DataSet cifarBatches(String name, Path folder) {
        return divided(
                name,
                () -> {
                    List<Images> parts = new ArrayList<>();
                    for (PublishedFile file : CIFAR_BATCHES.subList(0, CIFAR_BATCHES.size() - 1)) {
                        parts.add(ImageFiles.cifar(folder.resolve(file.path())));
                    }
                    return Images.join(parts);
                },
                training -> training / CIFAR_VALID_PART,
                () -> ImageFiles.cifar(folder.resolve(CIFAR_BATCHES.getLast().path())));
    }

    /** CIFAR-10 as strips of PNG: two of the five training batches. */
    static DataSet cifarStrips(String name, Path folder, Reading reading) {
        reading.notes().accept(name + ": 20,000 of the 50,000 training images are here, as PNG");
        return divided(
                name,
                () -> Images.join(List.of(strip(folder, "train_1", "train", 0), strip(folder, "train_2", "train", 1))),
                training -> training / CIFAR_VALID_PART,
                () -> strip(folder, "test", "test", 0));
    }

    private static Images strip(Path folder, String file, String key, int batch) throws IOException {
        Path labels = folder.resolve("cifar10_labels.npz");
        int[] all = array(labels, key).array().ints();
        int from = batch * CIFAR_BATCH;
        if (all.length < from + CIFAR_BATCH) {
            throw new FormatException(
                    labels,
                    "array '" + key + "' has " + all.length + " labels, expected " + (from + CIFAR_BATCH) + " or more");
        }
        return ImageFiles.png(folder.resolve("cifar10_" + file + ".png"), CIFAR_SIDE)
                .labelled(labels, Arrays.copyOfRange(all, from, from + CIFAR_BATCH));
    }

    /** Static binarized MNIST's three text files. */
    static DataSet amats(String name, Path folder) {
        SequencedMap<Split, ImageSet.Source> parts = new LinkedHashMap<>();
        for (Split split : List.of(Split.TRAIN, Split.VALID, Split.TEST)) {
            Path file = folder.resolve("binarized_mnist_" + split.text() + ".amat");
            parts.put(split, () -> ImageFiles.amat(file, SIDE));
        }
        return ImageSet.divided(name, parts);
    }

    /**
     * Rows of bits called train, valid and test.
     *
     * @param labels whether {@code train_labels} and so on hold classes, from 1
     */
    static DataSet packed(String name, Path file, boolean labels) {
        SequencedMap<Split, ImageSet.Source> parts = new LinkedHashMap<>();
        for (Split split : List.of(Split.TRAIN, Split.VALID, Split.TEST)) {
            parts.put(split, () -> packed(file, split.text(), labels ? 1 : -1));
        }
        return ImageSet.divided(name, parts);
    }

    /** Omniglot's two small sets. */
    static DataSet omniglot(String name, Path file) {
        SequencedMap<Split, ImageSet.Source> parts = new LinkedHashMap<>();
        parts.put(Split.TRAIN, () -> packed(file, "small1", 0));
        parts.put(Split.TEST, () -> packed(file, "small2", 0));
        return ImageSet.divided(name, parts);
    }

    /** @param firstLabel the least class, -1 where there are no labels */
    private static Images packed(Path file, String key, int firstLabel) throws IOException {
        Images images = ImageFiles.packed(array(file, key), SIDE, SIDE);
        if (firstLabel < 0) {
            return images;
        }
        int[] labels = array(file, key + "_labels").array().ints();
        for (int i = 0; i < labels.length; i++) {
            labels[i] -= firstLabel;
        }
        return images.labelled(file, labels);
    }

    private static NamedArray array(Path file, String key) throws IOException {
        try (Npz npz = Npz.open(file)) {
            NpyArray array = npz.read(key);
            return new NamedArray(file, key, array);
        }
    }

    /** How many of so many training images are for validation. */
    private interface Held {
        int of(int training);
    }

    private static DataSet divided(String name, ImageSet.Source training, Held held, ImageSet.Source test) {
        ImageSet.Source once = once(training);
        SequencedMap<Split, ImageSet.Source> parts = new LinkedHashMap<>();
        parts.put(Split.TRAIN, () -> {
            Images all = once.read();
            return all.range(0, all.count() - held.of(all.count()));
        });
        parts.put(Split.VALID, () -> {
            Images all = once.read();
            return all.range(all.count() - held.of(all.count()), all.count());
        });
        parts.put(Split.TEST, test);
        return ImageSet.divided(name, parts);
    }

    /** A source that two parts share. */
    private static ImageSet.Source once(ImageSet.Source source) {
        List<Images> known = new ArrayList<>();
        return () -> {
            if (known.isEmpty()) {
                known.add(source.read());
            }
            return known.getFirst();
        };
    }
}
