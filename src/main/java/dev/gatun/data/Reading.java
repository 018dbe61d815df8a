package dev.gatun.data;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How data are read.
 *
 * @param folder where the files of published sets lie; null if nobody said it
 * @param skipBad whether a bad file among many is passed over, with a note, and not an error
 * @param mono whether sounds of several channels are mixed down to one, and not refused
 * @param binarize how grey images become black and white; null if they stay
 * @param notes takes what a user should know of how data were read, such as that rows were bit-packed
 */
public record Reading(
        @Nullable Path folder,
        boolean skipBad,
        boolean mono,
        @Nullable Binarize binarize,
        Consumer<String> notes) {
    /** The variable of the environment that says where the files of published sets lie. */
    public static final String VARIABLE = "GATUN_DATA";

    /** The folder of {@link #VARIABLE}, nothing skipped, mixed or made binary, notes to nobody. */
    public static Reading plain() {
        String given = System.getenv(VARIABLE);
        return new Reading(given == null || given.isEmpty() ? null : Path.of(given), false, false, null, _ -> {});
    }
}
