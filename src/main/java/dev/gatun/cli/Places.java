package dev.gatun.cli;

import dev.gatun.family.DataSpec;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Positions as options name them: row, column and channel of images, else a number; all from 0. */
final class Places {
    private static final Pattern PIXEL = Pattern.compile("(\\d{1,9}),(\\d{1,9})(?:,(\\d))?");
    private static final String OPTION = "--position";

    private Places() {}

    /** The positions that a pixel's text names, in the order of the data: one, or all channels where it says none. */
    static int[] ofPixel(String text, DataSpec.Image image) {
        Matcher parts = PIXEL.matcher(text);
        if (!parts.matches()) {
            throw new UsageException(OPTION + ": found '" + text + "', expected R,C or R,C,CHANNEL");
        }
        int row = inside("row", parts.group(1), image.height());
        int column = inside("column", parts.group(2), image.width());
        int first = (row * image.width() + column) * image.channels();
        if (parts.group(3) == null) {
            return IntStream.range(first, first + image.channels()).toArray();
        }
        return new int[] {first + inside("channel", parts.group(3), image.channels())};
    }

    /** The position of a sequence. */
    static int ofSequence(String text) {
        if (!text.matches("\\d{1,9}")) {
            throw new UsageException(OPTION + ": found '" + text + "', expected a number from 0");
        }
        return Integer.parseInt(text);
    }

    private static int inside(String what, String text, int end) {
        int value = Integer.parseInt(text);
        if (value >= end) {
            throw new UsageException(OPTION + ": found " + what + " " + value + ", expected 0.." + (end - 1));
        }
        return value;
    }

    /** How a position is named. */
    static String name(int position, DataSpec data) {
        if (!(data instanceof DataSpec.Image image)) {
            return Integer.toString(position);
        }
        int pixel = position / image.channels();
        String name = pixel / image.width() + "," + pixel % image.width();
        return image.channels() == 1 ? name : name + "," + position % image.channels();
    }
}
