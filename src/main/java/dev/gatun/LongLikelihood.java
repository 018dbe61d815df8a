package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Pass;
import dev.gatun.graph.PassKind;
import dev.gatun.op.Given;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * The likelihood of long sequences, window by window in bounded memory: what a window hands on to the next makes the bits those
 * of one pass.
 */
final class LongLikelihood implements AutoCloseable {
    private static final int LEAST = 1024;

    private final Model model;
    private final Examples examples;
    private final Condition condition;
    private final int window;
    private final Arena arena = Arena.ofConfined();
    private final int batch;
    private final Pass pass;
    private final HandedOn handed;
    private final @Nullable DevicePasses device;
    private final NativeDistribution.Values values;
    private final MemorySegment logProb;
    private final int[] levels;
    private final float[] reals;

    /**
     * Positions of a window for sequences of a length, the length itself where one pass is better or must be: for images and
     * data of fixed length, and under a condition by frames.
     */
    static int window(Model model, int length) {
        Graph graph = model.graph();
        boolean frames = graph.nodes().stream().anyMatch(node -> node.operation() instanceof Given.Frames);
        if (frames || model.config().data().length().isPresent()) {
            return length;
        }
        long bytes = Float.BYTES
                * graph.nodes().stream()
                        .mapToLong(node -> node.operation().features())
                        .sum();
        long window = Math.max(
                Batches.bytes(model) / bytes, Math.max(LEAST, model.bound().farthest()));
        return length <= 2 * window ? length : (int) window;
    }

    /** @param window positions at once, at least those that are read back */
    LongLikelihood(Model model, Examples examples, Condition condition, int window) {
        this.model = model;
        this.examples = examples;
        this.condition = condition;
        this.window = window;
        Batches.check(model.config().data(), examples);
        condition.check(model.graph(), examples.count(), examples.length());
        try {
            batch = Batches.size(model, model.bounds(), examples.count(), window);
            pass = new Pass(model.bound(), arena, batch, window, PassKind.VALUES);
            device = DevicePasses.of(model.cuda(), arena);
            handed = new HandedOn(pass.carry().state(arena), device);
            values = new NativeDistribution.Values(arena, examples.real(), batch, window);
            logProb = arena.allocate((long) batch * window * Float.BYTES, 64);
            levels = new int[examples.real() ? 0 : window];
            reals = new float[examples.real() ? window : 0];
        } catch (Throwable failure) {
            arena.close();
            throw failure;
        }
    }

    Likelihood likelihood() {
        return likelihood(null);
    }

    LikelihoodMap map() {
        long count = (long) examples.count() * examples.length();
        if (count > Batches.MOST_VALUES) {
            throw new IllegalArgumentException("likelihood of positions: found " + count + " of them, expected at most "
                    + Batches.MOST_VALUES + " for an array; take fewer examples at once");
        }
        float[] all = new float[(int) count];
        return new LikelihoodMap(likelihood(all), all);
    }

    /** @param byPosition takes those of all positions, or null */
    private Likelihood likelihood(float @Nullable [] byPosition) {
        double[] nats = new double[examples.count()];
        for (int first = 0; first < examples.count(); first += batch) {
            int count = Math.min(batch, examples.count() - first);
            pass.examples(count);
            handed.examples(count);
            handed.begin();
            handed.bring();
            for (int from = 0; from < examples.length(); from += window) {
                int positions = Math.min(window, examples.length() - from);
                run(first, count, from, positions);
                for (int n = 0; n < count; n++) {
                    nats[first + n] = minus(nats[first + n], (long) n * window, positions);
                    if (byPosition != null) {
                        write(n, positions, byPosition, (first + n) * examples.length() + from);
                    }
                }
            }
        }
        return new Likelihood(nats, examples.length());
    }

    private void run(int first, int count, int from, int positions) {
        Context context = model.context();
        handed.load(context);
        for (int n = 0; n < count; n++) {
            pass.condition(n, condition.label(first + n), null, 0);
            fill(first + n, n, from, positions);
        }
        if (device == null) {
            compute(context);
        } else {
            device.prepare(count, this::compute);
            device.bringInputs(pass);
            device.bring(values.data());
            device.run(count);
            device.fetch(logProb.asSlice(0, (long) count * window * Float.BYTES));
        }
        handed.save(context);
    }

    private void compute(Context context) {
        pass.run(context);
        model.distribution().logProb(context, pass.outputs(), values, logProb);
    }

    /** Positions behind a sequence's end keep what the window before had there: nobody reads what comes of them. */
    private void fill(int example, int n, int from, int positions) {
        long at = (long) example * examples.length() + from;
        long to = (long) n * window * Float.BYTES;
        if (examples.real()) {
            System.arraycopy(examples.reals(), (int) at, reals, 0, positions);
            pass.reals(n, reals, 0);
            MemorySegment.copy(reals, 0, values.data(), ValueLayout.JAVA_FLOAT, to, window);
            return;
        }
        examples.sequence().read(at, levels, 0, positions);
        // Again, and of the copy: the array is the caller's, and kernels write where levels say.
        for (int d = 0; d < positions; d++) {
            Batches.checkLevel(model.config().data().levels(), levels[d], example, from + d);
        }
        pass.levels(n, levels, 0);
        MemorySegment.copy(levels, 0, values.data(), ValueLayout.JAVA_INT, to, window);
    }

    private void write(int n, int positions, float[] into, int offset) {
        for (int i = 0; i < positions; i++) {
            into[offset + i] = 0 - logProb.getAtIndex(ValueLayout.JAVA_FLOAT, (long) n * window + i);
        }
    }

    /** A sum less some log-probabilities, in their order. */
    private double minus(double sum, long from, int count) {
        double rest = sum;
        for (int i = 0; i < count; i++) {
            rest -= logProb.getAtIndex(ValueLayout.JAVA_FLOAT, from + i);
        }
        return rest;
    }

    @Override
    public void close() {
        arena.close();
    }
}
