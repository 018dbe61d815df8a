package dev.gatun.op;

import dev.gatun.foreign.StepKind;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One instruction of a step program, before slots are given out.
 *
 * @param kind what to do
 * @param input which of the operation's inputs it reads, or -1
 * @param taps the positions that it reads of that input
 * @param inputs features that it reads at each
 * @param outputs features that it writes
 * @param argument the kind's own
 * @param scale factor of a sum, else 1
 * @param weights packed weights or a table; a null pointer if there are none
 * @param bias likewise
 * @param outside likewise
 * @param flops floating-point operations of a step
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
        long flops) {

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
