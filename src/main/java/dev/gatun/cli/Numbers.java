package dev.gatun.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Numbers as people read them. Not String.format, whose first use costs more than a small sample. */
final class Numbers {
    private static final String[] BYTES = {"B", "KiB", "MiB", "GiB", "TiB"};

    private Numbers() {}

    /** A number with so many digits after the point. */
    static String fixed(double value, int digits) {
        if (!Double.isFinite(value)) {
            return Double.toString(value);
        }
        return new BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    }

    /** A whole number with its thousands apart. */
    static String grouped(long value) {
        StringBuilder text = new StringBuilder(Long.toString(value));
        for (int at = text.length() - 3; at > (value < 0 ? 1 : 0); at -= 3) {
            text.insert(at, ',');
        }
        return text.toString();
    }

    /** A size in the unit that suits it. */
    static String bytes(long value) {
        double size = value;
        int unit = 0;
        for (; size >= 1024 && unit + 1 < BYTES.length; unit++) {
            size /= 1024;
        }
        return unit == 0 ? value + " B" : fixed(size, 1) + " " + BYTES[unit];
    }

    /** A time such as 3.2 s, 4:05 or 2:00:07. */
    static String time(double seconds) {
        if (seconds < 60) {
            return fixed(seconds, seconds < 10 ? 2 : 1) + " s";
        }
        long whole = Math.round(seconds);
        String rest = two(whole / 60 % 60) + ":" + two(whole % 60);
        return whole < 3600 ? rest : whole / 3600 + ":" + rest;
    }

    private static String two(long value) {
        return value < 10 ? "0" + value : Long.toString(value);
    }
}
