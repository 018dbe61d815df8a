package dev.gatun;

import dev.gatun.family.Distributions;
import dev.gatun.family.GraphFamily;
import dev.gatun.family.ModelConfig;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.graph.BoundGraph;
import dev.gatun.graph.Pass;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.WeakHashMap;

/**
 * A model while it is trained: parameters that change, the mean negative log-likelihood of batches, its gradient. Belongs to
 * the thread that made it. Gradients have the same bits on any number of threads.
 */
public final class TrainingPass implements AutoCloseable {
    private final ModelConfig config;
    private final Context context;
    private final Arena arena = Arena.ofConfined();
    private final Parameters parameters;
    private final MemorySegment gradient;
    private final BoundGraph bound;
    private final int batch;
    private final Map<Integer, Batch> byLength = new TreeMap<>();
    private final Set<Examples> checked = Collections.newSetFromMap(new WeakHashMap<>());

    /** The maps for examples of one length. */
    private record Batch(Pass pass, NativeDistribution.Values values, MemorySegment logProb) {}

    /**
     * A copy of a model's parameters to work on.
     *
     * @param batch examples that are computed at once at most; larger ones are taken in parts
     */
    public TrainingPass(Model model, int batch) {
        if (batch < 1) {
            throw new IllegalArgumentException("batch: found " + batch + ", expected at least 1");
        }
        this.config = model.config();
        this.context = model.device().context();
        this.batch = batch;
        model.begin();
        try {
            parameters = model.bound().parameters().copy(arena);
            gradient = arena.allocate(parameters.all().byteSize(), 64);
            GraphFamily family = (GraphFamily) config.family();
            bound = new BoundGraph(
                    context, arena, family.graph(config), parameters, Distributions.of(config, arena), true);
        } catch (Throwable failure) {
            arena.close();
            throw failure;
        } finally {
            model.end();
        }
    }

    /** The parameters, to be changed between calls. */
    public Parameters parameters() {
        return parameters;
    }

    /** The gradient that {@link #lossAndGradient} wrote last, laid out as the parameters. */
    public MemorySegment gradient() {
        return gradient;
    }

    /**
     * The mean of {@code -ln p} over some examples with the parameters as they are now, in nats, and its gradient.
     *
     * @param data examples of the model's kind
     * @param chosen numbers of examples, at least one
     */
    public double lossAndGradient(Examples data, int[] chosen) {
        return lossAndGradient(data, Condition.none(), chosen);
    }

    /** As {@link #lossAndGradient(Examples, int[])}, under a condition, a row for each example of {@code data}. */
    public double lossAndGradient(Examples data, Condition condition, int[] chosen) {
        return mean(data, condition, chosen, true);
    }

    /** The mean of {@code -ln p} over all examples with the parameters as they are now, in nats. */
    public double loss(Examples data) {
        return loss(data, Condition.none());
    }

    /** As {@link #loss(Examples)}, under a condition, a row for each example. */
    public double loss(Examples data, Condition condition) {
        return mean(
                data,
                condition,
                java.util.stream.IntStream.range(0, data.count()).toArray(),
                false);
    }

    private double mean(Examples data, Condition condition, int[] chosen, boolean gradients) {
        checkOnce(data);
        condition.check(bound.graph(), data.count(), data.length());
        if (chosen.length == 0) {
            throw new IllegalArgumentException("examples: found none, expected at least 1");
        }
        bound.refresh(context);
        Batch maps = byLength.computeIfAbsent(data.length(), this::allocate);
        if (gradients) {
            gradient.fill((byte) 0);
        }
        double sum = 0;
        for (int first = 0; first < chosen.length; first += batch) {
            int count = Math.min(batch, chosen.length - first);
            sum += run(data, condition, chosen, first, count, maps);
            if (gradients) {
                maps.pass.gradient(context, maps.values, 1f / chosen.length, gradient);
            }
        }
        return sum / chosen.length;
    }

    private void checkOnce(Examples data) {
        if (!checked.contains(data)) {
            Batches.check(config.data(), data);
            checked.add(data);
        }
    }

    private double run(Examples data, Condition condition, int[] chosen, int first, int count, Batch maps) {
        maps.pass.examples(count);
        for (int n = 0; n < count; n++) {
            Batches.fill(config.data(), data, condition, chosen[first + n], maps.pass, maps.values, n);
        }
        maps.pass.run(context);
        bound.distribution().logProb(context, maps.pass.outputs(), maps.values, maps.logProb);
        double sum = 0;
        for (int n = 0; n < count; n++) {
            sum -= Batches.sum(maps.logProb, (long) n * data.length(), data.length());
        }
        return sum;
    }

    private Batch allocate(int length) {
        return new Batch(
                new Pass(bound, arena, batch, length, true),
                new NativeDistribution.Values(arena, bound.distribution().real(), batch, length),
                arena.allocate((long) batch * length * Float.BYTES, 64));
    }

    /** A model of the parameters as they are now. */
    public Model model(Device device) {
        return Model.of(config, parameters, device);
    }

    /** The part of the gradient that belongs to a parameter, copied. */
    public float[] gradient(String name) {
        long offset = parameters.offset(name) * Float.BYTES;
        MemorySegment part = gradient.asSlice(offset, parameters.get(name).byteSize());
        return part.toArray(ValueLayout.JAVA_FLOAT);
    }

    /** Gives the memory back; a second time does nothing. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
