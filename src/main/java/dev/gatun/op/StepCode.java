package dev.gatun.op;

import dev.gatun.foreign.StepKind;
import dev.gatun.tensor.Precision;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One instruction of a step program, before slots are given out.
 *
 * @param kind what to do
 * @param input what it reads: one of the operation's inputs, {@link #OUTPUT}, one of its {@linkplain #own own slots}, or
 *     {@link #NONE}
 * @param taps the positions that it reads of that input
 * @param inputs features that it reads at each
 * @param outputs features that it writes
 * @param argument the kind's own; where {@link StepKind#argumentIsSlot} one of the operation's own slots
 * @param scale factor of a sum, else 1
 * @param weights packed weights or a table; a null pointer if there are none
 * @param bias likewise
 * @param outside likewise
 * @param flops floating-point operations of a step
 * @param output what it writes: {@link #OUTPUT} or one of its own slots
 * @param part which of the operation's outputs it computes
 * @param places at which positions of the operation's map
 * @param precision of which a product's weights are numbers
 */
public record StepCode(
        StepKind kind,
        int input,
        List<Tap> taps,
        int inputs,
        int outputs,
        int argument,
        float scale,
        MemorySegment weights,
        MemorySegment bias,
        MemorySegment outside,
        long flops,
        int output,
        Part part,
        Places places,
        Precision precision) {
    /**
     * Outputs of an operation that see the same inputs.
     *
     * @param group the colour group that they belong to, or -1 for all of them
     * @param first the first of them
     * @param unseen inputs of the last tap, behind the others, that are masked
     */
    public record Part(int group, int first, int unseen) {
        /** All outputs, which see all. */
        public static final Part WHOLE = new Part(-1, 0, 0);
    }

    /**
     * Rows {@code row, row + stride, ...} of a map, and columns likewise.
     *
     * @param stride from one to the next
     */
    public record Places(int stride, int row, int column) {
        /** All of them. */
        public static final Places ALL = new Places(1, 0, 0);
    }

    /** No slot. */
    public static final int NONE = -1;

    /** The slot of the operation's output. */
    public static final int OUTPUT = -2;

    /** An instruction that writes the operation's output. */
    public StepCode(
            StepKind kind,
            int input,
            List<Tap> taps,
            int inputs,
            int outputs,
            int argument,
            float scale,
            MemorySegment weights,
            MemorySegment bias,
            MemorySegment outside,
            long flops) {
        this(
                kind,
                input,
                taps,
                inputs,
                outputs,
                argument,
                scale,
                weights,
                bias,
                outside,
                flops,
                OUTPUT,
                Part.WHOLE,
                Places.ALL,
                Precision.F32);
    }

    /** Stands for a slot of the operation's own: a state, scratch. {@link Kernel#stepSlots} says how wide they are. */
    public static int own(int slot) {
        return OUTPUT - 1 - slot;
    }

    /** Which of the operation's own slots a number stands for, below 0 if it is none. */
    public static int ownSlot(int place) {
        return OUTPUT - 1 - place;
    }

    /** This instruction with other taps, features, argument, cost, output, part and places. */
    private StepCode with(
            List<Tap> otherTaps,
            int otherInputs,
            int otherOutputs,
            int otherArgument,
            long otherFlops,
            int otherOutput,
            Part otherPart,
            Places otherPlaces) {
        return new StepCode(
                kind,
                input,
                otherTaps,
                otherInputs,
                otherOutputs,
                otherArgument,
                scale,
                weights,
                bias,
                outside,
                otherFlops,
                otherOutput,
                otherPart,
                otherPlaces,
                precision);
    }

    /** This instruction, writing to one of the operation's own slots in place of its output. */
    public StepCode into(int slot) {
        return with(taps, inputs, outputs, argument, flops, own(slot), part, places);
    }

    /** So many numbers at every position. */
    static StepCode broadcast(MemorySegment numbers, int count) {
        MemorySegment none = MemorySegment.NULL;
        return new StepCode(StepKind.BROADCAST, NONE, List.of(), 0, count, 0, 1, none, numbers, none, 0);
    }

    /** The draw of a position's value from so many outputs. */
    public static StepCode draw(int outputs) {
        return of(StepKind.DRAW, 0, List.of(Tap.HERE), outputs, 0, 0, 0);
    }

    /** The same instruction with another argument. */
    public StepCode withArgument(int other) {
        return with(taps, inputs, outputs, other, flops, output, part, places);
    }

    /** The same instruction for some of the operation's outputs. */
    public StepCode ofPart(int group, int first, int unseen) {
        return with(taps, inputs, outputs, argument, flops, output, new Part(group, first, unseen), places);
    }

    /** The same instruction at some of the map's positions alone. */
    StepCode atPlaces(int stride, int row, int column) {
        return with(taps, inputs, outputs, argument, flops, output, part, new Places(stride, row, column));
    }

    /** The same instruction with taps so many times as far away: those of a coarse map, in positions of the data. */
    public StepCode farther(int times) {
        List<Tap> far = taps.stream().map(tap -> tap.times(times)).toList();
        return with(far, inputs, outputs, argument, flops, output, part, places);
    }

    /** Inputs of all taps together, of a product. */
    public int flatInputs() {
        return Math.toIntExact((long) taps.size() * inputs - part.unseen);
    }

    /** A product's taps {@code from .. to - 1} alone, of the same weights. */
    public StepCode ofTaps(int from, int to) {
        boolean last = to == taps.size();
        Part some = last && from < to ? part : new Part(part.group, part.first, 0);
        int flat = (to - from) * inputs - some.unseen;
        long own = flatInputs() == 0 ? 0 : flops * flat / flatInputs();
        return with(taps.subList(from, to), inputs, outputs, argument, own, output, some, places);
    }

    /** So many of the outputs, of what works feature by feature. */
    public StepCode ofOutputs(int count) {
        long own = outputs == 0 ? 0 : flops * count / outputs;
        boolean cell = kind == StepKind.GRID_CELL;
        int read = inputs == 0 || cell ? inputs : inputs - outputs + count;
        return with(taps, read, count, argument, own, output, part, places);
    }

    /** The same instruction of another kind. */
    public StepCode withKind(StepKind other) {
        return new StepCode(
                other, input, taps, inputs, outputs, argument, scale, weights, bias, outside, flops, output, part,
                places, precision);
    }

    /** The same instruction of weights that are numbers of a precision. */
    public StepCode withPrecision(Precision other) {
        return new StepCode(
                kind, input, taps, inputs, outputs, argument, scale, weights, bias, outside, flops, output, part,
                places, other);
    }

    static StepCode of(StepKind kind, int input, List<Tap> taps, int inputs, int outputs, int argument, long flops) {
        return new StepCode(
                kind,
                input,
                taps,
                inputs,
                outputs,
                argument,
                1,
                MemorySegment.NULL,
                MemorySegment.NULL,
                MemorySegment.NULL,
                flops);
    }
}
