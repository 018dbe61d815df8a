package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a window hands on, in memory of its own: it can be written to a file, and taken up again. Columns of maps that are computed are
 * copied by calls, wherever these are made; those of the data, which callers fill in, by this machine. One thread's.
 */
public final class CarriedState {
    private final MemorySegment all;
    private final List<Filled> filled = new ArrayList<>();
    private final List<Computed> computed = new ArrayList<>();
    private int examples;

    /** Columns of the data, levels as numbers; how many levels there are, 0 for numbers. */
    private record Filled(NativeGrid grid, int levels, MemorySegment columns) {}

    private record Computed(NativeMap map, NativeMap columns) {}

    /** @param grids with columns to hand on, in the order in which they lie */
    CarriedState(Arena arena, List<Carry.Carried> grids) {
        long floats = grids.stream()
                .mapToLong(carried -> carried.grid().carriedFloats())
                .sum();
        all = arena.allocate(Math.max(1, floats) * Float.BYTES, 64).asSlice(0, floats * Float.BYTES);
        long offset = 0;
        for (Carry.Carried carried : grids) {
            long bytes = carried.grid().carriedFloats() * Float.BYTES;
            MemorySegment columns = all.asSlice(offset, bytes);
            if (carried.filled()) {
                filled.add(new Filled(carried.grid(), carried.levels(), columns));
            } else if (bytes > 0) {
                computed.add(computed(arena, (NativeMap) carried.grid(), columns));
            }
            offset += bytes;
        }
        examples = grids.getFirst().grid().shape().examples();
        begin();
    }

    private static Computed computed(Arena arena, NativeMap map, MemorySegment columns) {
        GridShape shape = map.shape();
        GridShape held = new GridShape(shape.examples(), 1, shape.halo().left(), shape.features(), GridShape.Halo.NONE);
        return new Computed(map, NativeMap.of(arena, held, columns));
    }

    /** All of it, float32. */
    public MemorySegment all() {
        return all;
    }

    /** How many examples what is computed is copied of. */
    public int examples() {
        return examples;
    }

    /** Sets that, to what the next windows have; as many as there is room for at first. */
    public void examples(int count) {
        examples = count;
        computed.forEach(one -> one.columns.examples(count));
    }

    /** Hands out the parts of it that {@link #saveFilled} writes. */
    public void eachFilled(Consumer<MemorySegment> body) {
        filled.forEach(data -> body.accept(data.columns));
    }

    /** Makes it what a window hands on that was none: nothing comes before the next one. */
    public void begin() {
        all.fill((byte) 0);
        for (Filled data : filled) {
            for (long i = 0; data.levels > 0 && i < data.grid.carriedFloats(); i++) {
                data.columns.setAtIndex(ValueLayout.JAVA_FLOAT, i, -1);
            }
        }
    }

    /**
     * Makes the next window that which follows on what was saved, as far as the data go.
     *
     * @throws IllegalArgumentException if what should be levels are none
     */
    public void loadFilled() {
        filled.forEach(data -> data.grid.loadBefore(data.columns, data.levels));
    }

    /** The same of what is computed. */
    public void loadComputed(Context context) {
        computed.forEach(one -> Kernels.copyBefore(context, one.columns, one.map));
    }

    /** Takes what the window that was filled in hands on. */
    public void saveFilled() {
        filled.forEach(data -> data.grid.saveLast(data.columns));
    }

    /** Takes what the window that ran hands on. */
    public void saveComputed(Context context) {
        computed.forEach(one -> Kernels.copyLast(context, one.map, one.columns));
    }
}
