package dev.gatun.foreign;

import java.util.Objects;

/**
 * The extent of a grid in memory: [examples][top + rows + bottom][left + columns + right][features].
 *
 * @param examples how many there is room for
 * @param rows of a grid (sequences: 1)
 * @param columns of a grid
 * @param features at a position
 * @param halo positions around the grid that taps may read
 */
public record GridShape(int examples, int rows, int columns, int features, Halo halo) {
    /** Positions of the halo, in rows above and below, columns on the left and right. */
    public record Halo(int top, int bottom, int left, int right) {
        /** No halo. */
        public static final Halo NONE = new Halo(0, 0, 0, 0);

        /** Checks the extents. */
        public Halo {
            if (top < 0 || bottom < 0 || left < 0 || right < 0) {
                throw new IllegalArgumentException(
                        "halo: found " + top + ", " + bottom + ", " + left + ", " + right + ", expected none below 0");
            }
        }

        /** The smallest halo that covers both. */
        public Halo with(Halo other) {
            return new Halo(
                    Math.max(top, other.top),
                    Math.max(bottom, other.bottom),
                    Math.max(left, other.left),
                    Math.max(right, other.right));
        }

        /** What of this halo a grid can need: no more rows and columns than it has itself. */
        public Halo within(int rows, int columns) {
            return new Halo(
                    Math.min(top, rows), Math.min(bottom, rows), Math.min(left, columns), Math.min(right, columns));
        }

        /** What reads this halo's positions the other way: top and bottom, left and right in each other's place. */
        public Halo opposite() {
            return new Halo(/* top= */ bottom, /* bottom= */ top, /* left= */ right, /* right= */ left);
        }

        boolean covers(Halo other) {
            return equals(with(other));
        }
    }

    /**
     * Some rows and columns of a grid.
     *
     * @param row the first of them
     * @param rows how many
     * @param column the first of them
     * @param columns how many
     */
    public record Window(int row, int rows, int column, int columns) {
        /** Positions in it. */
        public long positions() {
            return (long) rows * columns;
        }
    }

    /** Checks that an example and a window lie in the grid. */
    void check(int example, Window window) {
        Objects.checkIndex(example, examples);
        Objects.checkFromIndexSize(window.row, window.rows, rows);
        Objects.checkFromIndexSize(window.column, window.columns, columns);
    }

    /** Checks the extents. */
    public GridShape {
        if (examples < 0 || rows < 0 || columns < 0 || features < 1) {
            throw new IllegalArgumentException("a grid of " + examples + " x " + rows + " x " + columns + " x "
                    + features + ", expected none below 0 and at least one feature");
        }
    }

    long strideColumn() {
        return features;
    }

    long strideRow() {
        return Math.multiplyExact((long) halo.left() + columns + halo.right(), strideColumn());
    }

    long strideExample() {
        return Math.multiplyExact((long) halo.top() + rows + halo.bottom(), strideRow());
    }

    /** Index of the first value inside of the halo. */
    long origin() {
        return halo.top() * strideRow() + halo.left() * strideColumn();
    }

    /** Values in memory, halo included. */
    public long size() {
        return Math.multiplyExact(examples, strideExample());
    }

    /** Index of a value in memory. */
    public long index(int example, int row, int column) {
        return origin() + example * strideExample() + row * strideRow() + column * strideColumn();
    }
}
