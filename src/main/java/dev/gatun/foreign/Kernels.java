package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The operations over all positions. Each call checks that its grids fit together, then runs; kernels have no way to fail
 * for bad arguments. Grids must belong to the calling thread for the time of the call.
 */
public final class Kernels {
    private Kernels() {}

    /** y (+)= bias + sum over taps of W[tap] x(position + tap). */
    public static void affine(Context context, NativeAffine affine, NativeMap x, NativeMap y, boolean accumulate) {
        checkGrids(x, y);
        checkFeatures("x", x, affine.inputs());
        checkFeatures("y", y, affine.outputs());
        checkHalo(x, affine.halo());
        context.check(gatun_h.gatun_affine_run(
                context.handle(), affine.struct(), x.source(), y.struct(), accumulate ? 1 : 0));
    }

    /**
     * The same of rounded inputs.
     *
     * @param packed the affine's weights and bias, by {@link StepPacking#pack} of {@link StepPacking#INT8_DYNAMIC}
     */
    public static void rounded(Context context, NativeAffine affine, MemorySegment packed, NativeMap x, NativeMap y) {
        checkGrids(x, y);
        checkFeatures("x", x, affine.inputs());
        checkFeatures("y", y, affine.outputs());
        checkHalo(x, affine.halo());
        long bytes = StepPacking.bytes(StepPacking.INT8_DYNAMIC, affine.taps(), affine.inputs(), affine.outputs());
        if (packed.byteSize() != bytes) {
            throw new IllegalArgumentException(
                    "packed weights: found " + packed.byteSize() + " bytes, expected " + bytes);
        }
        context.check(gatun_h.gatun_rounded_run(context.handle(), affine.struct(), packed, x.source(), y.struct()));
    }

    /** Affine products into some features of y, from {@code first} on: as many as the operation has outputs. */
    public static void affineInto(Context context, NativeAffine affine, NativeMap x, NativeMap y, int first) {
        checkGrids(x, y);
        checkFeatures("x", x, affine.inputs());
        y.checkFeatures(first, affine.outputs());
        checkHalo(x, affine.halo());
        MemorySegment part = y.featuresFrom(first, affine.outputs());
        context.check(gatun_h.gatun_affine_run(context.handle(), affine.struct(), x.source(), part, 0));
    }

    /** Adds the gradients of weights (packed) and bias. */
    public static void affineGradient(
            Context context,
            NativeAffine affine,
            NativeMap x,
            NativeMap dy,
            MemorySegment weights,
            @Nullable MemorySegment bias) {
        checkFeatures("dy", dy, affine.outputs());
        affineGradientOf(context, affine, x, dy, 0, weights, bias);
    }

    /** The same of some features of dy, from {@code first} on. */
    public static void affineGradientOf(
            Context context,
            NativeAffine affine,
            NativeMap x,
            NativeMap dy,
            int first,
            MemorySegment weights,
            @Nullable MemorySegment bias) {
        checkGrids(x, dy);
        checkFeatures("x", x, affine.inputs());
        dy.checkFeatures(first, affine.outputs());
        checkHalo(x, affine.halo());
        NativeAffine.checkFloats("gradient of weights", weights, affine.packedFloats());
        if (bias != null) {
            NativeAffine.checkFloats("gradient of bias", bias, affine.outputs());
        }
        context.check(gatun_h.gatun_affine_gradient(
                context.handle(),
                affine.struct(),
                x.struct(),
                dy.featuresFrom(first, affine.outputs()),
                weights,
                orNull(bias)));
    }

    /** The affine operation over one-hot inputs. */
    public static void lookup(
            Context context, NativeAffine affine, @Nullable MemorySegment outside, NativeLevels x, NativeMap y) {
        checkFeatures("y", y, affine.outputs());
        checkLookup(affine, outside, x, y);
        context.check(
                gatun_h.gatun_lookup_run(context.handle(), affine.struct(), orNull(outside), x.struct(), y.struct()));
    }

    /** The same into some features of y, from {@code first} on. */
    public static void lookupInto(Context context, NativeAffine affine, NativeLevels x, NativeMap y, int first) {
        y.checkFeatures(first, affine.outputs());
        checkLookup(affine, null, x, y);
        MemorySegment part = y.featuresFrom(first, affine.outputs());
        context.check(
                gatun_h.gatun_lookup_run(context.handle(), affine.struct(), MemorySegment.NULL, x.struct(), part));
    }

