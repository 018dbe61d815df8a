package dev.gatun.data;

import dev.gatun.family.DataSpec;
import dev.gatun.file.FormatException;
import dev.gatun.file.Utf8Reader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** The characters of a text model and their levels. Immutable. */
public final class Vocabulary {
    private final int[] characters;
    /** The level of each code point up to the greatest, -1 for none. */
    private final int[] levels;

    /** The characters of these data. */
    public Vocabulary(DataSpec.Text data) {
        characters = data.vocabulary().codePoints().toArray();
        levels = new int[Arrays.stream(characters).max().orElse(0) + 1];
        Arrays.fill(levels, -1);
        for (int level = 0; level < characters.length; level++) {
            levels[characters[level]] = level;
        }
    }

    /**
     * The levels of a text.
     *
     * @param file where it is from, for messages
     * @throws FormatException naming the line and column (from 1) of a character that is not in the vocabulary, and its number
     */
    public int[] encode(Path file, String text) throws FormatException {
        Place place = new Place();
        int[] points = text.codePoints().toArray();
        int[] encoded = new int[points.length];
        for (int i = 0; i < points.length; i++) {
            encoded[i] = level(points[i]);
            if (encoded[i] < 0) {
                throw refuse(file, place, "character " + i, points[i]);
            }
            place.pass(points[i]);
        }
        return encoded;
    }

    /**
     * Adds the levels of a text to a store, so that it need not be in memory.
     *
     * @throws FormatException as {@link #encode(Path, String)}, with the offset in bytes
     */
    void encode(Path file, Utf8Reader text, LevelStore to) throws IOException {
        Place place = new Place();
        for (int point = text.next(); point >= 0; point = text.next()) {
            int level = level(point);
            if (level < 0) {
                throw refuse(file, place, "offset " + text.offset(), point);
            }
            to.put(level);
            place.pass(point);
        }
    }

    /** The level of a code point, -1 if it is not in the vocabulary. */
    int level(int point) {
        return point < levels.length ? levels[point] : -1;
    }

    /** A line and column, from 1. */
    private static final class Place {
        private long line = 1;
        private long column = 1;

        void pass(int point) {
            column = point == '\n' ? 1 : column + 1;
            line += point == '\n' ? 1 : 0;
        }
    }

    private FormatException refuse(Path file, Place place, String where, int point) {
        return new FormatException(
                file,
                "line " + place.line + ", column " + place.column + " (" + where + "): found " + name(point)
                        + ", which is not among the model's " + characters.length + " characters");
    }

    private static String name(int point) {
        String code = Integer.toHexString(point).toUpperCase(java.util.Locale.ROOT);
        String number = "U+" + "0".repeat(Math.max(0, 4 - code.length())) + code;
        boolean visible =
                !Character.isISOControl(point) && Character.isDefined(point) && !Character.isWhitespace(point);
        return visible ? "'" + Character.toString(point) + "' (" + number + ")" : number;
    }

    /** The text of levels {@code from .. to-1}. */
    public String decode(int[] from, int begin, int end) {
        StringBuilder text = new StringBuilder(end - begin);
        for (int i = begin; i < end; i++) {
            text.appendCodePoint(characters[from[i]]);
        }
        return text.toString();
    }
}
