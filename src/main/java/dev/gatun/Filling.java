package dev.gatun;

import dev.gatun.family.DataSpec;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.graph.ChainOrder;
import dev.gatun.graph.LevelSource;
import dev.gatun.graph.Pass;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * From examples in the layout of their data to a pass's grids and a distribution's values, in the order of the chain. One thread's:
 * its arrays are used again for each example.
 */
final class Filling {
    private final DataSpec data;
    private final ChainOrder order;
    private final Pass pass;
    private final NativeDistribution.Values values;
    private final @Nullable LevelSource source;
    private int[] layout = {};
    private int[] positions = {};
    private int[] chain = {};

    Filling(Arena arena, DataSpec data, ChainOrder order, Pass pass, NativeDistribution.Values values) {
        this.data = data;
        this.order = order;
        this.pass = pass;
        this.values = values;
        source = values.real() ? null : new LevelSource(arena, pass, values.data());
    }

    /**
     * Makes a batch of some examples and their conditions.
     *
     * @param chosen the number of the example at each place
     */
    void fill(Context context, Examples examples, Condition condition, IntUnaryOperator chosen, int count) {
        pass.examples(count);
        for (int n = 0; n < count; n++) {
            int example = chosen.applyAsInt(n);
            pass.condition(n, condition.label(example), condition.frames(), condition.frameOffset(example));
            bring(examples, example, n);
        }
        if (source != null) {
            source.fill(context);
        }
    }

    private void bring(Examples examples, int example, int n) {
        int length = examples.length();
        long to = (long) n * length * Integer.BYTES;
        if (examples.real()) {
            pass.reals(n, examples.reals(), example * length);
            MemorySegment.copy(examples.reals(), example * length, values.data(), ValueLayout.JAVA_FLOAT, to, length);
            return;
        }
        MemorySegment.copy(levels(examples, example), 0, values.data(), ValueLayout.JAVA_INT, to, length);
    }

    /** An example's levels in the order of the chain, good until the next call. */
    private int[] levels(Examples examples, int example) {
        int length = examples.length();
        if (layout.length != length) {
            layout = new int[length];
            positions = new int[length];
            chain = new int[length];
        }
        examples.copyLevels(example, layout, 0);
        // Of the copy: the array or file is the caller's, and kernels read and write where levels say.
        Batches.checkLevels(data.levels(), layout, example);
        data.toPositions(layout, 0, positions, 0, length);
        if (order.isNatural()) {
            return positions;
        }
        order.arrange(positions, 0, chain, length);
        return chain;
    }
}
