package dev.gatun.file;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Reads numeric CSV: finite decimal numbers separated by commas, as many in every line. A first line without a single
 * number is a heading and is passed over, as are empty lines at the end. Compression with gzip is seen by the first
 * bytes.
 */
public final class Csv {
    private static final int MOST_LINE_CHARS = 1 << 24;
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");

    private Csv() {}

    /**
     * Reads a file.
     *
     * @param file the file, plain or gzip
     * @return its rows, at least one, all equally long
     * @throws FormatException if a line is of another length than the first, or a cell is no finite number
     * @throws IOException if it cannot be read
     */
    public static float[][] read(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString(), null, "no such file");
        }
        if (Files.isDirectory(file)) {
            throw new FormatException(file, "is a folder");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, file);
        }
    }

    /**
     * Reads a stream to its end.
     *
     * @param in the stream, plain or gzip; not closed
     * @param name what error messages call it
     * @return its rows, at least one, all equally long
     * @throws FormatException if a line is of another length than the first, or a cell is no finite number
     * @throws IOException if it cannot be read
     */
    public static float[][] read(InputStream in, String name) throws IOException {
        return read(in, FormatException.nameOfStream(name));
    }

    private static float[][] read(InputStream in, Path source) throws IOException {
        try {
            return new Table(source)
                    .read(new BufferedReader(new InputStreamReader(
                            inflate(in),
                            StandardCharsets.UTF_8
                                    .newDecoder()
                                    .onMalformedInput(CodingErrorAction.REPORT)
                                    .onUnmappableCharacter(CodingErrorAction.REPORT))));
        } catch (CharacterCodingException e) {
            throw new FormatException(source, "is not UTF-8 text", e);
        } catch (ZipException | EOFException e) {
            throw new FormatException(source, "is a damaged gzip file: " + e.getMessage(), e);
        }
    }

    private static InputStream inflate(InputStream in) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(in);
        buffered.mark(2);
        boolean gzip = buffered.read() == 0x1f && buffered.read() == 0x8b;
        buffered.reset();
        return gzip ? new GZIPInputStream(buffered, 1 << 16) : buffered;
    }

    /** The state of reading one table. */
    private static final class Table {
        private final Path source;
        private final List<float[]> rows = new ArrayList<>();
        private int line;

        Table(Path source) {
            this.source = source;
        }

        float[][] read(Reader reader) throws IOException {
            int columns = -1;
            int emptyLine = 0;
            for (String text = nextLine(reader); text != null; text = nextLine(reader)) {
                if (text.isBlank()) {
                    emptyLine = emptyLine == 0 ? line : emptyLine;
                    continue;
                }
                if (emptyLine != 0) {
                    throw new FormatException(source, "line " + emptyLine + " is empty, and more lines follow");
                }
                String[] cells = text.split(",", -1);
                if (line == 1 && isHeading(cells)) {
                    continue;
                }
                if (columns >= 0 && cells.length != columns) {
                    throw new FormatException(
                            source, "line " + line + " has " + cells.length + " columns, expected " + columns);
                }
                columns = cells.length;
                rows.add(numbers(cells));
            }
            if (rows.isEmpty()) {
                throw new FormatException(source, "holds no numbers");
            }
            return rows.toArray(float[][]::new);
        }

        /** As {@link BufferedReader#readLine}, but a line without end cannot use up the memory. */
        private @Nullable String nextLine(Reader reader) throws IOException {
            StringBuilder text = new StringBuilder();
            int c = reader.read();
            if (c < 0) {
                return null;
            }
            line++;
            for (; c >= 0 && c != '\n'; c = reader.read()) {
                if (text.length() == MOST_LINE_CHARS) {
                    throw new FormatException(
                            source, "line " + line + " has more than " + MOST_LINE_CHARS + " characters");
                }
                text.append((char) c);
            }
            if (line == 1 && !text.isEmpty() && text.charAt(0) == '\ufeff') {
                text.deleteCharAt(0); // the byte order mark of spreadsheet programs
            }
            return text.toString();
        }

        private static boolean isHeading(String[] cells) {
            for (String cell : cells) {
                if (NUMBER.matcher(cell.strip()).matches()) {
                    return false;
                }
            }
            return true;
        }

        private float[] numbers(String[] cells) throws FormatException {
            float[] row = new float[cells.length];
            for (int i = 0; i < row.length; i++) {
                String cell = cells[i].strip();
                row[i] = shortWhole(cell);
                if (row[i] >= 0) {
                    continue;
                }
                if (!NUMBER.matcher(cell).matches()) {
                    throw cell(i, cell, "is not a number");
                }
                row[i] = Float.parseFloat(cell);
                if (!Float.isFinite(row[i])) {
                    throw cell(i, cell, "is beyond the range of float32");
                }
            }
            return row;
        }

        /**
         * A whole number of up to 7 digits, the usual cell of an image; -1 for all others, which take the longer way.
         */
        private static int shortWhole(String cell) {
            int value = cell.isEmpty() || cell.length() > 7 ? -1 : 0;
            for (int i = 0; i < cell.length() && value >= 0; i++) {
                int digit = cell.charAt(i) - '0';
                value = digit >= 0 && digit <= 9 ? 10 * value + digit : -1;
            }
            return value;
        }

        private FormatException cell(int column, String cell, String problem) {
            return new FormatException(
                    source, "line " + line + ", column " + (column + 1) + ": " + Text.quote(cell) + " " + problem);
        }
    }
}
