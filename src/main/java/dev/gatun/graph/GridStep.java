package dev.gatun.graph;

import dev.gatun.foreign.NativeGridProgram.Chains;
import dev.gatun.foreign.NativeGridProgram.Instruction;
import dev.gatun.foreign.NativeGridProgram.Part;
import dev.gatun.foreign.NativeGridProgram.Places;
import dev.gatun.foreign.NativeGridProgram.Sweep;
import dev.gatun.foreign.StepKind;
import dev.gatun.foreign.StepPacking;
import dev.gatun.op.StepCode;
import dev.gatun.op.Tap;
import dev.gatun.tensor.Precision;

/**
 * An instruction of a grid's plan: code of an operation, or a part of its taps or its features.
 *
 * @param label of the node that it belongs to
 * @param code with the taps and the outputs that are its own
 * @param input slot, or -1
 * @param output slot, or -1
 * @param firstInput of the slot's features
 * @param firstOutput likewise
 * @param part of the code's taps
 * @param every rows and columns of the data that a place of the node's map stands for
 * @param sweep how it goes over a row
 */
record GridStep(
        String label,
        StepCode code,
        int input,
        int output,
        int firstInput,
        int firstOutput,
        Part part,
        int every,
        Sweep sweep) {

    GridStep(String label, StepCode code, int input, int output, int every) {
        this(label, code, input, output, 0, 0, Part.WHOLE, every, Sweep.NONE);
    }

    /** The step that does this one's first taps, and leaves their chains in a slot. */
    GridStep first(int taps, int chains) {
        StepCode early = code.ofTaps(0, taps);
        Part leave = new Part(0, code.flatInputs() - early.flatInputs(), Chains.LEAVE, chains);
        return new GridStep(label, early, input, chains, firstInput, firstOutput, leave, every, sweep);
    }

    /** The step that does the others, from those chains on. */
    GridStep rest(int taps, int chains) {
        StepCode late = code.ofTaps(taps, code.taps().size());
        Part carryOn = new Part(code.flatInputs() - late.flatInputs(), 0, Chains.CARRY_ON, chains);
        return new GridStep(label, late, input, output, firstInput, firstOutput, carryOn, every, sweep);
    }

    /** The step that does some features of this one's, which works feature by feature. */
    GridStep features(int firstRead, int firstWritten, int count) {
        return new GridStep(
                label,
                code.ofOutputs(count),
                input,
                output,
                firstInput + firstRead,
                firstOutput + firstWritten,
                part,
                every,
                sweep);
    }

    /** The same, column by column together with its neighbours. */
    GridStep sweeping(Sweep way) {
        return new GridStep(label, code, input, output, firstInput, firstOutput, part, every, way);
    }

    /** Floating-point operations of a sample. */
    long flops(int rows, int columns) {
        return flops(code, places(), rows, columns);
    }

    /** The same of an instruction that runs at some places. */
    static long flops(StepCode code, Places at, int rows, int columns) {
        return code.flops() * count(rows, at.row(), at.every()) * count(columns, at.column(), at.every());
    }

    /** Places {@code first, first + every, ...} below an end. */
    private static int count(int end, int first, int every) {
        return Math.max(0, Math.ceilDiv(end - first, every));
    }

    /** At which places of the data it runs. */
    Places places() {
        return places(code, every);
    }

    /** At which places of the data an instruction of a node at a scale runs. */
    static Places places(StepCode code, int scale) {
        StepCode.Places own = code.places();
        return new Places(
                Math.multiplyExact(scale, own.stride()),
                Math.multiplyExact(scale, own.row()),
                Math.multiplyExact(scale, own.column()));
    }

    StepPlan.Step shown(String when) {
        return new StepPlan.Step(label, code, input, output, places().every(), when);
    }

    /** For native code; taps farther away than the grid is long read only what lies outside of it. */
    Instruction instruction(int rows, int columns) {
        return new Instruction(
                code.kind(),
                input,
                output,
                code.inputs(),
                code.outputs(),
                firstInput,
                firstOutput,
                code.taps().stream().mapToInt(tap -> row(tap, rows)).toArray(),
                code.taps().stream().mapToInt(tap -> column(tap, columns)).toArray(),
                code.part().unseen(),
                code.argument(),
                code.scale(),
                part,
                places(),
                sweep,
                code.weights(),
                code.bias(),
                code.outside(),
                StepPacking.F32);
    }

    /** Whether its weights are kept as the upper halves of floats, of which they have no more. */
    boolean isHalved() {
        return isHalved(code);
    }

    /** The same of an instruction of a grid. */
    static boolean isHalved(StepCode code) {
        return code.kind() == StepKind.AFFINE && code.precision() == Precision.BF16;
    }

    static int row(Tap tap, int rows) {
        return Math.max(tap.row(), -rows);
    }

    static int column(Tap tap, int columns) {
        return Math.clamp(tap.column(), -columns, columns);
    }
}
