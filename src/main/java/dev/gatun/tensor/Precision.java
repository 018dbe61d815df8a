package dev.gatun.tensor;

import dev.gatun.foreign.StepPacking;
import java.util.Locale;

/**
 * How exact a model's weights are. Fewer bits are chosen when a model is loaded: each weight is rounded then, once, and all that
 * is computed with the model is computed with the rounded weights in float32: outputs and likelihoods, cached and full sampling
 * agree to the bit, as they do without rounding. What it gains is that cached sampling reads fewer bytes: of sequences in both
 * precisions, of images row by row in {@link #BF16}; recurrent cells and dense layers keep float32.
 *
 * <p>Weights are the tensors of two dimensions or more: kernels, matrices, tables. Biases and other vectors stay as they are.
 */
public enum Precision {
    /** As they are, in float32. */
    F32(StepPacking.F32, Float.BYTES),
    /**
     * The nearest bfloat16, of two as near the even one: eight significant bits. What is beyond the largest becomes the largest.
     */
    BF16(StepPacking.BF16, Short.BYTES),
    /**
     * The nearest of -127 s .. 127 s, whole multiples of a scale s that each output has to itself. Of some scales, from a 127th
     * of the output's largest weight down to half of that, in 16 significant bits, it is the one with the least sum of squares
     * of what rounding changes; of two as good the larger. A table's rows count as outputs.
     */
    INT8(StepPacking.INT8, Byte.BYTES);

    private final int code;
    private final int bytes;

    Precision(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** The number in the native interface. */
    public int code() {
        return code;
    }

    /** Bytes that a weight takes where it is kept in as few as it needs. */
    public int bytes() {
        return bytes;
    }

    /** The name on the command line and in plans: {@code f32}, {@code bf16}, {@code int8}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
