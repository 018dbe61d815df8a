package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.CudaDevice;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.NativeMap;
import dev.gatun.graph.BoundGraph;
import dev.gatun.graph.ChainOrder;
import dev.gatun.graph.Pass;
import dev.gatun.graph.PassKind;
import dev.gatun.graph.WindowPass;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Passes over samples as far as these are drawn, of which draws are then made: all positions of a batch at once, or windows of
 * single samples, whose maps are kept from pass to pass.
 */
final class DrawnPass {
    private final Model model;
    private final SampleOptions options;
    private final Condition condition;
    private final NativeDistribution.Values values;
    private final NativeDistribution.Noise noise;
    private final Pass pass;
    private final @Nullable WindowPass windows;
    private final @Nullable DeviceWindows batches;
    private final @Nullable ForecastHeads heads;
    private final ForecastChoice choice;
    /** The sample whose maps each place of a batch holds, of windows; -1 for none. */
    private final int[] held;

    /** All positions at once, where there are no windows. */
    private final @Nullable PlacedPass whole;

    private final NativeMap column;
    private final ChainOrder order;
    private final int batch;
    private final int length;
    /** Places of the chain at one position of the graph's grid. */
    private final int together;
    /** Positions of a row of that grid. */
    private final int width;

    private double wholePasses;
    private final int @Nullable [] levels;
    private final int @Nullable [] chain;
    private final float @Nullable [] reals;

