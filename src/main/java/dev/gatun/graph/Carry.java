package dev.gatun.graph;

import dev.gatun.foreign.NativeGrid;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * What a window of a long sequence hands on to the next: the last columns of every map that is read at earlier positions,
 * and the states of recurrent operations. With them the next window has the bits of one pass over both.
 */
public final class Carry {
    private final List<Carried> grids;

    /**
     * A map.
     *
     * @param levels how many levels there are of those that it holds, 0 for numbers
     */
    record Carried(NativeGrid grid, int levels) {}

    /** @param grids the maps of a pass */
    Carry(List<Carried> grids) {
        this.grids = List.copyOf(grids);
    }

    /** Floats that {@link #save} writes. */
    public long floats() {
        return grids.stream().mapToLong(carried -> carried.grid.carriedFloats()).sum();
    }

    /** Makes the next window the first of its sequences. */
    public void begin() {
        grids.forEach(carried -> carried.grid.clearBefore());
    }

    /**
     * Writes what a window hands on that was none: nothing comes before the next one.
     *
     * @param to {@link #floats} floats
     */
    public void writeBeginning(MemorySegment to) {
        check(to);
        long offset = 0;
        for (Carried carried : grids) {
            float outside = carried.levels > 0 ? -1 : 0;
            for (long end = offset + carried.grid.carriedFloats(); offset < end; offset++) {
                to.setAtIndex(ValueLayout.JAVA_FLOAT, offset, outside);
            }
        }
    }

    /**
     * Writes what the window that ran last hands on.
     *
     * @param to {@link #floats} floats
     */
    public void save(MemorySegment to) {
        check(to);
        long offset = 0;
        for (Carried carried : grids) {
            carried.grid.saveLast(to, offset);
            offset += carried.grid.carriedFloats();
        }
    }

    /**
     * Makes the next window that which follows on what was saved.
     *
     * @param from {@link #floats} floats that {@link #save} wrote
     * @throws IllegalArgumentException if they are others, or what should be levels are none
     */
    public void load(MemorySegment from) {
        check(from);
        long offset = 0;
        for (Carried carried : grids) {
            carried.grid.loadBefore(from, offset, carried.levels);
            offset += carried.grid.carriedFloats();
        }
    }

    /** Goes on to the next window in place. */
    public void advance() {
        grids.forEach(carried -> carried.grid.moveLastBefore());
    }

    private void check(MemorySegment floats) {
        if (floats.byteSize() != floats() * Float.BYTES) {
            throw new IllegalArgumentException(
                    "carried state: found " + floats.byteSize() + " bytes, expected " + floats() + " floats");
        }
    }
}
