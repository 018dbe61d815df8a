package dev.gatun.train;

import dev.gatun.file.FormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Epochs as rows of comma-separated values. */
final class EpochRows {
    static final String HEADER = "epoch,step,train_nats,validation_nats,bits_per_dimension,learning_rate,"
            + "gradient_norm,seconds,examples_per_second";

    private static final int CELLS = HEADER.split(",").length;

    private EpochRows() {}

    static String of(EpochReport report) {
        String validation = Double.isNaN(report.validationNats()) ? "" : Double.toString(report.validationNats());
        return report.epoch() + "," + report.step() + "," + report.trainNats() + "," + validation + ","
                + report.bitsPerDimension() + "," + report.learningRate() + "," + report.gradientNorm() + ","
                + report.seconds() + "," + report.examplesPerSecond();
    }

    /**
     * The rows of complete epochs up to one, of lines that begin with the header.
     *
     * @throws FormatException if they are of something else
     */
    static List<String> upTo(Path file, List<String> lines, int epochs) throws IOException {
        if (lines.isEmpty() || !lines.getFirst().equals(HEADER)) {
            throw new FormatException(
                    file,
                    "is not the log of this run: its first line is \"" + (lines.isEmpty() ? "" : lines.getFirst())
                            + "\", expected \"" + HEADER + "\"");
        }
        List<String> rows = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            if (epochOf(file, line) <= epochs) {
                rows.add(line);
            }
        }
        return rows;
    }

    private static int epochOf(Path file, String line) throws IOException {
        String[] cells = line.split(",", -1);
        try {
            if (cells.length == CELLS) {
                return Integer.parseInt(cells[0]);
            }
        } catch (NumberFormatException e) {
            // The same message for whatever is wrong with the line.
        }
        throw new FormatException(file, "is not the log of this run: found the line \"" + line + "\"");
    }

    /** The numbers of a column, named as in the header; NaN where there is none. */
    static double[] column(List<String> rows, String name) {
        int index = List.of(HEADER.split(",")).indexOf(name);
        return rows.stream()
                .map(row -> row.split(",", -1)[index])
                .mapToDouble(cell -> cell.isEmpty() ? Double.NaN : Double.parseDouble(cell))
                .toArray();
    }
}
