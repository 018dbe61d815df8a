package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.StepKind;
import dev.gatun.foreign.StepPacking;
import dev.gatun.op.StepCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.List;

/** A program's weights of products, packed one behind the other in the order in which they are read. */
final class StepWeights {
    private static final int LINE = 64;

    private final IdentityHashMap<StepPlan.Step, MemorySegment> packed = new IdentityHashMap<>();

    /** Copies them into memory of an arena. */
    StepWeights(Context context, Arena arena, List<StepPlan.Step> steps) {
        long floats = steps.stream().mapToLong(StepWeights::floats).reduce(0, Math::addExact);
        MemorySegment all = arena.allocate(Math.max(1, floats) * Float.BYTES, LINE);
        long at = 0;
        for (StepPlan.Step step : steps) {
            long bytes = floats(step) * Float.BYTES;
            if (bytes > 0) {
                StepCode code = step.code();
                MemorySegment to = all.asSlice(at, bytes);
                boolean gate = code.kind() == StepKind.PACKED_GATE;
                StepPacking.pack(
                        context,
                        code.weights(),
                        code.bias(),
                        code.taps().size(),
                        code.inputs(),
                        outputs(code),
                        step.around().lead(),
                        gate,
                        to);
                packed.put(step, to);
                at += bytes;
            }
        }
    }

    private static boolean isPacked(StepPlan.Step step) {
        StepKind kind = step.code().kind();
        return kind == StepKind.PACKED || kind == StepKind.PACKED_GATE;
    }

    private static int outputs(StepCode code) {
        return code.kind() == StepKind.PACKED_GATE ? 2 * code.outputs() : code.outputs();
    }

    private static long floats(StepPlan.Step step) {
        StepCode code = step.code();
        return isPacked(step) ? StepPacking.floats(code.taps().size(), code.inputs(), outputs(code)) : 0;
    }

    MemorySegment of(StepPlan.Step step) {
        return packed.getOrDefault(step, step.code().weights());
    }

    /** The bias of what is not packed with it. */
    MemorySegment biasOf(StepPlan.Step step) {
        return packed.containsKey(step) ? MemorySegment.NULL : step.code().bias();
    }
}
