package dev.gatun;

import dev.gatun.family.DataSpec;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.NativeMap;
import dev.gatun.foreign.ProductWay;
import dev.gatun.graph.BoundGraph;
import dev.gatun.graph.ChainOrder;
import dev.gatun.graph.Pass;
import dev.gatun.graph.PassKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A batch through all graphs of a model: one, or of an ensemble one for each mask, whose probabilities are averaged: {@code p(x)
 * = 1/M sum over m of p_m(x)}. One thread's.
 */
final class MaskPasses {
    private final int length;
    private final List<Member> members;
    private final @Nullable DevicePasses device;
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
            Filling filling,
            MemorySegment logProb,
            MemorySegment sums,
            MemorySegment shares) {
        static Member of(DataSpec data, BoundGraph bound, Arena arena, int batch, int length, PassKind kind) {
            Pass pass = new Pass(bound, arena, batch, length, kind);
            NativeDistribution.Values values =
                    new NativeDistribution.Values(arena, bound.distribution().real(), batch, length);
            return new Member(
                    bound,
                    pass,
                    values,
                    new Filling(arena, data, bound.graph().order(), pass, values),
                    arena.allocate(Math.max(1, (long) batch * length) * Float.BYTES, 64),
                    arena.allocate(Math.max(1L, batch) * Double.BYTES, 64),
                    arena.allocate(Math.max(1L, batch) * Float.BYTES, 64));
        }

        double sum(int n) {
            return sums.getAtIndex(ValueLayout.JAVA_DOUBLE, n);
        }

        int examples() {
            return pass.outputs().examples();
        }

        void logProb(Context context) {
            bound.distribution().logProb(context, pass.outputs(), values, logProb);
        }
    }

    /**
     * Allocates the maps.
     *
     * @param batch examples at most
     * @param length of an example
     * @param kind what they are for
     * @param device what runs them on a device, or null for this machine's processor
     */
    MaskPasses(
            DataSpec data,
            List<BoundGraph> bounds,
            Arena arena,
            int batch,
            int length,
            PassKind kind,
            @Nullable DevicePasses device) {
        this.length = length;
        this.device = device;
        places = new int[batch];
        members = bounds.stream()
                .map(bound -> Member.of(data, bound, arena, batch, length, kind))
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

    /**
     * Takes the parameters' present values for the masks in use.
     *
     * @param bring whether a device's are behind this machine's
     */
    void refresh(Context context, boolean bring) {
        for (Member member : active) {
            if (device == null) {
                member.bound.refresh(context);
            } else {
                MemorySegment parameters = member.bound.parameters().all();
                Key key = new Key(member, Part.REFRESH, 0, 0);
                device.prepare(key, member.bound::refresh);
                if (bring) {
                    device.bring(parameters);
                }
                device.run(key);
            }
        }
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

    /** Which positions of the examples count from now on; null for all. */
    void scored(@Nullable Scored positions) {
        scored = positions;
    }

    /**
     * Makes a batch of some examples and their conditions.
     *
     * @param chosen the number of the example at each place
     */
    void fill(Context context, Examples examples, Condition condition, IntUnaryOperator chosen, int count) {
        Arrays.setAll(places, n -> n < count ? chosen.applyAsInt(n) : 0);
        for (Member member : active) {
            member.filling.fill(context, examples, condition, chosen, count);
        }
    }

    /** Computes all nodes from the data. */
    void run(Context context) {
        for (Member member : active) {
            if (device == null) {
                member.pass.run(context);
            } else {
                runOn(device, member, context.products());
            }
        }
    }

    /** What a member's passes on a device are told apart by. */
    private record Key(Member member, Part part, int examples, float scale, ProductWay products) {
        Key(Member member, Part part, int examples, float scale) {
            this(member, part, examples, scale, ProductWay.OWN);
        }
    }

    private enum Part {
        REFRESH,
        RUN,
        HEAD,
        SHARED_HEAD,
        GRADIENT,
        CLEAR
    }

    /** The outputs and their log-probabilities; all that it reads is brought each time. */
    private static void runOn(DevicePasses device, Member member, ProductWay products) {
        Key key = new Key(member, Part.RUN, member.examples(), 0, products);
        device.prepare(key, products, recorder -> {
            member.pass.run(recorder);
            member.logProb(recorder);
        });
        device.bringInputs(member.pass);
        member.bound.eachDrawn(device::bring);
        device.bring(member.values.data());
        device.run(key);
    }

    /** The outputs of a mask where this machine's processor reads them, after {@link #run}. */
    NativeMap outputs(int mask) {
        return fetched(members.get(mask).pass.outputs());
    }

    /** The same as the map of the graph's outputs. */
    NativeMap outputMap(int mask) {
        return fetched(members.get(mask).pass.outputMap());
    }

    private NativeMap fetched(NativeMap map) {
        if (device != null) {
            device.fetch(map);
        }
        return map;
    }

    /** {@code -ln p} of the batch's examples, after {@link #run}. */
    void nats(Context context, int count, double[] into, int offset) {
        for (Member member : active) {
            if (device == null) {
                member.logProb(context);
            } else {
                device.fetch(member.logProb.asSlice(0, (long) count * length * Float.BYTES));
            }
            sum(context, member, count);
        }
        for (int n = 0; n < count; n++) {
            into[offset + n] = active.size() == 1 ? -active.getFirst().sum(n) : mixture(n);
        }
    }

    private void sum(Context context, Member member, int count) {
        if (scored == null) {
            Kernels.logProbSums(context, member.logProb, count, length, member.sums);
            return;
        }
        for (int n = 0; n < count; n++) {
            double sum = Batches.sum(member.logProb, (long) n * length + first(n), scoredCount(n));
            member.sums.setAtIndex(ValueLayout.JAVA_DOUBLE, n, sum);
        }
    }

    /** {@code -ln p} of an example's positions, in their order, after {@link #nats} of one mask. */
    void natsByPosition(int n, float[] into) {
        Member member = active.getFirst();
        ChainOrder order = member.bound.graph().order();
        for (int place = 0; place < length; place++) {
            // 0 - x: -x of 0 would be -0.
            into[order.position(place)] =
                    0 - member.logProb.getAtIndex(ValueLayout.JAVA_FLOAT, (long) n * length + place);
        }
    }

    /** The average of the masks' probabilities, in logarithms; leaves each mask's share of the sum. */
    private double mixture(int n) {
        double largest = Double.NEGATIVE_INFINITY;
        for (Member member : active) {
            largest = Math.max(largest, member.sum(n));
        }
        double sum = 0;
        for (Member member : active) {
            sum += Math.exp(member.sum(n) - largest);
        }
        for (Member member : active) {
            float share = (float) (Math.exp(member.sum(n) - largest) / sum);
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
            if (device != null) {
                gradientOn(device, member, context.products(), scale, parameters);
                continue;
            }
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

    /** In two parts where positions do not count: their part of the outputs' gradient is taken out on the way. */
    private void gradientOn(
            DevicePasses device, Member member, ProductWay products, float scale, MemorySegment parameters) {
        NativeDistribution distribution = member.bound.distribution();
        boolean shared = active.size() > 1;
        Key head = new Key(member, shared ? Part.SHARED_HEAD : Part.HEAD, member.examples(), scale);
        Key rest = new Key(member, Part.GRADIENT, member.examples(), 0, products);
        NativeMap outputsGradient = member.pass.outputsGradient();
        device.prepare(head, recorder -> {
            distribution.gradient(recorder, member.pass.outputs(), member.values, scale, outputsGradient);
            if (shared) {
                Kernels.scaleExamples(recorder, member.shares, outputsGradient);
            }
        });
        device.prepare(rest, products, recorder -> member.pass.gradient(recorder, gradient -> {}, parameters));
        device.bring(member.shares);
        device.run(head);
        if (scored != null) {
            device.fetch(outputsGradient);
            clearUnscored(outputsGradient);
            device.bring(outputsGradient.memoryInUse());
        }
        device.run(rest);
    }

    /** Makes a gradient ready to be added to. */
    void clearGradient(MemorySegment parameters) {
        if (device == null) {
            parameters.fill((byte) 0);
            return;
        }
        device.prepare(Part.CLEAR, recorder -> Kernels.clear(recorder, parameters));
        device.run(Part.CLEAR);
    }

    /** Brings a gradient that was added to where this machine's processor reads it. */
    void fetchGradient(MemorySegment parameters) {
        if (device != null) {
            device.fetch(parameters);
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
