package dev.gatun.graph;

import dev.gatun.foreign.NativeGrid;
import java.lang.foreign.Arena;
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
     * @param filled whether callers fill it in
     */
    record Carried(NativeGrid grid, int levels, boolean filled) {}

    /** @param grids the maps of a pass */
    Carry(List<Carried> grids) {
        this.grids = List.copyOf(grids);
    }

    /** Makes the next window the first of its sequences. */
    public void begin() {
        grids.forEach(carried -> carried.grid.clearBefore());
    }

    /** Goes on to the next window in place. */
    public void advance() {
        grids.forEach(carried -> carried.grid.moveLastBefore());
    }

    /** Memory for what is handed on, which begins as if there was nothing before the first window. */
    public CarriedState state(Arena arena) {
        return new CarriedState(arena, grids);
    }
}