    /**
     * Passes through a mask's graph.
     *
     * @param values of all samples, in the order of positions
     * @param samples that there are at most in a batch
     * @param ahead how far windows go, where the graph {@linkplain WindowPass#suits suits}; null for whole passes
     */
    DrawnPass(
            Model model,
            SampleOptions options,
            Condition condition,
            NativeDistribution.Values values,
            Arena arena,
            int mask,
            int samples,
            @Nullable Ahead ahead) {
        this.model = model;
        this.options = options;
        this.condition = condition;
        this.values = values;
        length = values.positions();
        BoundGraph bound = model.bounds().get(mask);
        order = bound.graph().order();
        batch = Batches.size(model, List.of(bound), samples, length);
        together = bound.graph().valuesAtPosition();
        width = bound.graph().columns(length);
        CudaDevice cuda = model.cuda();
        Ahead parts = WindowPass.suits(bound) ? ahead : null;
        windows = parts != null && cuda == null ? new WindowPass(bound, arena, batch, length) : null;
        batches = parts != null && cuda != null ? new DeviceWindows(bound, cuda, arena, batch, length, parts) : null;
        pass = windows != null
                ? windows.maps()
                : batches != null ? batches.maps() : new Pass(bound, arena, batch, length, PassKind.VALUES);
        whole = parts != null ? null : new PlacedPass(model, arena, pass);
        Forecast forecast = ahead == null ? null : ahead.heads();
        heads = forecast == null || parts == null
                ? null
                : new ForecastHeads(model.context(), forecast, bound, pass, arena, length);
        choice = new ForecastChoice(
                batch, forecast == null ? 0 : forecast.horizon(), bound.graph().valuesAtPosition());
        held = new int[batch];
        Arrays.fill(held, -1);
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

    /** Forgets what windows have kept, as for values that begin anew. */
    void restart() {
        Arrays.fill(held, -1);
        if (batches != null) {
            batches.restart();
        }
    }

    /** Has samples be the next batch, as they are now, all positions of each. */
    void run(int[] samples, int count) {
        wholePasses += count;
        // A device has one pass, of a whole batch, however few are left: each number of samples would want a recording
        // of its own.
        int rows = model.cuda() == null ? count : batch;
        pass.examples(rows);
        for (int n = 0; n < rows; n++) {
            fill(samples[Math.min(n, count - 1)], n);
        }
        PlacedPass all = Objects.requireNonNull(whole);
        all.run();
        all.outputs(); // Brought to where draws are made.
    }

    /** Whether {@link #runWindow} is what there is, not {@link #run}. */
    boolean inWindows() {
        return windows != null;
    }

    /** Whether {@link #runTogether} is. */
    boolean inLockStep() {
        return batches != null;
    }

    /** Passes over all positions of a sample that have been computed, windows by their share. */
    double wholePasses() {
        return windows == null ? wholePasses : windows.passes();
    }

    /** How long a device's passes have been written down so far, in nanoseconds, where that is told: of windows. */
    long preparing() {
        return batches == null ? 0 : batches.preparing();
    }

    /** The place where a pass ends that has to hold a place: where a window does, or the last. */
    int end(int place) {
        int end = windows == null ? length : windows.end(Math.ceilDiv(place, together)) * together;
        return Math.min(end, length);
    }

    /**
     * Computes the outputs of a sample up to a place, at a place of the batch, which holds it from then on.
     *
     * @param changed the first place of the chain whose value may be another than in the sample's last run there
     * @param end one that {@link #end} gives
     */
    void runWindow(Context context, int n, int sample, int changed, int end) {
        WindowPass parts = Objects.requireNonNull(windows);
        if (held[n] != sample) {
            // Maps that another place has of it would miss what changes while it is here.
            Arrays.setAll(held, other -> held[other] == sample ? -1 : held[other]);
            parts.begin(n);
            choice.begin(n);
            held[n] = sample;
            pass.condition(n, condition.label(sample), condition.frames(), condition.frameOffset(sample));
        }
        fillValues(sample, n, 0, Math.ceilDiv(length, width * together));
        parts.run(context, n, changed / together, Math.ceilDiv(end, together));
    }

    /**
     * Computes the outputs of the next window of a batch's samples, all of them together.
     *
     * @param right the first place that is not right of all of them
     * @param changed the first place whose value may be another than in their last run, of any
     * @return where the window ends, a place of the chain or their number
     */
    int runTogether(int[] samples, int right, int changed) {
        DeviceWindows parts = Objects.requireNonNull(batches);
        boolean known = parts.holds(samples);
        int end = Math.min(parts.end(right), length);
        int row = width * together;
        // Each number of samples would want passes of its own: those that lack are the last one again.
        for (int n = 0; n < batch; n++) {
            int sample = samples[Math.min(n, samples.length - 1)];
            if (!known) {
                pass.condition(n, condition.label(sample), condition.frames(), condition.frameOffset(sample));
                choice.begin(n);
            }
            fillValues(sample, n, known ? changed / row : 0, Math.ceilDiv(end, row));
        }
        wholePasses += samples.length * parts.run(samples, right, changed);
        return end;
    }

    /**
     * Forecasts values behind those of a sample that are right, each as it would be drawn with its own noise. The last pass must have
     * had the right values but for the last one.
     *
     * @param right how many places of the chain are right
     */
    void forecast(Context context, int n, int sample, int right, boolean @Nullable [] given) {
        // The last position that is right as a whole: its features come of the positions before it.
        int position = right / together - 1;
        if (heads == null || position < 0) {
            return;
        }
        int ahead = heads.ahead(position);
        if (ahead > 0) {
            heads.run(context, n, position, values.data(), (long) sample * length + (long) position * together);
        }
        choice.judge(n, values.data(), (long) sample * length, right);
        noise.firstSample(options.firstSample() + sample);
        for (int t = 1; t <= ahead; t++) {
            for (int channel = 0; channel < together; channel++) {
                int place = (position + t) * together + channel;
                if (place >= right && (given == null || !given[place])) {
                    forecast(context, n, sample, place, t, heads.outputs(t, channel));
                }
            }
        }
    }

    private void forecast(Context context, int n, int sample, int place, int ahead, NativeMap outputs) {
        long at = (long) sample * length + place;
        int drawn = values.data().getAtIndex(ValueLayout.JAVA_INT, at);
        model.distribution().draw(context, noise, outputs, place, values, sample);
        int learned = values.data().getAtIndex(ValueLayout.JAVA_INT, at);
        choice.add(n, place, ahead, drawn, learned);
        if (!choice.learned(ahead)) {
            values.data().setAtIndex(ValueLayout.JAVA_INT, at, drawn);
        }
    }

    private void fill(int sample, int n) {
        pass.condition(n, condition.label(sample), condition.frames(), condition.frameOffset(sample));
        fillValues(sample, n, 0, Math.ceilDiv(length, width * together));
    }

    /** Brings a sample's values to the maps, some rows of them if not all. */
    private void fillValues(int sample, int n, int firstRow, int endRow) {
        long from = (long) sample * length * Integer.BYTES;
        if (reals != null) {
            MemorySegment.copy(values.data(), ValueLayout.JAVA_FLOAT, from, reals, 0, length);
            pass.reals(n, reals, 0);
        } else if (levels != null) {
            MemorySegment.copy(values.data(), ValueLayout.JAVA_INT, from, levels, 0, length);
            if (chain != null) {
                order.arrange(levels, 0, chain, length);
            }
            pass.levels(n, chain == null ? levels : chain, 0, firstRow, endRow);
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
        noise.firstSample(options.firstSample() + sample);
        model.distribution().draw(context, noise, outputs(n, place), position, values, sample);
        return values.data().getAtIndex(ValueLayout.JAVA_INT, at) != before;
    }

    /** What a place of the chain is drawn from. */
    private NativeMap outputs(int n, int place) {
        if (batches != null) {
            return batches.at(n, place, channels());
        }
        column.moveTo(n, place / channels());
        return column;
    }
}
