package dev.gatun.graph;

/**
 * Where the positions of the chain lie. Their order is raster, groups innermost: position {@code (row * columns + column) *
 * groups + group}. Audio, text and the families that see data as a sequence have one row and one group.
 *
 * @param rows at least 1
 * @param columns at least 1, or 0 where the length is not fixed
 * @param groups colour channels that are positions of their own: 1 or 3
 */
public record Grid(int rows, int columns, int groups) {
    /** Checks the extents. */
    public Grid {
        if (rows < 1 || columns < 0 || groups < 1) {
            throw new IllegalArgumentException("a grid of " + rows + " x " + columns + " x " + groups + " positions");
        }
    }

    /** A sequence; length 0: any. */
    public static Grid sequence(int length) {
        return new Grid(1, length, 1);
    }
}