    /** Adds the gradients of weights (packed), bias and the vector of what lies outside. */
    public static void lookupGradient(
            Context context,
            NativeAffine affine,
            NativeLevels x,
            NativeMap dy,
            MemorySegment weights,
            @Nullable MemorySegment bias,
            @Nullable MemorySegment outside) {
        checkFeatures("dy", dy, affine.outputs());
        lookupGradient(context, affine, x, dy, 0, weights, bias, outside);
    }

    /** The same of some features of dy, from {@code first} on. */
    public static void lookupGradientOf(
            Context context,
            NativeAffine affine,
            NativeLevels x,
            NativeMap dy,
            int first,
            MemorySegment weights,
            @Nullable MemorySegment bias) {
        dy.checkFeatures(first, affine.outputs());
        lookupGradient(context, affine, x, dy, first, weights, bias, null);
    }

    private static void lookupGradient(
            Context context,
            NativeAffine affine,
            NativeLevels x,
            NativeMap dy,
            int first,
            MemorySegment weights,
            @Nullable MemorySegment bias,
            @Nullable MemorySegment outside) {
        checkLookup(affine, outside, x, dy);
        NativeAffine.checkFloats("gradient of weights", weights, affine.packedFloats());
        if (bias != null) {
            NativeAffine.checkFloats("gradient of bias", bias, affine.outputs());
        }
        context.check(gatun_h.gatun_lookup_gradient(
                context.handle(),
                affine.struct(),
                x.struct(),
                dy.featuresFrom(first, affine.outputs()),
                weights,
                orNull(bias),
                orNull(outside)));
    }

    private static void checkLookup(NativeAffine affine, @Nullable MemorySegment outside, NativeLevels x, NativeMap y) {
        checkGrids(x, y);
        checkHalo(x, affine.halo());
        if (affine.inputs() % x.shape().features() != 0) {
            throw new IllegalArgumentException("x: found " + x.shape().features()
                    + " channels, expected a divisor of the " + affine.inputs() + " inputs");
        }
        if (outside != null) {
            NativeAffine.checkFloats("outside", outside, affine.outputs());
        }
    }

    /** y = f(x). */
    public static void activation(Context context, ActivationKind kind, NativeMap x, NativeMap y) {
        checkGrids(x, y);
        checkFeatures("y", y, x.shape().features());
        context.check(gatun_h.gatun_activation_run(context.handle(), kind.code(), x.struct(), y.struct()));
    }

    /** dx (+)= f'(x) dy, from y = f(x). */
    public static void activationGradient(
            Context context, ActivationKind kind, NativeMap y, NativeMap dy, NativeMap dx, boolean accumulate) {
        checkGrids(y, dy);
        checkGrids(y, dx);
        checkFeatures("dy", dy, y.shape().features());
        checkFeatures("dx", dx, y.shape().features());
        context.check(gatun_h.gatun_activation_gradient(
                context.handle(), kind.code(), y.struct(), dy.struct(), dx.struct(), accumulate ? 1 : 0));
    }

    /** y = tanh(first half of x's features) * sigmoid(second half). */
    public static void gate(Context context, NativeMap x, NativeMap y) {
        checkGrids(x, y);
        checkFeatures("x", x, 2 * y.shape().features());
        context.check(gatun_h.gatun_gate_run(context.handle(), x.struct(), y.struct()));
    }

    /** dx (+)= the gate's gradient at x times dy. */
    public static void gateGradient(Context context, NativeMap x, NativeMap dy, NativeMap dx, boolean accumulate) {
        checkGrids(x, dy);
        checkGrids(x, dx);
        checkFeatures("x", x, 2 * dy.shape().features());
        checkFeatures("dx", dx, x.shape().features());
        context.check(gatun_h.gatun_gate_gradient(
                context.handle(), x.struct(), dy.struct(), dx.struct(), accumulate ? 1 : 0));
    }

    /** y = first half of x's features * sigmoid(second half). */
    public static void linearGate(Context context, NativeMap x, NativeMap y) {
        checkGrids(x, y);
        checkFeatures("x", x, 2 * y.shape().features());
        context.check(gatun_h.gatun_linear_gate_run(context.handle(), x.struct(), y.struct()));
    }

    /** dx (+)= the linear gate's gradient at x times dy. */
    public static void linearGateGradient(
            Context context, NativeMap x, NativeMap dy, NativeMap dx, boolean accumulate) {
        checkGrids(x, dy);
        checkGrids(x, dx);
        checkFeatures("x", x, 2 * dy.shape().features());
        checkFeatures("dx", dx, x.shape().features());
        context.check(gatun_h.gatun_linear_gate_gradient(
                context.handle(), x.struct(), dy.struct(), dx.struct(), accumulate ? 1 : 0));
    }

