package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeAffine;
import dev.gatun.foreign.StepKind;
import dev.gatun.tensor.Parameters;
import dev.gatun.tensor.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An affine operation's weights, packed, with what training needs beside them. */
final class AffineWeights {
    private final Parameters parameters;
    private final WeightRef ref;
    private final NativeAffine forward;
    private final @Nullable NativeAffine backward;
    private final @Nullable MemorySegment packedGradient;
    private final long firstBias;

    AffineWeights(
            Parameters parameters,
            Arena arena,
            WeightRef ref,
            int inputs,
            int outputs,
            List<Tap> taps,
            boolean training,
            boolean inputGradient) {
        this(parameters, arena, ref, inputs, new OutputPart(0, 0, outputs, 0), taps, training, inputGradient);
    }

    /** The weights of some of the outputs, whose taps these are, {@code ref}'s first ones. */
    AffineWeights(
            Parameters parameters,
            Arena arena,
            WeightRef ref,
            int inputs,
            OutputPart part,
            List<Tap> taps,
            boolean training,
            boolean inputGradient) {
        this.parameters = parameters;
        this.ref = ref;
        int[] rows = taps.stream().mapToInt(Tap::row).toArray();
        int[] columns = taps.stream().mapToInt(Tap::column).toArray();
        NativeAffine.Layout layout = ref.from(part.first(), taps.size()).layout();
        firstBias = (long) part.first() * Float.BYTES;
        MemorySegment bias = ref.bias() == null
                ? null
                : parameters.get(ref.bias()).asSlice(firstBias, (long) part.features() * Float.BYTES);
        forward = NativeAffine.forward(arena, inputs, part.features(), rows, columns, layout, part.unseen(), bias);
        backward = training && inputGradient
                ? NativeAffine.backward(arena, inputs, part.features(), rows, columns, layout)
                : null;
        packedGradient = training ? arena.allocate(Math.max(1, forward.packedFloats()) * Float.BYTES, 64) : null;
    }

    void refresh(Context context) {
        MemorySegment weights = parameters.get(ref.weight());
        forward.pack(context, weights);
        if (backward != null) {
            backward.pack(context, weights);
        }
    }

    NativeAffine forward() {
        return forward;
    }

    /** The instruction that computes it from the operation's only input. */
    StepCode product(List<Tap> taps) {
        StepCode product = new StepCode(
                StepKind.AFFINE,
                0,
                taps,
                forward.inputs(),
                forward.outputs(),
                0,
                1,
                forward.weights(),
                forward.bias(),
                MemorySegment.NULL,
                2L * taps.size() * forward.inputs() * forward.outputs());
        return product.withPrecision(precision());
    }

    /** What the weights were rounded to, whatever becomes of inputs. */
    Precision precision() {
        return parameters.precision(ref.weight()).weights();
    }

    @Nullable
    NativeAffine backward() {
        return backward;
    }

    /** Zeros for the packed gradient of the weights. */
    MemorySegment clearedGradient(Context context) {
        MemorySegment packed = Objects.requireNonNull(packedGradient, "bound without training");
        Kernels.clear(context, packed);
        return packed;
    }

    /** Adds the packed gradient to that of the parameters. */
    void addGradient(Context context, MemorySegment all) {
        forward.unpackAdd(context, Objects.requireNonNull(packedGradient), of(all, ref.weight()));
    }

    /** The bias's part of the gradient of all parameters, these outputs'. */
    @Nullable
    MemorySegment biasGradient(MemorySegment all) {
        return ref.bias() == null
                ? null
                : of(all, ref.bias()).asSlice(firstBias, (long) forward.outputs() * Float.BYTES);
    }

    /** A parameter's part of the gradient of all parameters. */
    MemorySegment of(MemorySegment all, String name) {
        return all.asSlice(
                parameters.offset(name) * Float.BYTES,
                parameters.get(name).byteSize(),
                ValueLayout.JAVA_FLOAT.byteAlignment());
    }
}
