package dev.gatun.family;

import dev.gatun.tensor.Normed;
import org.jspecify.annotations.Nullable;

/** One tensor of a model, as its configuration asks for it. Immutable. */
public final class ParameterSpec {
    /** What a float tensor holds before training. */
    public enum Start {
        /** Uniform between ± 1/sqrt({@link ParameterSpec#fanIn()}), as PyTorch's layers. */
        UNIFORM,
        /** Normal with mean 0 and deviation 1, as PyTorch's embeddings. */
        NORMAL,
        /** Zeros. */
        ZERO
    }

    private final String name;
    private final int[] shape;
    private final boolean integer;
    private final boolean optional;
    private final @Nullable Mask mask;
    private final int fanIn;
    private final Start start;
    private final @Nullable Normed normed;

    ParameterSpec(
            String name,
            int[] shape,
            boolean integer,
            boolean optional,
            @Nullable Mask mask,
            int fanIn,
            Start start,
            @Nullable Normed normed) {
        this.name = name;
        this.shape = shape;
        this.integer = integer;
        this.optional = optional;
        this.mask = mask;
        this.fanIn = fanIn;
        this.start = start;
        this.normed = normed;
    }

    /** The tensor's name in the file. */
    public String name() {
        return name;
    }

    /** Its shape, sizes ≥ 1, in PyTorch's layout. */
    public int[] shape() {
        return shape.clone();
    }

    /** The number of its elements, at most 2^31 - 1. */
    public int elements() {
        int elements = 1;
        for (int side : shape) {
            elements *= side;
        }
        return elements;
    }

    /** Whether it holds 64-bit integers instead of floats. */
    public boolean integer() {
        return integer;
    }

    /** Whether a model may lack it. */
    public boolean optional() {
        return optional;
    }

    /** Which of its entries count; {@code null} if all do. */
    public @Nullable Mask mask() {
        return mask;
    }

    /** What PyTorch's initialisation counts as inputs of one output, masked or not; 0 where {@link #start()} needs none. */
    public int fanIn() {
        return fanIn;
    }

    /** What it holds before training; of no meaning for integers. */
    public Start start() {
        return start;
    }

    /** The axis of its shape along which its outputs lie, if it is one of weights: of two dimensions or more; else -1. */
    int outputAxis() {
        if (normed != null) {
            return normed.axis();
        }
        return shape.length < 2 || integer ? -1 : 0;
    }

    /** How training may normalise it, where it is the weight of a layer with a bias, else null. */
    public @Nullable Normed normed() {
        return normed;
    }
}
