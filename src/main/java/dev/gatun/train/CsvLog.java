package dev.gatun.train;

import dev.gatun.file.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a line of comma-separated values for each epoch. A fresh run replaces the file; a resumed one keeps the rows
 * of the epochs before it and appends, so that no epoch is there twice.
 *
 * <p>Columns: epoch, step, train_nats, validation_nats (empty without validation), bits_per_dimension, learning_rate,
 * gradient_norm, seconds, examples_per_second; see {@link EpochReport}. Failures to write are
 * {@link UncheckedIOException}s, which end the run.
 */
public final class CsvLog implements ProgressListener {
    private final Path file;

    /** A log in that file; nothing is written before training starts. */
    public CsvLog(Path file) {
        this.file = file;
    }

    @Override
    public void started(int epochs, long steps) {
        try {
            List<String> lines = new ArrayList<>(List.of(EpochRows.HEADER));
            if (epochs > 0 && Files.exists(file)) {
                lines.addAll(rowsUpTo(epochs));
            }
            byte[] text = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(file, out -> out.write(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void epochEnded(EpochReport report) {
        String row = EpochRows.of(report) + "\n";
        try {
            Files.writeString(file, row, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(new IOException(file + ": the log cannot be written: " + e.getMessage(), e));
        }
    }

    /** The rows of complete epochs. A last line without its end was torn by a crash; its epoch comes again. */
    private List<String> rowsUpTo(int epochs) throws IOException {
        String text = Files.readString(file);
        String whole = text.substring(0, text.lastIndexOf('\n') + 1);
        return EpochRows.upTo(file, whole.lines().toList(), epochs);
    }
}
