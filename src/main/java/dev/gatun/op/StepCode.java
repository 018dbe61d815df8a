package dev.gatun.op;

import dev.gatun.foreign.StepKind;
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
        int output) {
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
        this(kind, input, taps, inputs, outputs, argument, scale, weights, bias, outside, flops, OUTPUT);
    }

    /** Stands for a slot of the operation's own: a state, scratch. {@link Kernel#stepSlots} says how wide they are. */
    public static int own(int slot) {
        return OUTPUT - 1 - slot;
    }

    /** Which of the operation's own slots a number stands for, below 0 if it is none. */
    public static int ownSlot(int place) {
        return OUTPUT - 1 - place;
    }

    /** This instruction, writing to one of the operation's own slots in place of its output. */
    public StepCode into(int slot) {
        return new StepCode(
                kind, input, taps, inputs, outputs, argument, scale, weights, bias, outside, flops, own(slot));
    }

    /** The draw of a position's value from so many outputs. */
    public static StepCode draw(int outputs) {
        return of(StepKind.DRAW, 0, List.of(Tap.HERE), outputs, 0, 0, 0);
    }

    /** The same instruction with another argument. */
    public StepCode withArgument(int other) {
        return new StepCode(kind, input, taps, inputs, outputs, other, scale, weights, bias, outside, flops, output);
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
