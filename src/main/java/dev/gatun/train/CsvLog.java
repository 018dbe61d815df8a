package dev.gatun.train;

import dev.gatun.file.AtomicFile;
import dev.gatun.file.FormatException;
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
    private static final String HEADER = "epoch,step,train_nats,validation_nats,bits_per_dimension,learning_rate,"
            + "gradient_norm,seconds,examples_per_second";

    private final Path file;

    /** A log in that file; nothing is written before training starts. */
    public CsvLog(Path file) {
        this.file = file;
    }

    @Override
    public void started(int epochs, long steps) {
        try {
            List<String> lines = new ArrayList<>(List.of(HEADER));
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
        String validation = Double.isNaN(report.validationNats()) ? "" : Double.toString(report.validationNats());
        String row = report.epoch() + "," + report.step() + "," + report.trainNats() + "," + validation + ","
                + report.bitsPerDimension() + "," + report.learningRate() + "," + report.gradientNorm() + ","
                + report.seconds() + "," + report.examplesPerSecond() + "\n";
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
        List<String> lines = whole.lines().toList();
        if (lines.isEmpty() || !lines.getFirst().equals(HEADER)) {
            throw new FormatException(
                    file,
                    "is not the log of this run: its first line is \"" + (lines.isEmpty() ? "" : lines.getFirst())
                            + "\", expected \"" + HEADER + "\"");
        }
        List<String> rows = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            if (epochOf(line) <= epochs) {
                rows.add(line);
            }
        }
        return rows;
    }

    private int epochOf(String line) throws IOException {
        String[] cells = line.split(",", -1);
        try {
            if (cells.length == HEADER.split(",").length) {
                return Integer.parseInt(cells[0]);
            }
        } catch (NumberFormatException e) {
            // The same message for whatever is wrong with the line.
        }
        throw new FormatException(file, "is not the log of this run: found the line \"" + line + "\"");
    }
}
