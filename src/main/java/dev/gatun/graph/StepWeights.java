package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.Pages;
import dev.gatun.foreign.StepKind;
import dev.gatun.foreign.StepPacking;
import dev.gatun.op.StepCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.List;

/** A program's weights of products, packed one behind the other in the order in which they are read, in huge pages if they are many. */
final class StepWeights {
    private static final int LINE = 64;

    private final IdentityHashMap<StepPlan.Step, MemorySegment> packed = new IdentityHashMap<>();

    /** Copies them into memory of an arena. */
    StepWeights(Context context, Arena arena, List<StepPlan.Step> steps) {
        long size = steps.stream().mapToLong(StepWeights::lines).reduce(0, Math::addExact);
        MemorySegment all = Pages.allocate(arena, size);
        long at = 0;
        for (StepPlan.Step step : steps) {
            long bytes = bytes(step);
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
                        code.precision().code(),
                        to);
                packed.put(step, to);
                at += lines(step);
            }
        }
    }

    private static int outputs(StepCode code) {
        return code.kind() == StepKind.PACKED_GATE ? 2 * code.outputs() : code.outputs();
    }

    private static long bytes(StepPlan.Step step) {
        StepCode code = step.code();
        return code.kind().isPacked()
                ? StepPacking.bytes(code.precision().code(), code.taps().size(), code.inputs(), outputs(code))
                : 0;
    }

    /** The same in whole lines of a cache, so that each begins with one. */
    private static long lines(StepPlan.Step step) {
        return Math.ceilDiv(bytes(step), LINE) * LINE;
    }

    MemorySegment of(StepPlan.Step step) {
        return packed.getOrDefault(step, step.code().weights());
    }

    /** The bias of what is not packed with it. */
    MemorySegment biasOf(StepPlan.Step step) {
        return packed.containsKey(step) ? MemorySegment.NULL : step.code().bias();
    }
}
