package dev.gatun.foreign;

import java.lang.foreign.MemorySegment;

/** Values at every position of a grid, for a batch of examples, with a halo around it: a {@link NativeMap} or {@link NativeLevels}. */
public sealed interface NativeGrid permits NativeMap, NativeLevels {
    /** The extent of the grid and of its halo. */
    GridShape shape();

    /** The examples that calls work on: at most the shape's. */
    int examples();

    /** Sets how many of the examples calls work on, 0 to the shape's. Not while a call is under way. */
    void examples(int examples);

    /**
     * Has calls work on a part of one example, as its only one. What taps read around it is what lies there, and beyond the grid
     * its halo, so that each position has the bits that it has in a call over all.
     */
    void window(int example, GridShape.Window window);

    /** The same part of all the examples that calls work on. */
    void window(GridShape.Window window);

    /** Floats that {@link #saveLast} writes: a value of each column on the left of the grid, of all examples there is room for. */
    default long carriedFloats() {
        GridShape shape = shape();
        return Math.multiplyExact((long) shape.examples() * shape.halo().left(), shape.strideColumn());
    }

    /**
     * Writes the values of the last columns of a grid of one row, as many as it has on its left, levels as numbers.
     *
     * @param to {@link #carriedFloats} floats
     */
    void saveLast(MemorySegment to);

    /**
     * Sets the columns on the left of the grid to what {@link #saveLast} wrote.
     *
     * @param levels of a grid of levels, how many there are
     * @throws IllegalArgumentException if a number is no level
     */
    void loadBefore(MemorySegment from, int levels);

    /** Copies the last columns of a grid of one row to those on its left. */
    void moveLastBefore();

    /** Sets the columns on the left of the grid to what lies outside of the data. */
    void clearBefore();

    /** All of its memory, the halo included. */
    MemorySegment memory();

    /** The memory of the examples that calls work on, the halo included. */
    default MemorySegment memoryInUse() {
        return memory().asSlice(0, examples() * shape().strideExample() * Float.BYTES);
    }

    /** The native struct. */
    MemorySegment struct();
}
