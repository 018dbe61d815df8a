package dev.gatun.cli;

import dev.gatun.Examples;
import dev.gatun.data.DataSets;
import dev.gatun.data.Reading;
import dev.gatun.data.Split;
import dev.gatun.data.Vocabulary;
import dev.gatun.family.DataSpec;
import dev.gatun.file.Npy;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What samples begin with. */
final class PrimeOptions {
    @Option(
            names = "--prime",
            paramLabel = "FILE",
            description =
                    "What samples begin with, as data of the model: .txt, .wav (any rate; several channels are mixed),"
                            + " .npy [N, T], one row or one for each sample. --length counts what comes after it.")
    private @Nullable String file;

    @Option(names = "--prime-text", paramLabel = "TEXT", description = "The same, of text that is given here.")
    private @Nullable String text;

    /** Whether anything is given. */
    boolean given() {
        return file != null || text != null;
    }

    /**
     * Reads it: one row for all samples, or one for each.
     *
     * @return null if nothing is given
     * @throws UsageException if the model's data are not of that kind
     */
    @Nullable
    Examples read(DataSpec data, int count) throws IOException {
        if (text != null) {
            return ofText(text, data);
        }
        return file == null ? null : ofFile(file, data, count);
    }

    private Examples ofText(String given, DataSpec data) throws IOException {
        if (file != null) {
            throw new UsageException("--prime and --prime-text: expected one of them");
        }
        if (!(data instanceof DataSpec.Text spec)) {
            throw new UsageException(
                    "--prime-text: is for text models, and this model's data are of kind \"" + data.kind() + "\"");
        }
        if (given.isEmpty()) {
            throw new UsageException("--prime-text: found nothing, expected at least one character");
        }
        int[] levels = new Vocabulary(spec).encode(Path.of("--prime-text"), given);
        return Examples.ofLevels(1, levels.length, levels);
    }

    private static Examples ofFile(String given, DataSpec data, int count) throws IOException {
        if (data instanceof DataSpec.Image) {
            throw new UsageException(
                    "--prime: is for sequences, sound, text and series, and this model's data are of kind \""
                            + data.kind() + "\"");
        }
        Reading plain = Reading.plain();
        Reading mono = new Reading(plain.folder(), false, true, null, _ -> {});
        DataSpec begun = begun(given, data);
        Examples prime = DataSets.open(given, mono).read(Split.ALL, begun);
        if (prime.count() != 1 && prime.count() != count) {
            throw new UsageException("--prime: found " + prime.count() + " rows in " + given + ", expected 1"
                    + (count == 1 ? "" : " or one for each of the " + count + " samples"));
        }
        return prime;
    }

    /** Data of which an example may be only begun. */
    private static DataSpec begun(String given, DataSpec data) throws IOException {
        if (!(data instanceof DataSpec.Sequence sequence)) {
            return data;
        }
        if (!given.endsWith(".npy")) {
            throw new UsageException(
                    "--prime: found '" + given + "', expected a .npy file for data of kind \"sequence\"");
        }
        int[] shape = Npy.read(Path.of(given)).shape();
        return new DataSpec.Sequence(shape.length == 0 ? 1 : Math.max(1, shape[shape.length - 1]), sequence.levels());
    }
}
