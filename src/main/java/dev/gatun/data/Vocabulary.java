package dev.gatun.data;

import dev.gatun.family.DataSpec;
import dev.gatun.file.FormatException;
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
     * @throws FormatException naming the line and column (from 1) of a character that is not in the vocabulary
     */
    public int[] encode(Path file, String text) throws FormatException {
        int[] points = text.codePoints().toArray();
        int line = 1;
        int column = 1;
        int[] encoded = new int[points.length];
        for (int i = 0; i < points.length; i++) {
            int point = points[i];
            encoded[i] = point < levels.length ? levels[point] : -1;
            if (encoded[i] < 0) {
                throw new FormatException(
                        file,
                        "line " + line + ", column " + column + ": found " + name(point)
                                + ", which is not among the model's " + characters.length + " characters");
            }
            column = point == '\n' ? 1 : column + 1;
            line += point == '\n' ? 1 : 0;
        }
        return encoded;
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
