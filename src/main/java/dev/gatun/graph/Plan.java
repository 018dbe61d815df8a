package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeStepProgram;
import java.lang.foreign.Arena;
import java.util.List;

/** What cached sampling does at each position, compiled from a graph. */
public sealed interface Plan permits StepPlan, UnitsPlan {
    /** The instructions, in their order. */
    List<StepPlan.Step> steps();

    /** The rings that they read and write. */
    List<NativeStepProgram.Slot> slots();

    /** What a slot is called: by its node, and what it is of it. */
    String slotLabel(int slot);

    /** Floats of a stream's state. */
    long stateFloats();

    /** Floating-point operations of a sample of so many positions, as the instructions count them. */
    long flops(int positions);

    /** The program for native code. */
    NativeStepProgram program(Context context, Arena arena);
}