    /** y = elu(x), then elu(-x). */
    public static void concatElu(Context context, NativeMap x, NativeMap y) {
        checkGrids(x, y);
        checkFeatures("y", y, 2 * x.shape().features());
        context.check(gatun_h.gatun_concat_elu_run(context.handle(), x.struct(), y.struct()));
    }

    /** dx (+)= the gradient of {@link #concatElu}, from y, times dy. */
    public static void concatEluGradient(Context context, NativeMap y, NativeMap dy, NativeMap dx, boolean accumulate) {
        checkGrids(y, dy);
        checkGrids(y, dx);
        checkFeatures("y", y, 2 * dx.shape().features());
        checkFeatures("dy", dy, y.shape().features());
        context.check(gatun_h.gatun_concat_elu_gradient(
                context.handle(), y.struct(), dy.struct(), dx.struct(), accumulate ? 1 : 0));
    }

    /** y = scale * (y (if {@code accumulate}) + x), where a value of x stands for {@code repeat} rows and columns of y. */
    public static void sum(Context context, NativeMap x, int repeat, float scale, NativeMap y, boolean accumulate) {
        checkRepeated(x, repeat, y);
        context.check(
                gatun_h.gatun_sum_run(context.handle(), x.struct(), repeat, scale, y.struct(), accumulate ? 1 : 0));
    }

    /** dx (+)= scale * the sum of dy over the rows and columns that each value of x stands for. */
    public static void sumGradient(
            Context context, NativeMap dy, int repeat, float scale, NativeMap dx, boolean accumulate) {
        checkRepeated(dx, repeat, dy);
        context.check(gatun_h.gatun_sum_gradient(
                context.handle(), dy.struct(), repeat, scale, dx.struct(), accumulate ? 1 : 0));
    }

    private static void checkRepeated(NativeMap x, int repeat, NativeMap y) {
        int columns = repeat < 1 ? -1 : Math.ceilDiv(y.shape().columns(), repeat);
        int rows = repeat < 1 ? -1 : Math.ceilDiv(y.shape().rows(), repeat);
        checkFeatures("x", x, y.shape().features());
        if (x.shape().columns() != columns || x.shape().rows() != rows || x.examples() != y.examples()) {
            throw new IllegalArgumentException("a map of " + x.examples() + " x "
                    + x.shape().rows() + " x "
                    + x.shape().columns() + " positions, each for " + repeat + " rows and columns of " + y.examples()
                    + " x "
                    + y.shape().rows() + " x " + y.shape().columns());
        }
    }

    /** y (+)= x as it lies so many rows down and columns to the right of each position, what is in x's halo included. */
    public static void copyAt(Context context, NativeMap x, int row, int column, NativeMap y, boolean accumulate) {
        checkGrids(x, y);
        checkFeatures("x", x, y.shape().features());
        checkHalo(
                x, new GridShape.Halo(Math.max(0, -row), Math.max(0, row), Math.max(0, -column), Math.max(0, column)));
        context.check(gatun_h.gatun_copy(context.handle(), x.movedBy(row, column), y.struct(), accumulate ? 1 : 0));
    }

    /** y = the last columns of x, as many as y has. */
    public static void copyLast(Context context, NativeMap x, NativeMap y) {
        checkColumns(x, y);
        int columns = y.shape().columns();
        MemorySegment last = x.columnsFrom(x.shape().columns() - columns, columns);
        context.check(gatun_h.gatun_copy(context.handle(), last, y.struct(), 0));
    }

    /** The columns before y's first = x, as many as x has. */
    public static void copyBefore(Context context, NativeMap x, NativeMap y) {
        checkColumns(x, y);
        int columns = x.shape().columns();
        context.check(gatun_h.gatun_copy(context.handle(), x.struct(), y.columnsFrom(-columns, columns), 0));
    }

    private static void checkColumns(NativeMap x, NativeMap y) {
        checkFeatures("x", x, y.shape().features());
        if (x.examples() != y.examples() || x.shape().rows() != y.shape().rows()) {
            throw new IllegalArgumentException(
                    "columns of " + x.examples() + " x " + x.shape().rows() + " rows for those of " + y.examples()
                            + " x " + y.shape().rows() + ", expected the same");
        }
    }

    /** y[features first .. first + x's] (+)= x. */
    public static void copyInto(Context context, NativeMap x, NativeMap y, int first) {
        checkGrids(x, y);
        y.checkFeatures(first, x.shape().features());
        context.check(gatun_h.gatun_copy(
                context.handle(), x.struct(), y.featuresFrom(first, x.shape().features()), 0));
    }

