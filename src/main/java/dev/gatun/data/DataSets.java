package dev.gatun.data;

import dev.gatun.file.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds sets of data by what a user calls them: the name of a bundled or of a {@linkplain NamedSets published} set; a {@code
 * .npy} file; a {@code .npz} file, which holds one array, or arrays named {@code train}, {@code valid} and {@code test}, or one
 * that is named after a colon ({@code mnist.npz:images}); a {@code .csv} or {@code .csv.gz} file with an example a row; a {@code
 * .txt} file for models of text; a {@code .wav} file, or a folder or {@code .zip} of them; images as IDX, {@code .amat}, CIFAR-10's {@code .bin}, or one below the other in a {@code .png}.
 */
public final class DataSets {
    /** The kinds of files that are read. */
    private static final String KINDS =
            ".npy, .npz, .csv, .csv.gz, .txt, .wav, a folder or .zip of .wav, .amat, .png, .bin (CIFAR-10) or IDX"
                    + " (-ubyte, .idx; .gz)";

    private static final String NPZ_KEY = ".npz:";

    private DataSets() {}

    /** The names of the bundled sets. A file of the same name is meant by {@code ./name}. */
    public static List<String> bundledNames() {
        return List.of(Digits.NAME);
    }

    /** The names of the bundled and of the published sets. */
    public static List<String> names() {
        return Stream.concat(bundledNames().stream(), NamedSets.list().stream().map(NamedSet::name))
                .toList();
    }

    /**
     * Opens a set. Of a file that is not divided only the name is looked at.
     *
     * @throws NoSuchFileException if there is neither a bundled set nor a file of that name
     * @throws FormatException if it is none of the kinds of files that are read, or does not say which array is meant
     */
    public static DataSet open(String source) throws IOException {
        return open(source, Reading.plain());
    }

    /** As {@link #open(String)}, read in a way that is said. */
    public static DataSet open(String source, Reading reading) throws IOException {
        DataSet set = find(source, reading);
        Binarize how = reading.binarize();
        return how == null ? set : BinarySet.of(set, how);
    }

    private static DataSet find(String source, Reading reading) throws IOException {
        if (source.equals(Digits.NAME)) {
            return new Digits();
        }
        NamedSet named = NamedSets.find(source);
        if (named != null) {
            return named.open(reading);
        }
        int colon = source.lastIndexOf(NPZ_KEY);
        boolean keyed = colon >= 0 && colon + NPZ_KEY.length() < source.length();
        String file = keyed ? source.substring(0, colon + NPZ_KEY.length() - 1) : source;
        return open(Path.of(file), keyed ? source.substring(colon + NPZ_KEY.length()) : null, reading);
    }

    private static DataSet open(Path file, @Nullable String key, Reading reading) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(
                    file.toString(), null, "no such file, and no set of data of that name; there are " + names());
        }
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".npz")) {
            return NpzFile.open(file, key, reading);
        }
        if (name.endsWith(".npy")) {
            return ArrayFile.npy(file, reading);
        }
        if (name.endsWith(".csv") || name.endsWith(".csv.gz")) {
            return ArrayFile.csv(file, reading);
        }
        if (name.endsWith(".txt")) {
            return new TextSet(file.toString(), file, TextSet.Division.NONE);
        }
        SoundFiles sounds = sounds(file, name);
        if (sounds != null) {
            return SoundSet.byFolders(file.toString(), sounds, reading);
        }
        ImageSet.Source images = images(file, name);
        if (images != null) {
            return ImageSet.whole(file.toString(), images);
        }
        throw new FormatException(file, "found a file of unknown kind, expected " + KINDS);
    }

    private static @Nullable SoundFiles sounds(Path file, String name) {
        if (Files.isDirectory(file)) {
            return new SoundFiles.Folder(file);
        }
        if (name.endsWith(".wav")) {
            return new SoundFiles.Single(file);
        }
        return name.endsWith(".zip") ? new SoundFiles.Zip(file) : null;
    }

    /** How a file of images is read, by its name; null if that is none. */
    private static ImageSet.@Nullable Source images(Path file, String name) {
        String plain = name.endsWith(".gz") ? name.substring(0, name.length() - ".gz".length()) : name;
        if (plain.endsWith("-ubyte") || plain.endsWith(".idx") || plain.endsWith(".idx3")) {
            return () -> ImageFiles.idx(file);
        }
        if (plain.endsWith(".amat")) {
            return () -> ImageFiles.amat(file, 0);
        }
        if (name.endsWith(".png")) {
            return () -> ImageFiles.png(file, 0);
        }
        return name.endsWith(".bin") ? () -> ImageFiles.cifar(file) : null;
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
