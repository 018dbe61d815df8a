package dev.gatun.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Reads {@code .amat} files: text with an example a line, whole numbers of 0 to 255 separated by spaces, as many in every line.
 * Plain or gzip, which is seen by the first bytes.
 */
public final class Amat {
    private static final int MOST_COLUMNS = 1 << 24;
    private static final int MOST = 255;

    private final Path file;
    private final Unpacked in;
    private byte[] row = new byte[1024];
    private long line = 1;
    /** Numbers of every line; -1 before the first has ended. */
    private int columns = -1;
    /** Numbers of this line so far. */
    private int filled;

    private Amat(Path file, Unpacked in) {
        this.file = file;
        this.in = in;
    }

    /**
     * Reads a file.
     *
     * @param sink takes the numbers of each line, a byte each
     * @return how many numbers a line has
     * @throws FormatException if a line is of another length than the first, or has something else than such numbers
     * @throws IOException if it cannot be read
     */
    public static int read(Path file, RowSink sink) throws IOException {
        try (Unpacked in = Unpacked.open(file)) {
            return new Amat(file, in).read(sink);
        }
    }

    private int read(RowSink sink) throws IOException {
        int value = -1; // the number that is being read
        int next;
        do {
            next = in.read();
            if (next >= '0' && next <= '9') {
                value = Math.max(value, 0) * 10 + next - '0';
                if (value > MOST) {
                    throw number("a number above " + MOST);
                }
            } else if (next == ' ' || next == '\t' || next == '\r' || next == '\n' || next < 0) {
                value = put(value);
                if (next == '\n' || (next < 0 && filled > 0)) {
                    endLine(sink);
                }
            } else {
                throw number("the byte 0x%02x".formatted(next));
            }
        } while (next >= 0);
        if (columns < 0) {
            throw new FormatException(file, "holds no numbers");
        }
        return columns;
    }

    /** Puts a number, where one was read; then there is none. */
    private int put(int value) throws FormatException {
        if (value >= 0) {
            if (filled == (columns < 0 ? MOST_COLUMNS : columns)) {
                throw length("more than " + filled);
            }
            if (filled == row.length) {
                row = Arrays.copyOf(row, 2 * filled);
            }
            row[filled++] = (byte) value;
        }
        return -1;
    }

    private void endLine(RowSink sink) throws IOException {
        if (filled == 0 || (columns >= 0 && filled != columns)) {
            throw length(Integer.toString(filled));
        }
        if (columns < 0) {
            columns = filled;
            row = Arrays.copyOf(row, filled);
        }
        sink.row(row);
        filled = 0;
        line++;
    }

    private FormatException number(String found) {
        return new FormatException(
                file,
                "line " + line + ", number " + (filled + 1) + ": found " + found + ", expected whole numbers of 0.."
                        + MOST + ", separated by spaces");
    }

    private FormatException length(String found) {
        String expected = columns < 0 ? "1.." + MOST_COLUMNS : columns + ", as line 1 has";
        return new FormatException(file, "line " + line + " has " + found + " numbers, expected " + expected);
    }
}
