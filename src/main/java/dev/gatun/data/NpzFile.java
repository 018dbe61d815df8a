package dev.gatun.data;

import dev.gatun.Examples;
import dev.gatun.family.DataSpec;
import dev.gatun.file.FormatException;
import dev.gatun.file.NpyArray;
import dev.gatun.file.Npz;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A file of named arrays: one of them by its key, or those that are called as splits are. */
final class NpzFile implements DataSet {
    private final Path file;
    /** The array that is the set; null where splits are. */
    private final @Nullable String key;

    private final List<Split> splits;
    private final Reading reading;

    private NpzFile(Path file, @Nullable String key, List<Split> splits, Reading reading) {
        this.file = file;
        this.key = key;
        this.splits = splits;
        this.reading = reading;
    }

    /**
     * A set in a file.
     *
     * @param key the array's name; null for the splits, or the only array
     * @throws FormatException if neither the key nor the file says which array is meant
     */
    static NpzFile open(Path file, @Nullable String key, Reading reading) throws IOException {
        Set<String> keys;
        try (Npz npz = Npz.open(file)) {
            keys = Set.copyOf(npz.keys());
        }
        if (key != null) {
            if (!keys.contains(key)) {
                throw new FormatException(file, "has no array '" + key + "'; there are " + sorted(keys));
            }
            return new NpzFile(file, key, List.of(), reading);
        }
        List<Split> splits = Stream.of(Split.TRAIN, Split.VALID, Split.TEST)
                .filter(split -> keys.contains(split.text()))
                .toList();
        if (!splits.isEmpty()) {
            return new NpzFile(file, null, splits, reading);
        }
        if (keys.size() != 1) {
            throw new FormatException(
                    file, "has the arrays " + sorted(keys) + "; say which is meant, as " + file + ":KEY");
        }
        return new NpzFile(file, keys.iterator().next(), List.of(), reading);
    }

    private static List<String> sorted(Set<String> keys) {
        return keys.stream().sorted().toList();
    }

    @Override
    public String name() {
        return key == null ? file.toString() : file + ":" + key;
    }

    @Override
    public List<Split> splits() {
        return splits;
    }

    @Override
    public Examples read(Split split, DataSpec data) throws IOException {
        DataSets.demand(this, split);
        List<Examples> parts = new ArrayList<>();
        try (Npz npz = Npz.open(file)) {
            for (String name : names(split)) {
                parts.add(Conform.examples(new NamedArray(file, name, npz.read(name)), data, reading.notes()));
            }
        }
        return join(parts);
    }

    /** Arrays that are called {@code train_labels}, or {@code KEY_labels}. */
    @Override
    public int @Nullable [] labels(Split split) throws IOException {
        DataSets.demand(this, split);
        List<int[]> parts = new ArrayList<>();
        try (Npz npz = Npz.open(file)) {
            for (String name : names(split)) {
                String labels = name + "_labels";
                if (!npz.keys().contains(labels)) {
                    return null;
                }
                NpyArray array = npz.read(labels);
                if (array.shape().length != 1) {
                    throw new NamedArray(file, labels, array)
                            .refuse("found the shape " + Arrays.toString(array.shape()) + ", expected [N]");
                }
                parts.add(array.ints());
            }
        }
        return parts.stream().flatMapToInt(Arrays::stream).toArray();
    }

    private List<String> names(Split split) {
        if (key != null) {
            return List.of(key);
        }
        return split == Split.ALL ? splits.stream().map(Split::text).toList() : List.of(split.text());
    }

    private Examples join(List<Examples> parts) throws FormatException {
        Examples first = parts.getFirst();
        for (Examples part : parts) {
            if (part.length() != first.length()) {
                throw new FormatException(
                        file,
                        "its splits have examples of " + first.length() + " and of " + part.length()
                                + " values, which cannot be taken together");
            }
        }
        return Pieces.join(parts);
    }
}
