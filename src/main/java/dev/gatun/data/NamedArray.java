package dev.gatun.data;

import dev.gatun.file.FormatException;
import dev.gatun.file.NpyArray;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An array and where it comes from.
 *
 * @param file its file, or the name of a bundled set
 * @param key its name in the file, null where the file holds one array
 */
record NamedArray(Path file, @Nullable String key, NpyArray array) {
    String name() {
        return key == null ? file.toString() : file + ":" + key;
    }

    FormatException refuse(String problem) {
        return new FormatException(file, key == null ? problem : "array '" + key + "': " + problem);
    }
}
