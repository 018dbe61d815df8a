package dev.gatun;

import dev.gatun.family.DataSpec;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.NativeMap;
import dev.gatun.graph.BoundGraph;
import dev.gatun.graph.ChainOrder;
import dev.gatun.graph.Pass;
import dev.gatun.graph.PassKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A batch through all graphs of a model: one, or of an ensemble one for each mask, whose probabilities are averaged: {@code p(x)
 * = 1/M sum over m of p_m(x)}. One thread's.
 */
final class MaskPasses {
    private final DataSpec data;
    private final int length;
    private final List<Member> members;
    /** Those that the next batch goes through. */
    private List<Member> active;
    /** Which positions of the examples count; null for all. */
    private @Nullable Scored scored;
    /** The number of the example at each place of the batch. */
    private final int[] places;

    /** A graph's maps, the data in its order, and how much of each example's probability is this graph's. */
    private record Member(
            BoundGraph bound,
            Pass pass,
            NativeDistribution.Values values,
            MemorySegment logProb,
            double[] sums,
            MemorySegment shares) {}

    /**
     * Allocates the maps.
     *
     * @param batch examples at most
     * @param length of an example
     * @param kind what they are for
     */
    MaskPasses(DataSpec data, List<BoundGraph> bounds, Arena arena, int batch, int length, PassKind kind) {
        this.data = data;
        this.length = length;
        places = new int[batch];
        long floats = Math.max(1, (long) batch * length);
        members = bounds.stream()
                .map(bound -> new Member(
                        bound,
                        new Pass(bound, arena, batch, length, kind),
                        new NativeDistribution.Values(
                                arena, bound.distribution().real(), batch, length),
                        arena.allocate(floats * Float.BYTES, 64),
                        new double[batch],
                        arena.allocate(Math.max(1L, batch) * Float.BYTES, 64)))
                .toList();
        active = members;
    }

    /** Lets batches from now on go through all masks, whose probabilities are averaged. */
    void useAll() {
        active = members;
    }

    /** Lets batches from now on go through one mask alone. */
    void useOnly(int mask) {
        active = List.of(members.get(mask));
    }

    /** Takes the parameters' present values for the masks in use. */
    void refresh(Context context) {
        active.forEach(member -> member.bound.refresh(context));
    }

    /** Memory of the maps. */
    long bytes() {
        return members.stream().mapToLong(member -> member.pass.bytes()).sum();
    }

    int masks() {
        return members.size();
    }

    /** The maps of a mask, in the order of its chain. */
    Pass pass(int mask) {
        return members.get(mask).pass;
    }

    ChainOrder order(int mask) {
        return members.get(mask).bound.graph().order();
    }

    /** Sets the number of examples of the next batch. */
    void examples(int count) {
        active.forEach(member -> member.pass.examples(count));
    }

    /** Which positions of the examples count from now on; null for all. */
    void scored(@Nullable Scored positions) {
        scored = positions;
    }

    /** Puts one example and its condition at place n of the batch. */
    void fill(Examples examples, Condition condition, int example, int n) {
        places[n] = example;
        for (Member member : active) {
            ChainOrder order = member.bound.graph().order();
            Batches.fill(data, order, examples, condition, example, member.pass, member.values, n);
        }
    }

    /** Computes all nodes from the data. */
    void run(Context context) {
        active.forEach(member -> member.pass.run(context));
    }

    /** {@code -ln p} of the batch's examples, after {@link #run}. */
    void nats(Context context, int count, double[] into, int offset) {
        for (Member member : active) {
            member.bound.distribution().logProb(context, member.pass.outputs(), member.values, member.logProb);
            for (int n = 0; n < count; n++) {
                member.sums[n] = Batches.sum(member.logProb, (long) n * length + first(n), scoredCount(n));
            }
        }
        for (int n = 0; n < count; n++) {
            into[offset + n] = active.size() == 1 ? -active.getFirst().sums[n] : mixture(n);
        }
    }

    /**
     * Adds {@code -ln p} of each position, over the batch's examples, after {@link #nats} of one mask.
     *
     * @param sums in the order of positions
     */
    void addByPosition(int count, double[] sums) {
        Member member = active.getFirst();
        ChainOrder order = member.bound.graph().order();
        for (int n = 0; n < count; n++) {
            for (int place = 0; place < length; place++) {
                sums[order.position(place)] -=
                        member.logProb.getAtIndex(ValueLayout.JAVA_FLOAT, (long) n * length + place);
            }
        }
    }

    /** The average of the masks' probabilities, in logarithms; leaves each mask's share of the sum. */
    private double mixture(int n) {
        double largest = Double.NEGATIVE_INFINITY;
        for (Member member : active) {
            largest = Math.max(largest, member.sums[n]);
        }
        double sum = 0;
        for (Member member : active) {
            sum += Math.exp(member.sums[n] - largest);
        }
        for (Member member : active) {
            float share = (float) (Math.exp(member.sums[n] - largest) / sum);
            member.shares.setAtIndex(ValueLayout.JAVA_FLOAT, n, share);
        }
        return Math.log(active.size()) - largest - Math.log(sum);
    }

    /**
     * Adds the gradient of {@code scale * sum over examples of -ln p}, after {@link #nats}: each mask's, an example's times that
     * mask's share of its probability.
     */
    void gradient(Context context, float scale, MemorySegment parameters) {
        for (Member member : active) {
            MemorySegment shares = member.shares;
            Consumer<NativeMap> change = null;
            if (scored != null) {
                change = head -> clearUnscored(head);
            } else if (active.size() > 1) {
                change = head -> Kernels.scaleExamples(context, shares, head);
            }
            member.pass.gradient(context, member.values, scale, change, parameters);
        }
    }

    private void clearUnscored(NativeMap head) {
        for (int n = 0; n < head.examples(); n++) {
            head.clear(n, 0, 0, first(n));
            head.clear(n, 0, first(n) + scoredCount(n), length);
        }
    }

    private int first(int n) {
        return scored == null ? 0 : scored.from()[places[n]];
    }

    private int scoredCount(int n) {
        return scored == null ? length : scored.to()[places[n]] - scored.from()[places[n]];
    }
}
