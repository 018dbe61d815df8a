package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.CudaDevice;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.NativeMap;
import dev.gatun.graph.BoundGraph;
import dev.gatun.graph.ChainOrder;
import dev.gatun.graph.Pass;
import dev.gatun.graph.PassKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whole passes over samples as far as these are drawn: all positions of a batch at once, of which draws are then made. */
final class DrawnPass {
    private final Model model;
    private final SampleOptions options;
    private final Condition condition;
    private final NativeDistribution.Values values;
    private final NativeDistribution.Noise noise;
    private final Pass pass;
    private final @Nullable DevicePasses device;
    private final NativeMap column;
    private final ChainOrder order;
    private final int batch;
    private final int length;
    private final int @Nullable [] levels;
    private final int @Nullable [] chain;
    private final float @Nullable [] reals;

    /**
     * Passes through a mask's graph.
     *
     * @param values of all samples, in the order of positions
     * @param samples that there are at most in a batch
     */
    DrawnPass(
            Model model,
            SampleOptions options,
            Condition condition,
            NativeDistribution.Values values,
            Arena arena,
            int mask,
            int samples) {
        this.model = model;
        this.options = options;
        this.condition = condition;
        this.values = values;
        length = values.positions();
        BoundGraph bound = model.bounds().get(mask);
        order = bound.graph().order();
        batch = Batches.size(List.of(bound), samples, length);
        pass = new Pass(bound, arena, batch, length, PassKind.VALUES);
        CudaDevice cuda = model.cuda();
        device = cuda == null ? null : new DevicePasses(cuda, arena);
        column = pass.outputs().columnView(arena);
        noise = new NativeDistribution.Noise(
                arena, options.seed(), options.firstSample(), options.temperature(), options.mode());
        levels = values.real() ? null : new int[length];
        chain = values.real() || order.isNatural() ? null : new int[length];
        reals = values.real() ? new float[length] : null;
    }

    /** The most samples of a batch. */
    int batch() {
        return batch;
    }

    ChainOrder order() {
        return order;
    }

    /** Places of the chain whose distribution is one: the channels of a pixel, or 1. */
    int channels() {
        return model.distribution().channels();
    }

    /** Has samples be the next batch, as they are now. */
    void run(Context context, int[] samples, int count) {
        pass.examples(count);
        for (int n = 0; n < count; n++) {
            fill(samples[n], n);
        }
        if (device == null) {
            pass.run(context);
            return;
        }
        device.prepare(count, pass::run);
        device.bringInputs(pass);
        device.run(count);
        device.fetch(pass.outputs());
    }

    private void fill(int sample, int n) {
        pass.condition(n, condition.label(sample), condition.frames(), condition.frameOffset(sample));
        long from = (long) sample * length * Integer.BYTES;
        if (reals != null) {
            MemorySegment.copy(values.data(), ValueLayout.JAVA_FLOAT, from, reals, 0, length);
            pass.reals(n, reals, 0);
        } else if (levels != null) {
            MemorySegment.copy(values.data(), ValueLayout.JAVA_INT, from, levels, 0, length);
            if (chain != null) {
                order.arrange(levels, 0, chain, length);
            }
            pass.levels(n, chain == null ? levels : chain, 0);
        }
    }

    /**
     * Draws a place of the chain of a sample of the batch, from the last pass's outputs.
     *
     * @param n which of the batch
     * @param sample which of all
     * @return whether its value is another than before
     */
    boolean draw(Context context, int n, int sample, int place) {
        int position = order.position(place);
        long at = (long) sample * length + position;
        int before = values.data().getAtIndex(ValueLayout.JAVA_INT, at);
        column.moveTo(n, place / channels());
        noise.firstSample(options.firstSample() + sample);
        model.distribution().draw(context, noise, column, position, values, sample);
        return values.data().getAtIndex(ValueLayout.JAVA_INT, at) != before;
    }
}
