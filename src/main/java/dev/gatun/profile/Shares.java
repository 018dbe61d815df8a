package dev.gatun.profile;

import dev.gatun.Profile;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The operations of a profile beside what the machine does at most.
 *
 * @param part of the profile
 * @param ceilings of as many threads as computed
 * @param working bytes that are in use by turns, where they are the same for all operations; 0: each operation's own
 */
public record Shares(Profile.Part part, Ceilings ceilings, double working) {
    /** Of a forward pass: an operation's maps are not in the caches any more when the next but one wants them. */
    public static Shares ofForward(Profile profile, Ceilings ceilings) {
        return new Shares(profile.forward(), ceilings, 0);
    }

    /** Of cached sampling: all weights are read at each step, and stay in the cache that holds them all. */
    public static Shares ofSampling(Profile profile, Ceilings ceilings) {
        double all = profile.sampling().costs().stream()
                .filter(cost -> cost.calls() > 0)
                .mapToDouble(cost -> cost.bytes() / cost.calls())
                .sum();
        return new Shares(profile.sampling(), ceilings, all);
    }

    /** The operations' numbers, those that take longest first. */
    public List<Integer> bySeconds() {
        return IntStream.range(0, part.costs().size())
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -part.costs().get(i).seconds()))
                .toList();
    }

    /** The share of the whole time, 0..1. */
    public double ofTime(Profile.Cost cost) {
        return cost.seconds() / part.seconds();
    }

    /** The share of the time between the beginning and the end that operations take, 0..1. */
    public double inOperations() {
        return part.costs().stream().mapToDouble(Profile.Cost::seconds).sum() / part.seconds();
    }

    /** The least time that an operation can take, of the time that it takes: 1 at the machine's limit. */
    public double ofLimit(Profile.Cost cost) {
        double own = working == 0 ? cost.bytes() : working;
        return ceilings.leastSeconds(cost.flops(), cost.bytes(), own) / cost.seconds();
    }

    /** GFLOP/s. */
    public double gigaFlops(Profile.Cost cost) {
        return cost.flops() / cost.seconds() * 1e-9;
    }

    /** GB/s. */
    public double gigaBytes(Profile.Cost cost) {
        return cost.bytes() / cost.seconds() * 1e-9;
    }
}
