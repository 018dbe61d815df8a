package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Recurrent layers over all positions of one row; checked as {@link Kernels}'s calls are. */
public final class RecurrentCalls {
    /** What the state and what is kept need around them: the column before the first position. */
    public static final GridShape.Halo BEFORE = new GridShape.Halo(0, 0, 1, 0);

    private RecurrentCalls() {}

    /**
     * y = the states of a layer.
     *
     * @param state the affine operation from the state before to the state's part of the gates, at one tap (-1)
     * @param x the input's part of the gates
     * @param y column -1 holds the state before the first position
     * @param kept {@link CellKind#kept} times the state's features; as many columns as x, or one where no gradient will be
     *     asked for; column -1 holds what was kept before the first position, and the last one what is after it
     */
    public static void run(
            Context context, CellKind cell, NativeAffine state, NativeMap x, NativeMap y, NativeMap kept) {
        checkMaps(cell, state, x, y, kept);
        context.check(gatun_h.gatun_recurrent_run(
                context.handle(), cell.code(), state.struct(), x.struct(), y.struct(), kept.struct()));
    }

    /**
     * Gradients after a {@link #run} that kept all positions, once for each run.
     *
     * @param backward {@code state}, the other way
     * @param dx gradient of x, or null; added to where {@code accumulate} says so
     * @param weights gradient of the state's weights, packed, added to
     * @param bias gradient of the state's bias, added to
     */
    public static void gradient(
            Context context,
            CellKind cell,
            NativeAffine state,
            NativeAffine backward,
            NativeMap y,
            NativeMap kept,
            NativeMap dy,
            @Nullable NativeMap dx,
            boolean accumulate,
            MemorySegment weights,
            MemorySegment bias) {
        checkMaps(cell, state, dx, y, kept);
        Kernels.checkGrids(y, dy);
        Kernels.checkGrids(y, kept);
        Kernels.checkFeatures("dy", dy, state.inputs());
        if (backward.inputs() != state.outputs() || backward.outputs() != state.inputs() || backward.taps() != 1) {
            throw new IllegalArgumentException("an affine operation of " + backward.inputs() + " inputs and "
                    + backward.outputs() + " outputs backwards for one of " + state.inputs() + " and "
                    + state.outputs());
        }
        NativeAffine.checkFloats("gradient of weights", weights, state.packedFloats());
        NativeAffine.checkFloats("gradient of bias", bias, state.outputs());
        MemorySegment into = dx == null ? MemorySegment.NULL : dx.struct();
        context.check(gatun_h.gatun_recurrent_gradient(
                context.handle(),
                cell.code(),
                backward.struct(),
                y.struct(),
                kept.struct(),
                dy.struct(),
                into,
                accumulate ? 1 : 0));
        MemorySegment gates = kept.featuresFrom(0, state.outputs());
        context.check(
                gatun_h.gatun_affine_gradient(context.handle(), state.struct(), y.struct(), gates, weights, bias));
    }

    private static void checkMaps(
            CellKind cell, NativeAffine state, @Nullable NativeMap x, NativeMap y, NativeMap kept) {
        int hidden = state.inputs();
        if (state.taps() != 1 || !state.halo().equals(BEFORE) || state.outputs() != cell.gates() * hidden) {
            throw new IllegalArgumentException(
                    cell + ": an affine operation of " + state.taps() + " taps, " + hidden + " inputs and "
                            + state.outputs() + " outputs, expected one tap (-1) and " + cell.gates() * hidden
                            + " outputs");
        }
        Kernels.checkFeatures("y", y, hidden);
        Kernels.checkFeatures("kept", kept, cell.kept() * hidden);
        if (x != null) {
            Kernels.checkGrids(x, y);
            Kernels.checkFeatures("x", x, state.outputs());
        }
        checkHalo("y", y);
        checkHalo("kept", kept);
        int columns = kept.shape().columns();
        if (y.shape().rows() != 1 || kept.shape().rows() != 1 || kept.examples() != y.examples()) {
            throw new IllegalArgumentException(
                    "recurrent layers go along one row: found " + y.shape().rows() + " and "
                            + kept.shape().rows() + " rows, " + y.examples() + " and " + kept.examples() + " examples");
        }
        if (columns != 1 && columns != y.shape().columns()) {
            throw new IllegalArgumentException("kept: found " + columns + " columns, expected 1 or "
                    + y.shape().columns());
        }
    }

    private static void checkHalo(String name, NativeMap map) {
        if (!map.shape().halo().covers(BEFORE)) {
            throw new IllegalArgumentException(
                    name + ": a halo of " + map.shape().halo() + ", expected at least " + BEFORE);
        }
    }
}
