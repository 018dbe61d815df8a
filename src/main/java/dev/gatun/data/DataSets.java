package dev.gatun.data;

import dev.gatun.file.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds sets of data by what a user calls them: the name of a bundled set; a {@code .npy} file; a {@code .npz} file,
 * which holds one array, or arrays named {@code train}, {@code valid} and {@code test}, or one that is named after a colon
 * ({@code mnist.npz:images}); a {@code .csv} or {@code .csv.gz} file with an example a row; a {@code .txt} file for models
 * of text.
 */
public final class DataSets {
    private static final String NPZ_KEY = ".npz:";

    private DataSets() {}

    /** The names of the bundled sets. A file of the same name is meant by {@code ./name}. */
    public static List<String> bundledNames() {
        return List.of(Digits.NAME);
    }

    /**
     * Opens a set. Of a file that is not divided only the name is looked at.
     *
     * @throws NoSuchFileException if there is neither a bundled set nor a file of that name
     * @throws FormatException if it is none of the kinds of files that are read, or does not say which array is meant
     */
    public static DataSet open(String source) throws IOException {
        if (source.equals(Digits.NAME)) {
            return new Digits();
        }
        int colon = source.lastIndexOf(NPZ_KEY);
        boolean keyed = colon >= 0 && colon + NPZ_KEY.length() < source.length();
        String file = keyed ? source.substring(0, colon + NPZ_KEY.length() - 1) : source;
        return open(Path.of(file), keyed ? source.substring(colon + NPZ_KEY.length()) : null);
    }

    private static DataSet open(Path file, @Nullable String key) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(
                    file.toString(),
                    null,
                    "no such file, and no bundled data of that name; there are " + bundledNames());
        }
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".npz")) {
            return NpzFile.open(file, key);
        }
        if (name.endsWith(".npy")) {
            return ArrayFile.npy(file);
        }
        if (name.endsWith(".csv") || name.endsWith(".csv.gz")) {
            return ArrayFile.csv(file);
        }
        if (name.endsWith(".txt")) {
            return new TextFile(file);
        }
        if (name.endsWith(".wav")) {
            throw new FormatException(file, "sound files are written, but not read: give its levels as .npy or .npz");
        }
        throw new FormatException(file, "found a file of unknown kind, expected .npy, .npz, .csv, .csv.gz or .txt");
    }

    /** Demands that a set has a part. */
    static void demand(DataSet set, Split split) {
        if (split != Split.ALL && !set.splits().contains(split)) {
            String has = set.splits().isEmpty()
                    ? "it is not divided, which \"all\" stands for"
                    : "it has " + set.splits().stream().map(Split::text).toList();
            throw new IllegalArgumentException(set.name() + ": has no split \"" + split.text() + "\"; " + has);
        }
    }
}
