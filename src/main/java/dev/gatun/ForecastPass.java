package dev.gatun;

import dev.gatun.family.ForecastHead;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.NativeLevels;
import dev.gatun.foreign.NativeMap;
import dev.gatun.graph.BoundGraph;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Pass;
import dev.gatun.graph.PassKind;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Parameters of {@linkplain Forecast forecasting heads} to be trained: their mean negative log-likelihood over batches, its gradient,
 * while the model that they belong to stays as it is. The loss of an example is the sum over its values of {@code -ln p} as forecast
 * from each position before it within the horizon, divided by the horizon. Belongs to the thread that made it.
 */
public final class ForecastPass implements AutoCloseable {
    private final Owner owner = new Owner("forecast pass");
    private final Model model;
    private final Forecast start;
    private final ForecastHead head;
    private final Arena arena = Arena.ofConfined();
    private final int batch;
    private final int length;
    private final int width;
    private final int positions;
    private final Pass whole;
    private final NativeMap features;
    private final NativeDistribution.Values values;
    private final Filling filling;
    private final Parameters parameters;
    private final MemorySegment gradient;
    private final BoundGraph heads;
    private final Pass pass;
    private final NativeMap given;
    private final List<NativeLevels> known;
    private final NativeDistribution.Values ahead;
    private final MemorySegment logProb;

    /**
     * A copy of some heads to work on.
     *
     * @param model whose they are; not closed, and open as long as this is
     * @param batch examples that are computed at once at most; larger batches are taken in parts
     * @param length of an example
     * @throws IllegalArgumentException if the heads are another model's
     */
    public ForecastPass(Model model, Forecast start, int batch, int length) {
        model.device().requireCpu("training of forecasts");
        start.check(model);
        if (batch < 1 || length < 1) {
            throw new IllegalArgumentException("forecast pass: found a batch of " + batch + " and a length of " + length
                    + ", expected at least 1");
        }
        this.model = model;
        this.start = start;
        this.batch = batch;
        this.length = length;
        head = start.head();
        BoundGraph bound = model.bound();
        Graph graph = bound.graph();
        width = graph.columns(length);
        positions = graph.grid().rows() * width;
        try {
            whole = new Pass(bound, arena, batch, length, PassKind.WINDOWS);
            features = whole.map(ForecastHead.read(graph));
            values = new NativeDistribution.Values(arena, false, batch, length);
            filling = new Filling(arena, model.config().data(), graph.order(), whole, values);
            parameters = start.parameters().copy(arena);
            gradient = arena.allocate(parameters.all().byteSize(), 64);
            Graph own = head.graph(graph.grid().rows(), width);
            heads = new BoundGraph(model.context(), arena, own, parameters, bound.distribution(), true);
            pass = new Pass(heads, arena, batch, positions, PassKind.GRADIENTS);
            given = pass.map(ForecastHead.given(own));
            known = head.values(own).stream().map(pass::levelMap).toList();
            int places = Math.multiplyExact(length, head.horizon());
            ahead = new NativeDistribution.Values(arena, false, batch, places);
            logProb = arena.allocate((long) batch * places * Float.BYTES, 64);
        } catch (Throwable failure) {
            arena.close();
            throw failure;
        }
    }

    /** The parameters, to be changed between calls. */
    public Parameters parameters() {
        owner.check();
        return parameters;
    }

    /** The gradient that {@link #lossAndGradient} wrote last, laid out as the parameters. */
    public MemorySegment gradient() {
        owner.check();
        return gradient;
    }

    /** The mean loss over some examples, in nats, and its gradient. */
    public double lossAndGradient(Examples data, Condition condition, int[] chosen) {
        return mean(data, condition, chosen, true);
    }

    /** The mean loss over some examples, in nats. */
    public double loss(Examples data, Condition condition, int[] chosen) {
        return mean(data, condition, chosen, false);
    }

    private double mean(Examples data, Condition condition, int[] chosen, boolean gradients) {
        owner.check();
        Batches.check(model.config().data(), data);
        condition.check(model.graph(), data.count(), data.length());
        if (data.length() != length || chosen.length == 0) {
            throw new IllegalArgumentException("forecast pass: found " + chosen.length + " examples of " + data.length()
                    + " values, expected some of " + length);
        }
        model.begin();
        try {
            Context context = model.context();
            heads.refresh(context);
            if (gradients) {
                gradient.fill((byte) 0);
            }
            double sum = 0;
            float scale = 1f / ((float) chosen.length * head.horizon());
            for (int first = 0; first < chosen.length; first += batch) {
                int count = Math.min(batch, chosen.length - first);
                sum += run(context, data, condition, chosen, first, count);
                if (gradients) {
                    pass.gradient(context, ahead, scale, this::clearOutside, gradient);
                }
            }
            return sum / ((double) chosen.length * head.horizon());
        } finally {
            model.end();
        }
    }

    private double run(Context context, Examples data, Condition condition, int[] chosen, int first, int count) {
        filling.fill(context, data, condition, n -> chosen[first + n], count);
        for (int n = 0; n < count; n++) {
            IntStream.range(0, positions).forEach(new Targets(n)::write);
        }
        whole.run(context);
        pass.examples(count);
        Kernels.copyInto(context, features, given, 0);
        pass.run(context);
        heads.distribution().logProb(context, pass.outputs(), ahead, logProb);
        double sum = 0;
        for (int n = 0; n < count; n++) {
            for (int position = 0; position < positions; position++) {
                int from = place(n, position);
                sum -= Batches.sum(logProb, from, inside(position));
            }
        }
        return sum;
    }

    private int place(int example, int position) {
        return (example * positions + position) * head.horizon() * head.channels();
    }

    /** Places ahead of a position that there are; those outside come last. */
    private int inside(int position) {
        return head.ahead(position, positions, width) * head.channels();
    }

    /** What an example's values are at each of its positions, and ahead of it. */
    private final class Targets {
        private final int example;

        Targets(int example) {
            this.example = example;
        }

        void write(int position) {
            int channels = head.channels();
            for (int channel = 0; channel < channels; channel++) {
                int level = values.data()
                        .getAtIndex(
                                ValueLayout.JAVA_INT, (long) example * length + (long) position * channels + channel);
                known.get(channel).write(example, position / width, position % width, level);
            }
            long from = (long) example * length + (long) (position + 1) * channels;
            long to = place(example, position);
            int inside = inside(position);
            MemorySegment.copy(
                    values.data(),
                    from * Integer.BYTES,
                    ahead.data(),
                    to * Integer.BYTES,
                    (long) inside * Integer.BYTES);
            for (int i = inside; i < head.horizon() * channels; i++) {
                ahead.data().setAtIndex(ValueLayout.JAVA_INT, to + i, 0);
            }
        }
    }

    private void clearOutside(NativeMap outputs) {
        int each = head.horizon() * head.channels();
        for (int n = 0; n < outputs.examples(); n++) {
            for (int position = 0; position < positions; position++) {
                outputs.clear(n, 0, position * each + inside(position), (position + 1) * each);
            }
        }
    }

    /** The heads as they are now. */
    public Forecast trained() {
        owner.check();
        return start.with(parameters);
    }

    /** Gives the memory back; a second time does nothing. */
    @Override
    public void close() {
        if (owner.close()) {
            arena.close();
        }
    }
}
