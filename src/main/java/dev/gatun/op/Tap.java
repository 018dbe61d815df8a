package dev.gatun.op;

import java.util.ArrayList;
import java.util.List;

/**
 * A position relative to another, in rows and columns of the data; sequences are one row. Ordered as the chain is: raster.
 *
 * @param row rows down (negative: up)
 * @param column columns to the right (negative: to the left)
 */
public record Tap(int row, int column) implements Comparable<Tap> {
    /** The position itself. */
    public static final Tap HERE = new Tap(0, 0);

    /** A tap of a sequence, so many positions back. */
    public static Tap back(int distance) {
        return new Tap(0, -distance);
    }

    /** The taps of a causal kernel, the newest last: {@code last} positions back, and before it one every {@code dilation}. */
    public static List<Tap> causal(int kernelSize, int dilation, int last) {
        List<Tap> taps = new ArrayList<>();
        for (int k = kernelSize - 1; k >= 0; k--) {
            taps.add(back(Math.addExact(last, Math.multiplyExact(k, dilation))));
        }
        return taps;
    }

    /** This tap seen from the end of another. */
    public Tap plus(Tap other) {
        return new Tap(Math.addExact(row, other.row), Math.addExact(column, other.column));
    }

    /** This tap so many times as far away. */
    public Tap times(int factor) {
        return new Tap(Math.multiplyExact(factor, row), Math.multiplyExact(factor, column));
    }

    /** Whether it comes before the position itself in raster order. */
    public boolean isBefore() {
        return compareTo(HERE) < 0;
    }

    @Override
    public int compareTo(Tap other) {
        return row != other.row ? Integer.compare(row, other.row) : Integer.compare(column, other.column);
    }

    @Override
    public String toString() {
        return row == 0 ? "(" + column + ")" : "(" + row + ", " + column + ")";
    }
}
