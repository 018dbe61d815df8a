package dev.gatun.file;

import java.util.function.IntFunction;

/** The filters of PNG's lines (RFC 2083, section 6), undone. */
final class Unfilter {
    private Unfilter() {}

    /**
     * Undoes a line's filter.
     *
     * @param line its filter, then its bytes
     * @param above the line above, done; zero for the first
     * @param unit bytes of a pixel
     * @param refuse makes the error of a filter that there is not
     */
    static void line(byte[] line, byte[] above, int unit, IntFunction<FormatException> refuse) throws FormatException {
        switch (line[0]) {
            case 0 -> {}
            case 1 -> left(line, unit);
            case 2 -> up(line, above);
            case 3 -> average(line, above, unit);
            case 4 -> paeth(line, above, unit);
            default -> throw refuse.apply(line[0] & 0xff);
        }
    }

    private static void left(byte[] line, int unit) {
        for (int i = 1 + unit; i < line.length; i++) {
            line[i] += line[i - unit];
        }
    }

    private static void up(byte[] line, byte[] above) {
        for (int i = 1; i < line.length; i++) {
            line[i] += above[i];
        }
    }

    private static void average(byte[] line, byte[] above, int unit) {
        for (int i = 1; i < line.length; i++) {
            int left = i > unit ? line[i - unit] & 0xff : 0;
            line[i] += (byte) ((left + (above[i] & 0xff)) / 2);
        }
    }

    private static void paeth(byte[] line, byte[] above, int unit) {
        for (int i = 1; i < line.length; i++) {
            int left = i > unit ? line[i - unit] & 0xff : 0;
            int corner = i > unit ? above[i - unit] & 0xff : 0;
            line[i] += (byte) nearest(left, above[i] & 0xff, corner);
        }
    }

    private static int nearest(int left, int up, int corner) {
        int toLeft = Math.abs(up - corner);
        int toUp = Math.abs(left - corner);
        int toCorner = Math.abs(left + up - 2 * corner);
        if (toLeft <= toUp && toLeft <= toCorner) {
            return left;
        }
        return toUp <= toCorner ? up : corner;
    }
}
