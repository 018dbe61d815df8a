package dev.gatun.cli;

import dev.gatun.data.Binarize;
import dev.gatun.data.DataSet;
import dev.gatun.data.DataSets;
import dev.gatun.data.Reading;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How data are read, whatever for. */
final class ReadingOptions {
    @Option(
            names = "--data-dir",
            paramLabel = "D",
            description = "The folder with the files of published sets, such as mnist; if not given, the environment's"
                    + " GATUN_DATA.")
    private @Nullable Path folder;

    @Option(
            names = "--mono",
            description = "Mix sounds of several channels down to one, their mean; if not given, they are refused.")
    private boolean mono;

    @Option(
            names = "--skip-bad",
            description =
                    "Pass over bad sound files of a folder or .zip, naming them; if not given, they are an error.")
    private boolean skipBad;

    /**
     * How to read.
     *
     * @param binarize how images become black and white, as {@link Binarize#parse} takes it; null if they stay
     */
    Reading reading(@Nullable String binarize, Console console) {
        Reading plain = Reading.plain();
        return new Reading(
                folder != null ? folder : plain.folder(),
                skipBad,
                mono,
                binarize == null ? null : how(binarize),
                note -> console.err().println(note));
    }

    private static Binarize how(String text) {
        try {
            return Binarize.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--binarize: " + e.getMessage());
        }
    }

    /** Opens a set, of which nothing is made binary. */
    DataSet open(String source, Console console) throws IOException {
        return DataSets.open(source, reading(null, console));
    }
}
