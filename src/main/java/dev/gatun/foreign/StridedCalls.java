package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Affine operations between a coarse map and a fine one, which has {@code stride} times its rows and columns; checked as
 * {@link Kernels}'s calls are.
 */
public final class StridedCalls {
    private StridedCalls() {}

    /** coarse(i, j) (+)= bias + sum over taps of W[tap] fine((stride * i, stride * j) + tap). */
    public static void shrink(
            Context context, NativeAffine affine, NativeMap fine, int stride, NativeMap coarse, boolean accumulate) {
        checkShrink(affine, fine, stride, coarse);
        context.check(gatun_h.gatun_affine_strided_run(
                context.handle(), affine.struct(), fine.source(), stride, coarse.struct(), accumulate ? 1 : 0));
    }

    /** Adds the gradients of weights (packed) and bias (null: none) of {@link #shrink}. */
    public static void shrinkGradient(
            Context context,
            NativeAffine affine,
            NativeMap fine,
            int stride,
            NativeMap coarseGradient,
            MemorySegment weights,
            @Nullable MemorySegment bias) {
        checkShrink(affine, fine, stride, coarseGradient);
        checkGradients(affine, weights, bias);
        context.check(gatun_h.gatun_affine_strided_gradient(
                context.handle(),
                affine.struct(),
                fine.struct(),
                stride,
                coarseGradient.struct(),
                weights,
                bias == null ? MemorySegment.NULL : bias));
    }

    /** fine(stride * i + row, stride * j + column) (+)= bias + sum over taps of W[tap] coarse((i, j) + tap). */
    public static void grow(
            Context context,
            NativeAffine affine,
            NativeMap coarse,
            NativeMap fine,
            int stride,
            int row,
            int column,
            boolean accumulate) {
        checkGrow(affine, coarse, fine, stride, row, column);
        context.check(gatun_h.gatun_affine_run(
                context.handle(),
                affine.struct(),
                coarse.source(),
                fine.every(stride, row, column),
                accumulate ? 1 : 0));
    }

    /** Adds the gradients of weights (packed) and bias (null: none) of {@link #grow}. */
    public static void growGradient(
            Context context,
            NativeAffine affine,
            NativeMap coarse,
            NativeMap fineGradient,
            int stride,
            int row,
            int column,
            MemorySegment weights,
            @Nullable MemorySegment bias) {
        checkGrow(affine, coarse, fineGradient, stride, row, column);
        checkGradients(affine, weights, bias);
        context.check(gatun_h.gatun_affine_gradient(
                context.handle(),
                affine.struct(),
                coarse.struct(),
                fineGradient.every(stride, row, column),
                weights,
                bias == null ? MemorySegment.NULL : bias));
    }

    private static void checkShrink(NativeAffine affine, NativeMap fine, int stride, NativeMap coarse) {
        checkGrids(coarse, fine, stride);
        Kernels.checkFeatures("x", fine, affine.inputs());
        Kernels.checkFeatures("y", coarse, affine.outputs());
        Kernels.checkHalo(fine, affine.halo());
    }

    private static void checkGrow(
            NativeAffine affine, NativeMap coarse, NativeMap fine, int stride, int row, int column) {
        checkGrids(coarse, fine, stride);
        Kernels.checkFeatures("x", coarse, affine.inputs());
        Kernels.checkFeatures("y", fine, affine.outputs());
        Kernels.checkHalo(coarse, affine.halo());
        if (row < 0 || row >= stride || column < 0 || column >= stride) {
            throw new IllegalArgumentException("positions from (" + row + ", " + column + ") on: expected the first in "
                    + stride + " x " + stride);
        }
    }

    private static void checkGrids(NativeMap coarse, NativeMap fine, int stride) {
        GridShape p = coarse.shape();
        GridShape q = fine.shape();
        if (stride < 1
                || q.rows() != (long) stride * p.rows()
                || q.columns() != (long) stride * p.columns()
                || coarse.examples() != fine.examples()) {
            throw new IllegalArgumentException("a coarse grid of " + coarse.examples() + " x " + p.rows() + " x "
                    + p.columns() + " positions and a fine one of " + fine.examples() + " x " + q.rows() + " x "
                    + q.columns() + ", expected " + stride + " times its rows and columns");
        }
    }

    private static void checkGradients(NativeAffine affine, MemorySegment weights, @Nullable MemorySegment bias) {
        NativeAffine.checkFloats("gradient of weights", weights, affine.packedFloats());
        if (bias != null) {
            NativeAffine.checkFloats("gradient of bias", bias, affine.outputs());
        }
    }
}
