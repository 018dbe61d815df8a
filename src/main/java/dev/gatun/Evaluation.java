package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.NativeMap;
import dev.gatun.graph.Pass;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Passes over some examples, in batches of a size that memory bounds. */
final class Evaluation implements AutoCloseable {
    private final Model model;
    private final Examples examples;
    private final Condition condition;
    private final Arena arena = Arena.ofConfined();
    private final int length;
    private final int batch;
    private final Pass pass;
    private final NativeDistribution.Values values;
    private final MemorySegment logProb;

    Evaluation(Model model, Examples examples, Condition condition) {
        this.model = model;
        this.examples = examples;
        this.condition = condition;
        this.length = examples.length();
        Batches.check(model.config().data(), examples);
        condition.check(model.graph(), examples.count(), length);
        try {
            batch = Batches.size(model.graph(), examples.count(), length);
            pass = new Pass(model.bound(), arena, batch, length, false);
            values = new NativeDistribution.Values(arena, examples.real(), batch, length);
            logProb = arena.allocate(Math.max(1, (long) batch * length) * Float.BYTES, 64);
        } catch (Throwable failure) {
            arena.close();
            throw failure;
        }
    }

    private interface EachBatch {
        void run(int first, int count);
    }

    private void each(EachBatch body) {
        Context context = model.context();
        for (int first = 0; first < examples.count(); first += batch) {
            int count = Math.min(batch, examples.count() - first);
            pass.examples(count);
            for (int n = 0; n < count; n++) {
                Batches.fill(model.config().data(), examples, condition, first + n, pass, values, n);
            }
            pass.run(context);
            body.run(first, count);
        }
    }

    Outputs outputs() {
        int width = model.distribution().outputs();
        float[] all = new float[valueCount(width)];
        float[] position = new float[width];
        each((first, count) -> {
            NativeMap outputs = pass.outputs();
            for (int n = 0; n < count; n++) {
                for (int d = 0; d < length; d++) {
                    outputs.read(n, 0, d, position, 0);
                    for (int p = 0; p < width; p++) {
                        all[((first + n) * width + p) * length + d] = position[p];
                    }
                }
            }
        });
        return new Outputs(new int[] {examples.count(), width, length}, all);
    }

    private int valueCount(int width) {
        // Each factor is an int, and a product of three can pass a long's end.
        long rows = (long) examples.count() * width;
        if (rows > Batches.MOST_VALUES / length) {
            throw new IllegalArgumentException("outputs: found " + examples.count() + " examples x " + width
                    + " outputs x " + length + " positions, expected at most " + Batches.MOST_VALUES
                    + " values for an array; take fewer examples at once");
        }
        return (int) (rows * length);
    }

    Likelihood likelihood() {
        double[] nats = new double[examples.count()];
        each((first, count) -> {
            model.distribution().logProb(model.context(), pass.outputs(), values, logProb);
            for (int n = 0; n < count; n++) {
                nats[first + n] = -Batches.sum(logProb, (long) n * length, length);
            }
        });
        return new Likelihood(nats, length);
    }

    @Override
    public void close() {
        arena.close();
    }
}
