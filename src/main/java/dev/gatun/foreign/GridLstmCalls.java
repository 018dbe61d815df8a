package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** LSTMs over all places of a grid; checked as {@link Kernels}'s calls are. */
public final class GridLstmCalls {
    /** Gates of a unit of the state, in the order o, f, i, g. */
    public static final int GATES = 4;

    /** Features that are kept of each unit for the gradient: its gates and its c. */
    public static final int KEPT = 5;

    private GridLstmCalls() {}

    /** What the kept map needs around it: what the state's taps reach, forwards and backwards. */
    public static GridShape.Halo keptHalo(NativeAffine state) {
        return state.halo().with(state.halo().opposite());
    }

    /**
     * y = the states.
     *
     * @param state the affine operation from the states of neighbours to their part of the gates, without bias; as
     *     {@code way} has it, its taps lie in the row above, or are (-1, 0) and the neighbour beside
     * @param x the input's part of the gates
     * @param y has the halo of the state's taps, zeros
     * @param kept {@link #KEPT} times the state's features, of y's extent, with {@link #keptHalo}, zeros; null where no
     *     gradient will be asked for
     */
    public static void run(
            Context context, GridWay way, NativeAffine state, NativeMap x, NativeMap y, @Nullable NativeMap kept) {
        checkState(way, state);
        checkMaps(state, x, y, kept);
        MemorySegment keep = kept == null ? MemorySegment.NULL : kept.struct();
        context.check(gatun_h.gatun_grid_lstm_run(
                context.handle(), way.code(), state.struct(), x.struct(), y.struct(), keep));
    }

    /**
     * Gradients after a {@link #run} that kept, once for each run.
     *
     * @param backward {@code state}, the other way
     * @param dx gradient of x, or null; added to where {@code accumulate} says so
     * @param weights gradient of the state's weights, packed, added to
     */
    public static void gradient(
            Context context,
            GridWay way,
            NativeAffine state,
            NativeAffine backward,
            NativeMap y,
            NativeMap kept,
            NativeMap dy,
            @Nullable NativeMap dx,
            boolean accumulate,
            MemorySegment weights) {
        checkState(way, state);
        checkMaps(state, dx, y, kept);
        Kernels.checkGrids(y, dy);
        Kernels.checkFeatures("dy", dy, state.inputs());
        if (backward.inputs() != state.outputs()
                || backward.outputs() != state.inputs()
                || backward.taps() != state.taps()) {
            throw new IllegalArgumentException("an affine operation of " + backward.inputs() + " inputs, "
                    + backward.outputs() + " outputs and " + backward.taps() + " taps backwards for one of "
                    + state.inputs() + ", " + state.outputs() + " and " + state.taps());
        }
        Kernels.checkHalo(kept, backward.halo());
        NativeAffine.checkFloats("gradient of weights", weights, state.packedFloats());
        MemorySegment into = dx == null ? MemorySegment.NULL : dx.struct();
        context.check(gatun_h.gatun_grid_lstm_gradient(
                context.handle(),
                way.code(),
                backward.struct(),
                y.struct(),
                kept.struct(),
                dy.struct(),
                into,
                accumulate ? 1 : 0));
        MemorySegment gates = kept.featuresFrom(0, state.outputs());
        context.check(gatun_h.gatun_affine_gradient(
                context.handle(), state.struct(), y.struct(), gates, weights, MemorySegment.NULL));
    }

    private static void checkState(GridWay way, NativeAffine state) {
        GridShape.Halo halo = state.halo();
        boolean fits = switch (way) {
            case DOWN -> halo.top() <= 1 && halo.bottom() == 0;
            case RIGHT -> halo.equals(new GridShape.Halo(1, 0, 1, 0)) && state.taps() == 2;
            case LEFT -> halo.equals(new GridShape.Halo(1, 0, 0, 1)) && state.taps() == 2;
        };
        if (!fits || state.outputs() != GATES * state.inputs() || !state.bias().equals(MemorySegment.NULL)) {
            throw new IllegalArgumentException("an LSTM that goes " + way + ": an affine operation of " + state.taps()
                    + " taps that reach " + halo + ", " + state.inputs() + " inputs and " + state.outputs()
                    + " outputs, expected " + GATES + " outputs for each input, no bias, and taps for that way");
        }
    }

    private static void checkMaps(NativeAffine state, @Nullable NativeMap x, NativeMap y, @Nullable NativeMap kept) {
        Kernels.checkFeatures("y", y, state.inputs());
        Kernels.checkHalo(y, state.halo());
        if (x != null) {
            Kernels.checkGrids(x, y);
            Kernels.checkFeatures("x", x, state.outputs());
        }
        if (kept != null) {
            Kernels.checkGrids(y, kept);
            Kernels.checkFeatures("kept", kept, KEPT * state.inputs());
            Kernels.checkHalo(kept, keptHalo(state));
        }
    }
}
