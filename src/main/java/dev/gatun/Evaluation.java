package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.NativeMap;
import dev.gatun.graph.Pass;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Passes over some examples, in batches of a size that memory bounds. */
final class Evaluation implements AutoCloseable {
    /** What the maps of a batch may take. */
    private static final long BATCH_BYTES = 256L << 20;

    private static final int MOST = 256;

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
            batch = batchSize();
            pass = new Pass(model.bound(), arena, batch, length, false);
            values = new NativeDistribution.Values(arena, examples.real(), batch, length);
            logProb = arena.allocate(Math.max(1, (long) batch * length) * Float.BYTES, 64);
        } catch (Throwable failure) {
            arena.close();
            throw failure;
        }
    }

    private int batchSize() {
        long features = model.graph().nodes().stream()
                .mapToLong(node -> node.operation().features())
                .sum();
        long bytes = Math.max(1, features * length * Float.BYTES);
        return Math.clamp(Math.min(BATCH_BYTES / bytes, examples.count()), 1, MOST);
    }

    private interface EachBatch {
        void run(int first, int count);
    }

    private void each(EachBatch body) {
        Context context = model.device().context();
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
        float[] all = new float[Math.toIntExact(Math.multiplyExact((long) examples.count() * width, (long) length))];
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

    Likelihood likelihood() {
        double[] nats = new double[examples.count()];
        each((first, count) -> {
            model.distribution().logProb(model.device().context(), pass.outputs(), values, logProb);
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
