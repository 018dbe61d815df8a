package dev.gatun;

import dev.gatun.family.OrderedFamily;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.NativeMap;
import dev.gatun.graph.ChainOrder;
import java.util.stream.IntStream;

/** Passes over some examples, in batches of a size that memory bounds. */
final class Evaluation implements AutoCloseable {
    private final Model model;
    private final Examples examples;
    private final Condition condition;
    private final int length;
    private final int batch;
    private final KeptPasses.Passes kept;
    private final MaskPasses passes;

    Evaluation(Model model, Examples examples, Condition condition) {
        this.model = model;
        this.examples = examples;
        this.condition = condition;
        this.length = examples.length();
        Batches.checkKind(model.config().data(), examples);
        condition.check(model.graph(), examples.count(), length);
        kept = model.kept().take(model, Batches.size(model, model.bounds(), examples.count(), length), length);
        batch = kept.batch();
        passes = kept.passes();
        passes.scored(null);
    }

    /** Lets likelihoods count some positions alone. */
    Evaluation scored(Scored positions) {
        positions.check(model.config(), examples);
        passes.scored(positions);
        return this;
    }

    private interface EachBatch {
        void run(int first, int count);
    }

    private void each(EachBatch body) {
        Context context = model.context();
        for (int first = 0; first < examples.count(); first += batch) {
            int count = Math.min(batch, examples.count() - first);
            int from = first;
            passes.fill(context, examples, condition, n -> from + n, count);
            passes.run(context);
            body.run(first, count);
        }
    }

    Outputs outputs() {
        if (model.config().family().imageOnly()) {
            return maps();
        }
        int width = model.distribution().outputs();
        int masks = passes.masks();
        float[] all = new float[valueCount(masks * width)];
        each((first, count) -> {
            IntStream.range(0, masks).forEach(passes::outputs);
            for (int n = 0; n < count; n++) {
                for (int m = 0; m < masks; m++) {
                    copyOutputs(m, n, all, ((first + n) * masks + m) * width * length);
                }
            }
        });
        boolean masked = model.config().family() instanceof OrderedFamily family && family.masked();
        return new Outputs(
                masked
                        ? new int[] {examples.count(), masks, width, length}
                        : new int[] {examples.count(), width, length},
                all);
    }

    /** A mask's outputs of one example, {@code [outputs, positions]} in the order of the data. */
    private void copyOutputs(int mask, int n, float[] all, int offset) {
        NativeMap outputs = passes.pass(mask).outputs();
        ChainOrder order = passes.order(mask);
        float[] position = new float[outputs.shape().features()];
        for (int d = 0; d < length; d++) {
            outputs.read(n, 0, d, position, 0);
            for (int p = 0; p < position.length; p++) {
                all[offset + p * length + order.position(d)] = position[p];
            }
        }
    }

    /** The outputs of an image family, pixel by pixel. */
    private Outputs maps() {
        GridShape shape = passes.pass(0).outputMap().shape();
        int pixels = shape.rows() * shape.columns();
        float[] all = new float[valueCount(shape.features(), pixels)];
        float[] pixel = new float[shape.features()];
        each((first, count) -> {
            NativeMap map = passes.outputMap(0);
            for (int at = 0; at < count * pixels; at++) {
                int n = at / pixels;
                int place = at % pixels;
                map.read(n, place / shape.columns(), place % shape.columns(), pixel, 0);
                for (int p = 0; p < pixel.length; p++) {
                    all[((first + n) * pixel.length + p) * pixels + place] = pixel[p];
                }
            }
        });
        return new Outputs(new int[] {examples.count(), shape.features(), shape.rows(), shape.columns()}, all);
    }

    private int valueCount(int width) {
        return valueCount(width, length);
    }

    private int valueCount(int width, int places) {
        // Each factor is an int, and a product of three can pass a long's end.
        long rows = (long) examples.count() * width;
        if (rows > Batches.MOST_VALUES / places) {
            throw new IllegalArgumentException("outputs: found " + examples.count() + " examples x " + width
                    + " outputs x " + places + " positions, expected at most " + Batches.MOST_VALUES
                    + " values for an array; take fewer examples at once");
        }
        return (int) (rows * places);
    }

    Likelihood likelihood() {
        double[] nats = new double[examples.count()];
        each((first, count) -> passes.nats(model.context(), count, nats, first));
        return new Likelihood(nats, length);
    }

    LikelihoodMap map() {
        if (passes.masks() > 1) {
            throw new IllegalArgumentException("likelihood of positions: found an ensemble of " + passes.masks()
                    + " masks, expected one: each divides an example's probability among positions in its own way");
        }
        double[] nats = new double[examples.count()];
        float[] all = new float[valueCount(1)];
        float[] positions = new float[length];
        each((first, count) -> {
            passes.nats(model.context(), count, nats, first);
            for (int n = 0; n < count; n++) {
                passes.natsByPosition(n, positions);
                model.config().data().toLayout(positions, 0, all, (first + n) * length, length);
            }
        });
        return new LikelihoodMap(new Likelihood(nats, length), all);
    }

    @Override
    public void close() {
        model.kept().give(model, kept);
    }
}
