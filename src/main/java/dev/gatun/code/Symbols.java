package dev.gatun.code;

import dev.gatun.Condition;
import dev.gatun.Conditionals;
import dev.gatun.Examples;
import dev.gatun.LevelDistribution;
import dev.gatun.Model;
import dev.gatun.Outputs;
import dev.gatun.family.DataSpec;

/**
 * The frequencies of the values of some examples. Of data of some length by whole passes, many examples at once; longer ones
 * position by position, as a decoder has them: the bits are the same.
 */
final class Symbols {
    /** Positions up to which examples are taken by whole passes. */
    private static final int LONGEST = 1 << 14;

    /** Outputs that are held at once. */
    private static final long OUTPUTS = 1L << 24;

    private final Model model;
    private final Examples examples;
    private final Condition condition;
    private final int length;
    private final LevelDistribution distribution;
    /** A colour image's channels that the distribution is over together. */
    private final int together;

    private double nats;

    Symbols(Model model, Examples examples, Condition condition) {
        this.model = model;
        this.examples = examples;
        this.condition = condition;
        length = examples.length();
        distribution = LevelDistribution.of(model.config());
        together = model.config().rgbPixels() ? model.config().data().channels() : 1;
    }

    /** What was encoded, as the frequencies have it. */
    double bits() {
        return nats / Math.log(2);
    }

    /** Codes examples {@code from .. to-1}: at each place of the chain the values of all of them. */
    void encode(int from, int to, RangeEncoder encoder, Chunk.LevelsCrc crc) {
        int[] levels = new int[(to - from) * length];
        for (int n = from; n < to; n++) {
            positions(n, levels, (n - from) * length);
        }
        crc.add(levels, levels.length);
        if (length > LONGEST) {
            encodeWalking(from, to, levels, encoder);
        } else {
            encodeTables(new Tables(from, to, levels), to - from, encoder);
        }
    }

    private void positions(int example, int[] to, int offset) {
        int[] layout = new int[length];
        examples.copyLevels(example, layout, 0);
        model.config().data().toPositions(layout, 0, to, offset, length);
    }

    private Condition condition(int from, int to) {
        return condition.rows() == 0 ? condition : condition.slice(from, to);
    }

    private void encodeWalking(int from, int to, int[] levels, RangeEncoder encoder) {
        int[] taken = new int[to - from];
        try (Conditionals walks = model.conditionals(to - from, length, condition(from, to))) {
            while (walks.taken() < length) {
                int position = walks.position();
                for (int n = 0; n < taken.length; n++) {
                    taken[n] = levels[n * length + position];
                    LevelDistribution level = walks.level(n);
                    encode(level.start(taken[n]), level.frequency(taken[n]), level.total(), encoder);
                }
                walks.take(taken);
            }
        }
    }

    private void encodeTables(Tables tables, int count, RangeEncoder encoder) {
        for (int place = 0; place < length; place++) {
            int position = model.graph().order().position(place);
            for (int n = 0; n < count; n++) {
                int at = n * length + position;
                encode(tables.starts[at], tables.frequencies[at], tables.totals[at], encoder);
            }
        }
    }

    private void encode(long start, long frequency, long total, RangeEncoder encoder) {
        nats -= Math.log((double) frequency / total);
        encoder.encode(start, frequency, total);
    }

    /** Of each value of some examples where its frequency begins, the frequency, and the total. */
    private final class Tables {
        private final long[] starts;
        private final long[] frequencies;
        private final long[] totals;
        private final float[] place = new float[distribution.outputs()];

        Tables(int from, int to, int[] levels) {
            starts = new long[levels.length];
            frequencies = new long[levels.length];
            totals = new long[levels.length];
            long outputs = (long) model.config().outputs() * length;
            int batch = Math.clamp(OUTPUTS / outputs, 1, to - from);
            for (int first = from; first < to; first += batch) {
                int end = Math.min(first + batch, to);
                Outputs found = model.outputs(examples.range(first, end), condition(first, end));
                for (int n = first; n < end; n++) {
                    fill(found, n - first, end - first, levels, (n - from) * length);
                }
            }
        }

        private void fill(Outputs outputs, int example, int examplesThere, int[] levels, int offset) {
            boolean image = model.config().data() instanceof DataSpec.Image
                    && model.config().family().imageOnly();
            int channels = image ? model.config().data().channels() : 1;
            int places = length / channels;
            int all = outputs.values().length / (examplesThere * places);
            for (int position = 0; position < length; position++) {
                int channel = position % channels;
                int first = together > 1 ? 0 : channel * place.length;
                for (int p = 0; p < place.length; p++) {
                    place[p] = outputs.values()[(example * all + first + p) * places + position / channels];
                }
                set(channel, levels, offset + position);
            }
        }

        private void set(int channel, int[] levels, int at) {
            int[] earlier = together > 1 ? java.util.Arrays.copyOfRange(levels, at - channel, at) : new int[0];
            distribution.set(place, 0, together > 1 ? channel : 0, earlier);
            starts[at] = distribution.start(levels[at]);
            frequencies[at] = distribution.frequency(levels[at]);
            totals[at] = distribution.total();
        }
    }
}
