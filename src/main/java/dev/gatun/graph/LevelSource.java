package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeLevels;
import dev.gatun.foreign.NativeMap;
import dev.gatun.op.Data;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Levels of a pass's batch in native memory, from which the maps of its data are filled, all examples at once. One thread's, as
 * the pass.
 */
public final class LevelSource {
    private interface Filled {
        void from(Context context, NativeLevels levels);
    }

    private final Pass pass;
    private final List<NativeLevels> sources = new ArrayList<>();
    private final List<Filled> maps = new ArrayList<>();

    /**
     * A source.
     *
     * @param pass of a model of levels
     * @param levels int32, examples x positions in the order of the chain; the caller has checked their range when it fills
     */
    public LevelSource(Arena arena, Pass pass, MemorySegment levels) {
        this.pass = pass;
        for (Node node : pass.graph().nodes()) {
            if (node.operation() instanceof Data.Levels) {
                NativeLevels map = pass.levelMap(node);
                add(arena, map.shape(), levels, (context, from) -> map.copy(from));
            } else if (node.operation() instanceof Data.Numbers numbers) {
                float[] table = Objects.requireNonNull(numbers.table(), "levels for a model of reals");
                MemorySegment numbersOfLevels = arena.allocateFrom(ValueLayout.JAVA_FLOAT, table);
                NativeMap map = pass.map(node);
                add(arena, map.shape(), levels, (context, from) -> Kernels.encode(context, numbersOfLevels, from, map));
            }
        }
    }

    private void add(Arena arena, GridShape shape, MemorySegment levels, Filled map) {
        GridShape own =
                new GridShape(shape.examples(), shape.rows(), shape.columns(), shape.features(), GridShape.Halo.NONE);
        sources.add(NativeLevels.of(arena, own, levels));
        maps.add(map);
    }

    /** Fills the maps of as many examples as the pass is set to. */
    public void fill(Context context) {
        for (int i = 0; i < maps.size(); i++) {
            sources.get(i).examples(pass.outputs().examples());
            maps.get(i).from(context, sources.get(i));
        }
    }
}