    /** y = the {@linkplain NativeGrid#window part} of x that calls work on. */
    public static void copyPart(Context context, NativeMap x, NativeMap y) {
        x.checkPart(y);
        checkFeatures("y", y, x.shape().features());
        context.check(gatun_h.gatun_copy(context.handle(), x.struct(), y.struct(), 0));
    }

    /** x (+)= y[features first .. first + x's]. */
    public static void copyFrom(Context context, NativeMap y, int first, NativeMap x, boolean accumulate) {
        checkGrids(x, y);
        y.checkFeatures(first, x.shape().features());
        MemorySegment part = y.featuresFrom(first, x.shape().features());
        context.check(gatun_h.gatun_copy(context.handle(), part, x.struct(), accumulate ? 1 : 0));
    }

    /** y = table[level]; the caller has checked the range of levels. */
    public static void encode(Context context, MemorySegment table, NativeLevels x, NativeMap y) {
        checkGrids(x, y);
        checkFeatures("x", x, y.shape().features());
        int levels = Math.toIntExact(table.byteSize() / Float.BYTES);
        context.check(gatun_h.gatun_encode(context.handle(), table, levels, x.struct(), y.struct()));
    }

    /** The sums of examples' log-probabilities, examples x positions, each in the order of positions, in double. */
    public static void logProbSums(
            Context context, MemorySegment logProb, int examples, int positions, MemorySegment sums) {
        NativeAffine.checkFloats("log-probabilities", logProb, (long) examples * positions);
        if (sums.byteSize() < (long) examples * Double.BYTES) {
            throw new IllegalArgumentException("sums of " + sums.byteSize() + " bytes, expected " + examples);
        }
        context.check(gatun_h.gatun_log_prob_sums(context.handle(), logProb, positions, examples, positions, sums));
    }

    /** y = vector at every position. */
    public static void broadcast(Context context, MemorySegment vector, NativeMap y) {
        NativeAffine.checkFloats("vector", vector, y.shape().features());
        context.check(gatun_h.gatun_broadcast(context.handle(), vector, y.struct()));
    }

    /** vector += sum over positions of dy. */
    public static void broadcastGradient(Context context, NativeMap dy, MemorySegment vector) {
        NativeAffine.checkFloats("vector", vector, dy.shape().features());
        context.check(gatun_h.gatun_broadcast_gradient(context.handle(), dy.struct(), vector));
    }

    /** values = 0. */
    public static void clear(Context context, MemorySegment values) {
        context.check(gatun_h.gatun_clear(context.handle(), values.byteSize() / Float.BYTES, values));
    }

    /** y *= the example's factor. */
    public static void scaleExamples(Context context, MemorySegment factors, NativeMap y) {
        NativeAffine.checkFloats("factors", factors, y.examples());
        context.check(gatun_h.gatun_scale_examples(context.handle(), factors, y.struct()));
    }

    /** y (+)= x, of which features are dropped. */
    public static void dropout(Context context, NativeDropout draws, NativeMap x, NativeMap y, boolean accumulate) {
        checkGrids(x, y);
        checkFeatures("x", x, y.shape().features());
        context.check(gatun_h.gatun_dropout_run(
                context.handle(), draws.memory(), x.struct(), y.struct(), accumulate ? 1 : 0));
    }

    static void checkGrids(NativeGrid a, NativeGrid b) {
        GridShape p = a.shape();
        GridShape q = b.shape();
        if (p.rows() != q.rows() || p.columns() != q.columns() || a.examples() != b.examples()) {
            throw new IllegalArgumentException(
                    "grids of " + a.examples() + " x " + p.rows() + " x " + p.columns() + " and " + b.examples() + " x "
                            + q.rows() + " x " + q.columns() + " positions, expected the same");
        }
    }

    static void checkFeatures(String name, NativeGrid grid, int features) {
        if (grid.shape().features() != features) {
            throw new IllegalArgumentException(
                    name + ": found " + grid.shape().features() + " features, expected " + features);
        }
    }

    static void checkHalo(NativeGrid grid, GridShape.Halo halo) {
        GridShape.Halo needed = halo.within(grid.shape().rows(), grid.shape().columns());
        if (!grid.shape().halo().covers(needed)) {
            throw new IllegalArgumentException("a halo of " + grid.shape().halo() + ", expected at least " + needed);
        }
    }

    private static MemorySegment orNull(@Nullable MemorySegment segment) {
        return segment == null ? MemorySegment.NULL : segment;
    }
}
