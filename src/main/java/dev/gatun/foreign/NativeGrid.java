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

    /** The native struct. */
    MemorySegment struct();
}
