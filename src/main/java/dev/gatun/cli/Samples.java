package dev.gatun.cli;

import dev.gatun.Condition;
import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.SampleOptions;
import dev.gatun.Sampler;
import java.io.IOException;

/**
 * Draws samples in batches that memory bounds, a few positions at a time, so that a bar can move and Ctrl-C is heard. How
 * they are cut does not change them.
 */
final class Samples {
    private static final long BATCH_BYTES = 256L << 20;
    private static final int MOST = 1024;
    private static final long SHORT_NANOS = 20_000_000;
    private static final long LONG_NANOS = 100_000_000;

    private final Model model;
    private final SampleOptions options;
    private final Condition condition;
    private final int length;
    private final Console console;

    /** Takes samples in their order. */
    interface Taker {
        /**
         * Some samples.
         *
         * @param first the number of the first
         */
        void take(int first, Examples batch) throws IOException;
    }

    /**
     * Samples to be drawn.
     *
     * @param options with their length
     * @param condition a row for each
     */
    Samples(Model model, SampleOptions options, Condition condition, Console console) {
        this.model = model;
        this.options = options;
        this.condition = condition;
        this.length = options.length();
        this.console = console;
    }

    int count() {
        return options.count();
    }

    int length() {
        return length;
    }

    /** Draws all of them. */
    void each(Taker taker) throws IOException {
        int most = batch();
        try (Interrupts interrupts = new Interrupts(() -> {});
                Progress progress = new Progress(console, "samples", (long) count() * length, length)) {
            for (int first = 0; first < count(); first += most) {
                int size = Math.min(most, count() - first);
                SampleOptions part = new SampleOptions(
                        size,
                        options.seed(),
                        options.firstSample() + first,
                        options.temperature(),
                        options.mode(),
                        length,
                        options.method());
                try (Sampler sampler = model.sampler(part, condition.slice(first, first + size))) {
                    draw(sampler, (long) first * length, size, progress, interrupts);
                    taker.take(first, sampler.draw());
                }
            }
        }
    }

    private void draw(Sampler sampler, long before, int size, Progress progress, Interrupts interrupts) {
        int chunk = 1;
        while (sampler.position() < length) {
            long begin = System.nanoTime();
            sampler.advance(Math.min(chunk, length - sampler.position()));
            long took = System.nanoTime() - begin;
            if (took < SHORT_NANOS) {
                chunk = Math.min(2 * chunk, length);
            } else if (took > LONG_NANOS) {
                chunk = Math.max(1, chunk / 2);
            }
            progress.done(before + (long) sampler.position() * size);
            interrupts.check();
        }
    }

    /** How many are drawn side by side. */
    private int batch() {
        long floats = length;
        if (options.method() == SampleOptions.Method.CACHED) {
            floats += model.plan(length).stateFloats();
        } else {
            floats += (long) length
                    * model.graph().nodes().stream()
                            .mapToLong(node -> node.operation().features())
                            .sum();
        }
        return Math.clamp(BATCH_BYTES / (floats * Float.BYTES), 1, Math.min(MOST, count()));
    }
}
