package dev.gatun;

import dev.gatun.family.DataSpec;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.graph.ChainOrder;
import dev.gatun.graph.Pass;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * From examples in the layout of their data to a pass's grids and a distribution's values, in the order of the chain. One thread's:
 * its arrays are used again for each example.
 */
final class Filling {
    private final DataSpec data;
    private int[] layout = {};
    private int[] positions = {};
    private int[] chain = {};

    Filling(DataSpec data) {
        this.data = data;
    }

    /** Puts one example and its condition at place n of a batch. */
    void fill(
            ChainOrder order,
            Examples examples,
            Condition condition,
            int example,
            Pass pass,
            NativeDistribution.Values values,
            int n) {
        pass.condition(n, condition.label(example), condition.frames(), condition.frameOffset(example));
        int length = examples.length();
        long to = (long) n * length * Integer.BYTES;
        if (examples.real()) {
            pass.reals(n, examples.reals(), example * length);
            MemorySegment.copy(examples.reals(), example * length, values.data(), ValueLayout.JAVA_FLOAT, to, length);
            return;
        }
        int[] levels = levels(order, examples, example);
        pass.levels(n, levels, 0);
        MemorySegment.copy(levels, 0, values.data(), ValueLayout.JAVA_INT, to, length);
    }

    /** An example's levels in the order of the chain, good until the next call. */
    private int[] levels(ChainOrder order, Examples examples, int example) {
        int length = examples.length();
        if (layout.length != length) {
            layout = new int[length];
            positions = new int[length];
            chain = new int[length];
        }
        examples.copyLevels(example, layout, 0);
        data.toPositions(layout, 0, positions, 0, length);
        // Again, and of the copy: the array or file is the caller's, and kernels write where levels say.
        Batches.checkLevels(data.levels(), positions, example);
        if (order.isNatural()) {
            return positions;
        }
        order.arrange(positions, 0, chain, length);
        return chain;
    }
}
