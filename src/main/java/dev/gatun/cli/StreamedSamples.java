package dev.gatun.cli;

import dev.gatun.Condition;
import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.SampleOptions;
import dev.gatun.SampleStream;
import dev.gatun.StreamChunk;
import dev.gatun.StreamOptions;
import dev.gatun.StreamSampler;
import dev.gatun.StreamStart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Draws samples as streams: those that are wanted at once, that begin with something known, that are longer than the data. */
final class StreamedSamples {
    /** What a stream goes on at most between two looks at the clock. */
    private static final int MOST_CHUNK = 4096;

    private final Model model;
    private final SampleOptions options;
    private final Condition condition;
    private final @Nullable Examples prime;
    private final int places;

    /** Takes what is drawn. */
    interface Taker {
        /** Samples {@code first .. first+count-1} begin. */
        void begin(int first, int count) throws IOException;

        /** More of one of them. */
        void take(int sample, StreamChunk chunk) throws IOException;

        /** All of them have ended. */
        void end() throws IOException;
    }

    /**
     * Samples to be drawn.
     *
     * @param places how many side by side
     */
    StreamedSamples(Model model, SampleOptions options, Condition condition, @Nullable Examples prime, int places) {
        this.model = model;
        this.options = options;
        this.condition = condition;
        this.prime = prime;
        this.places = places;
    }

    /**
     * Draws all of them.
     *
     * @param done is told how many values there are after each step, those of the prime among them
     */
    void draw(Taker taker, LongConsumer done) throws IOException {
        int chunk = Math.min(MOST_CHUNK, options.length());
        StreamOptions shared = new StreamOptions(places, chunk, options.temperature(), options.mode());
        try (StreamSampler sampler = model.streamSampler(shared)) {
            long before = 0;
            for (int first = 0; first < options.count(); first += places) {
                List<SampleStream> streams = join(sampler, first);
                taker.begin(first, streams.size());
                Pace pace = new Pace(chunk);
                for (long moved = sampler.advance(pace.next()); moved > 0; moved = sampler.advance(pace.next())) {
                    for (int i = 0; i < streams.size(); i++) {
                        taker.take(first + i, streams.get(i).chunk());
                    }
                    before += moved;
                    done.accept(before);
                }
                taker.end();
                streams.forEach(SampleStream::close);
            }
        }
    }

    private List<SampleStream> join(StreamSampler sampler, int first) {
        List<SampleStream> streams = new ArrayList<>();
        for (int n = first; n < Math.min(first + places, options.count()); n++) {
            Examples known = prime == null ? null : prime.range(n % prime.count(), n % prime.count() + 1);
            streams.add(sampler.join(new StreamStart(
                    options.seed(),
                    options.firstSample() + n,
                    options.length(),
                    known,
                    condition.slice(n, n + 1),
                    null)));
        }
        return streams;
    }

    /** Draws all of them, and hands them over when they are whole. */
    void each(Samples.Taker taker, LongConsumer done) throws IOException {
        draw(new Whole(taker, model.config().data().levels() == 0), done);
    }

    /** Gathers samples. */
    private final class Whole implements Taker {
        private final Samples.Taker taker;
        private final boolean real;
        private final int length = options.length();
        private int first;
        private int[] levels = new int[0];
        private float[] reals = new float[0];

        Whole(Samples.Taker taker, boolean real) {
            this.taker = taker;
            this.real = real;
        }

        @Override
        public void begin(int firstOfThem, int count) {
            first = firstOfThem;
            levels = new int[real ? 0 : Math.multiplyExact(count, length)];
            reals = new float[real ? Math.multiplyExact(count, length) : 0];
            for (int n = 0; prime != null && n < count; n++) {
                int row = (first + n) % prime.count();
                if (real) {
                    System.arraycopy(prime.reals(), row * prime.length(), reals, n * length, prime.length());
                } else {
                    prime.copyLevels(row, levels, n * length);
                }
            }
        }

        @Override
        public void take(int sample, StreamChunk chunk) {
            int at = (sample - first) * length + (int) chunk.position();
            if (real) {
                chunk.copyReals(reals, at);
            } else {
                chunk.copyLevels(levels, at);
            }
        }

        @Override
        public void end() throws IOException {
            int count = (real ? reals.length : levels.length) / length;
            taker.take(first, real ? Examples.ofReals(count, length, reals) : Examples.ofLevels(count, length, levels));
        }
    }
}
