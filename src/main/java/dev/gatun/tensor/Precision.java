package dev.gatun.tensor;

import dev.gatun.foreign.StepPacking;
import java.util.Locale;

/**
 * How exact a model's weights are. Fewer bits are chosen when a model is loaded: each weight is rounded then, once, and all that
 * is computed with the model is computed with the rounded weights in float32: outputs and likelihoods, cached and full sampling
 * agree to the bit, as they do without rounding. What it gains is that cached sampling reads fewer bytes: of sequences in both
 * precisions, of images row by row in {@link #BF16}; recurrent cells and dense layers keep float32. CUDA devices keep weights
 * in {@link #BF16}, those of cells and dense layers, too, but for tables that are looked up in; of the others floats.
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
    INT8(StepPacking.INT8, Byte.BYTES),
    /**
     * Weights as {@link #INT8}, and where products of a sequence read what was computed before, each position's inputs rounded
     * on the way, too, tap by tap: x to the nearest of -127 s .. 127 s, ties to even, s being a 127th of the largest |x|. Whole
     * numbers are multiplied then, and exactly. Which products these are is a matter of the model's graph alone, so that
     * outputs, likelihoods and both ways to sample agree to the bit. First layers over the data, products of conditions,
     * recurrent cells, dense layers and all models of images compute as in {@code INT8}. Not on CUDA devices.
     */
    INT8_DYNAMIC(StepPacking.INT8_DYNAMIC, Byte.BYTES);

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

    /** What the weights alone are rounded to. */
    public Precision weights() {
        return this == INT8_DYNAMIC ? INT8 : this;
    }

    /** The name on the command line and in plans: {@code f32}, {@code bf16}, {@code int8}, {@code int8-dynamic}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
