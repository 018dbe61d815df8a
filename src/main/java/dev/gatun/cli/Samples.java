package dev.gatun.cli;

import dev.gatun.Condition;
import dev.gatun.Examples;
import dev.gatun.Forecast;
import dev.gatun.Known;
import dev.gatun.Model;
import dev.gatun.SampleOptions;
import dev.gatun.Sampler;
import dev.gatun.StreamChunk;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Draws samples in batches that memory bounds, a few positions at a time, so that a bar can move and Ctrl-C is heard. How
 * they are cut does not change them.
 */
final class Samples {
    private static final long BATCH_BYTES = 256L << 20;
    /** The same of the step programs' states on a device, which is idle where there are few. */
    private static final long DEVICE_BYTES = 4L << 30;

    private static final int MOST = 1024;

    private final Model model;
    private final SampleOptions options;
    private final Condition condition;
    private final @Nullable Examples prime;
    private final Known known;
    private final Console console;
    private @Nullable Forecast forecast;
    private long passes;
    private double wholePasses;
    private String explanation = "cached: drawn as streams";

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
     * @param options with their length, that of the prime included
     * @param condition a row for each
     * @param prime what all begin with, one row or one for each; null for nothing
     */
    Samples(Model model, SampleOptions options, Condition condition, @Nullable Examples prime, Console console) {
        this(model, options, condition, prime, Known.nothing(), console);
    }

    /**
     * Samples of which some values are known.
     *
     * @param known a row for each
     */
    Samples(Model model, SampleOptions options, Condition condition, Known known, Console console) {
        this(model, options, condition, null, known, console);
    }

    private Samples(
            Model model,
            SampleOptions options,
            Condition condition,
            @Nullable Examples prime,
            Known known,
            Console console) {
        this.model = model;
        this.options = options;
        this.condition = condition;
        this.prime = prime;
        this.known = known;
        this.console = console;
    }

    /** Has values forecast by learned heads. */
    void forecastBy(@Nullable Forecast heads) {
        forecast = heads;
    }

    int count() {
        return options.count();
    }

    int length() {
        return options.length();
    }

    /** Passes of single samples that were made, whole or over windows. */
    long passes() {
        return passes;
    }

    /** What they computed, in passes over all positions of a sample. */
    double wholePasses() {
        return wholePasses;
    }

    /** By which method the last of them were drawn, and why. */
    String explanation() {
        return explanation;
    }

    /** The levels that a sample begins with. */
    int[] prime(int sample) {
        if (prime == null) {
            return new int[0];
        }
        int[] levels = new int[prime.length()];
        prime.copyLevels(sample % prime.count(), levels, 0);
        return levels;
    }

    /** Draws all of them. */
    void each(Taker taker) throws IOException {
        try (Watch watch = new Watch(console, "samples", (long) count() * length(), length())) {
            if (prime != null || length() != model.config().data().length().orElse(length())) {
                new StreamedSamples(model, options, condition, prime, batch()).each(taker, watch::done);
            } else {
                draw(taker, watch);
            }
        }
    }

    private void draw(Taker taker, Watch watch) throws IOException {
        int most = batch();
        for (int first = 0; first < count(); first += most) {
            int size = Math.min(most, count() - first);
            SampleOptions part = new SampleOptions(
                    size,
                    options.seed(),
                    options.firstSample() + first,
                    options.temperature(),
                    options.mode(),
                    length(),
                    options.method());
            try (Sampler sampler = sampler(part, first)) {
                Pace pace = new Pace(length());
                while (sampler.position() < length()) {
                    sampler.advance(Math.min(pace.next(), length() - sampler.position()));
                    watch.done((long) first * length() + (long) sampler.position() * size);
                }
                taker.take(first, sampler.draw());
                passes += sampler.passes();
                wholePasses += sampler.wholePasses();
                explanation = sampler.explanation();
            }
        }
    }

    private Sampler sampler(SampleOptions part, int first) {
        int end = first + part.count();
        return model.sampler(part, condition.slice(first, end), known.slice(first, end), forecast);
    }

    /** Draws all of them, each value handed over soon after it is drawn; what was handed over stays so if a signal ends it. */
    void live(LiveOutput output) throws IOException {
        // Whole passes draw no streams: all is written when it is whole.
        if (options.method() != SampleOptions.Method.CACHED) {
            each((first, batch) -> {
                output.begin(first, batch.count());
                for (int n = 0; n < batch.count(); n++) {
                    int[] levels = new int[length()];
                    batch.copyLevels(n, levels, 0);
                    output.take(first + n, levels);
                }
                output.end();
            });
            return;
        }
        try (Interrupts interrupts = new Interrupts(() -> {})) {
            new StreamedSamples(model, options, condition, prime, batch())
                    .draw(
                            new Levels(output),
                            _ -> interrupts.check("interrupted; what was drawn before it is written"));
        }
    }

    /** Hands levels on. */
    private record Levels(LiveOutput output) implements StreamedSamples.Taker {
        @Override
        public void begin(int first, int count) throws IOException {
            output.begin(first, count);
        }

        @Override
        public void take(int sample, StreamChunk chunk) throws IOException {
            int[] levels = new int[chunk.size()];
            chunk.copyLevels(levels, 0);
            output.take(sample, levels);
        }

        @Override
        public void end() throws IOException {
            output.end();
        }
    }

    /** How many are drawn side by side. */
    private int batch() {
        long floats = length();
        long bytes = BATCH_BYTES;
        if (options.method() == SampleOptions.Method.CACHED) {
            floats += model.plan(length()).stateFloats();
            bytes = model.device().cuda() >= 0 ? DEVICE_BYTES : BATCH_BYTES;
        } else {
            floats += (long) length()
                    * model.graph().nodes().stream()
                            .mapToLong(node -> node.operation().features())
                            .sum();
        }
        return Math.clamp(bytes / (floats * Float.BYTES), 1, Math.min(MOST, count()));
    }
}
