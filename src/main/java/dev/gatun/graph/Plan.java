package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.SamplingProgram;
import dev.gatun.tensor.Precision;
import java.lang.foreign.Arena;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What cached sampling does at each position, compiled from a graph. */
public sealed interface Plan permits StepPlan, UnitsPlan, GridPlan {
    /** The instructions, in their order. */
    List<StepPlan.Step> steps();

    /** Whether it serves samples of so many positions. */
    boolean holds(int positions);

    /** What a slot is called: by its node, and what it is of it. */
    String slotLabel(int slot);

    /** Floats of a stream's state. */
    long stateFloats();

    /** Floating-point operations of a sample of so many positions, as the instructions count them. */
    long flops(int positions);

    /** The same of one of the instructions. */
    default long flops(StepPlan.Step step, int positions) {
        return step.code().flops() * Math.ceilDiv(positions, step.every());
    }

    /** In how many bits it keeps the weights of one of the instructions. */
    default Precision precision(StepPlan.Step step) {
        return Precision.F32;
    }

    /** How known first positions go by in one pass, or null where they go by step by step, as the others. */
    default @Nullable Prefix prefix() {
        return null;
    }

    /** The program for native code. */
    SamplingProgram program(Context context, Arena arena);
}
