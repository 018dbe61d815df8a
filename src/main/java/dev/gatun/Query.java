package dev.gatun;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * What single values of an example are distributed by when some others are known and the rest is not: marginals where nothing is
 * known, conditionals where something is. A chain of conditionals says this outright of the first unknown value alone; of the
 * others it is a mean over samples of those before:
 *
 * <ul>
 *   <li>Samples are those that a {@link Sampler} draws with the same seed, numbers and {@link Known} values.
 *   <li>Of a position behind which nothing is known, the mean is of each sample's whole distribution, and not of the values drawn
 *       (Rao-Blackwell), so that a few samples go far.
 *   <li>Values that are known behind unknown ones weigh the samples, each by the product of their conditionals (likelihood
 *       weighting; Fung and Chang 1989). Of a position before them the mean is of the values drawn, for the weight depends on
 *       these. The fewer samples the weights rest on ({@link Answer#effectiveSamples}), the less the result is worth.
 * </ul>
 *
 * <p>A sample costs what one of cached sampling does, as far as the last position that is asked for or known. Results depend on
 * the model, what is asked, the seed and the number of samples alone: not on threads or the machine. Immutable; each {@link
 * #answer} is one thread's.
 */
public final class Query {
    private final Model model;
    private final int length;
    private final Known known;
    private final Condition condition;
    /** By position. */
    private final boolean[] given;

    /** Places of the chain: of the first position that is not known, and of the last that is, or -1. */
    private final int firstUnknown;

    private final int lastKnown;

    /**
     * What is known of an example.
     *
     * @param length positions of the example: the data's own, or any where they have none
     * @param known values of one example, or nothing
     * @param condition of one row, or none
     * @throws IllegalArgumentException if they are none of this model's data, or the model is an ensemble of masks
     */
    public Query(Model model, int length, Known known, Condition condition) {
        model.checkWalks("query", 1, length, condition);
        known.check(model.config(), model.masks(), 1, length);
        this.model = model;
        this.length = length;
        this.known = known;
        this.condition = condition;
        given = known.isNothing()
                ? new boolean[length]
                : known.positions(model.config().data());
        int first = 0;
        int last = -1;
        for (int place = 0; place < length; place++) {
            boolean here = given[model.graph().order().position(place)];
            first = here && first == place ? place + 1 : first;
            last = here ? place : last;
        }
        firstUnknown = first;
        lastKnown = last;
    }

    /** Whether a position's distribution is computed outright: none before it is unknown, and none behind it known. */
    public boolean exact(int position) {
        return place(position) == firstUnknown && lastKnown < firstUnknown;
    }

    /** How many positions each sample is drawn or told: all up to the last one that is asked for or known. */
    public int reach(int... positions) {
        int reach = lastKnown + 1;
        for (int position : positions) {
            reach = Math.max(reach, place(position) + 1);
        }
        return reach;
    }

    /** How many samples are taken where so many are asked for: one where nothing needs to be drawn. */
    public int samples(int count, int... positions) {
        boolean outright = lastKnown < firstUnknown && Arrays.stream(positions).allMatch(this::exact);
        return outright ? 1 : count;
    }

    /**
     * Finds the distributions of some positions, and the likelihood of what is known.
     *
     * @param count samples, at least 2; where nothing needs to be drawn, one is taken
     * @param seed of the noise, all 64 bits
     * @param progress takes how many positions are done, of all samples together, {@code samples(count, positions) *
     *     reach(positions)} in the end
     * @param positions unknown ones, in the order of positions (images: rows, then columns, then channels); there may be none
     * @throws IllegalArgumentException if a position is known or not there, or outputs are not finite
     * @throws IllegalStateException if what is known has no probability given any of the samples
     */
    public Answer answer(int count, long seed, LongConsumer progress, int... positions) {
        if (count < 2) {
            throw new IllegalArgumentException("query: found " + count + " samples, expected at least 2");
        }
        List<Tally> tallies = new ArrayList<>();
        for (int position : positions) {
            place(position);
            int levels = model.config().data().levels();
            tallies.add(levels == 0 ? new RealTally(position) : new LevelTally(position, levels));
        }
        int samples = samples(count, positions);
        int reach = reach(positions);
        WeightSums weights = new WeightSums();
        int together = together(samples);
        for (int first = 0; first < samples; first += together) {
            int size = Math.min(together, samples - first);
            long before = (long) first * reach;
            draw(new Conditionals.Draws(seed, first, known), size, positions, tallies, weights, done -> {
                progress.accept(before + done);
            });
        }
        if (weights.sum() == 0) {
            throw new IllegalStateException(
                    "query: what is known has no probability given any of " + samples + " samples");
        }
        List<Marginal> marginals = new ArrayList<>();
        for (int i = 0; i < positions.length; i++) {
            marginals.add(tallies.get(i).marginal(exact(positions[i])));
        }
        // 0 - x: -x of 0 would be -0.
        return new Answer(samples, weights.effective(), 0 - weights.logMean(), weights.logMeanError(), marginals);
    }

    /** Some samples side by side. */
    private void draw(
            Conditionals.Draws draws,
            int size,
            int[] positions,
            List<Tally> tallies,
            WeightSums weights,
            LongConsumer progress) {
        double[] logWeights = new double[size];
        int reach = reach(positions);
        try (Conditionals walks = walks(draws, size)) {
            while (walks.taken() < reach) {
                int position = walks.position();
                for (int i = 0; i < positions.length; i++) {
                    if (positions[i] == position && walks.taken() > lastKnown) {
                        add(tallies.get(i)::expected, walks, logWeights);
                    }
                }
                walks.draw();
                for (int walk = 0; given[position] && walk < size; walk++) {
                    logWeights[walk] += walks.logProb(walk, position);
                }
                progress.accept((long) size * walks.taken());
            }
            for (int i = 0; i < positions.length; i++) {
                if (place(positions[i]) < lastKnown) {
                    add(tallies.get(i)::drawn, walks, logWeights);
                }
            }
        }
        for (double logWeight : logWeights) {
            weights.add(logWeight);
        }
    }

    private interface Adds {
        void add(Conditionals walks, int walk, double logWeight);
    }

    private static void add(Adds tally, Conditionals walks, double[] logWeights) {
        for (int walk = 0; walk < logWeights.length; walk++) {
            tally.add(walks, walk, logWeights[walk]);
        }
    }

    private Conditionals walks(Conditionals.Draws draws, int size) {
        model.begin();
        try {
            return new Conditionals(model, size, length, condition.repeated(size), draws);
        } finally {
            model.end();
        }
    }

    /** How many samples go side by side: as many as their states and values allow. */
    private int together(int samples) {
        return model.device().walksTogether(model.plan(length).stateFloats() + 3L * length, samples);
    }

    private int place(int position) {
        if (position < 0 || position >= length || given[position]) {
            throw new IllegalArgumentException("query: found position " + position
                    + (position >= 0 && position < length ? ", which is known" : "")
                    + ", expected an unknown one of 0.." + (length - 1));
        }
        return model.graph().order().place(position);
    }
}
