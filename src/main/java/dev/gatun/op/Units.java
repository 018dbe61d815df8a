package dev.gatun.op;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The units on one side of a masked dense layer, sorted by degree.
 *
 * @param degrees ascending
 * @param indices where each lies among the parameter's rows or columns, in steps of {@code each}
 * @param each values that share a degree: a position's inputs, a position's outputs; 1 for hidden units
 * @param positions whether these are the positions of the chain, not hidden units
 */
public record Units(List<Integer> degrees, List<Integer> indices, int each, boolean positions) {
    /** Checks the order. */
    public Units {
        degrees = List.copyOf(degrees);
        indices = List.copyOf(indices);
        if (degrees.isEmpty() || degrees.size() != indices.size() || each < 1) {
            throw new IllegalArgumentException("units: found " + degrees.size() + " degrees, " + indices.size()
                    + " indices, " + each + " values each");
        }
        for (int i = 1; i < degrees.size(); i++) {
            if (degrees.get(i - 1) > degrees.get(i)) {
                throw new IllegalArgumentException("units: found degree " + degrees.get(i - 1) + " before "
                        + degrees.get(i) + ", expected them ascending");
            }
        }
    }

    /** The chain's positions, with degrees 1, 2, ...: which position of the data comes when, and how many values it has. */
    public static Units chain(int[] order, int each) {
        return new Units(
                IntStream.rangeClosed(1, order.length).boxed().toList(),
                IntStream.of(order).boxed().toList(),
                each,
                true);
    }

    /**
     * Hidden units that an output can see, sorted; those of the same degree in their own order. Of units that no output sees
     * nothing is computed.
     *
     * @param degrees of all units
     * @param last the largest degree of an output
     */
    public static Units hidden(long[] degrees, int last) {
        List<Integer> seen = new ArrayList<>(IntStream.range(0, degrees.length)
                .boxed()
                .sorted(Comparator.comparingLong(i -> degrees[i]))
                .toList());
        // One is kept where there is no other: a layer without units is none.
        while (seen.size() > 1 && degrees[seen.getLast()] >= last) {
            seen.removeLast();
        }
        return new Units(seen.stream().map(i -> Math.clamp(degrees[i], 0, last)).toList(), seen, 1, false);
    }

    /** Values of all units. */
    public int size() {
        return Math.multiplyExact(degrees.size(), each);
    }

    /** Where each value lies in the parameter. */
    int[] places() {
        int[] places = new int[size()];
        for (int i = 0; i < places.length; i++) {
            places[i] = indices.get(i / each) * each + i % each;
        }
        return places;
    }

    /** How many of these units have a degree of at most {@code most}. */
    public int upTo(int most) {
        int low = 0;
        int high = degrees.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (degrees.get(middle) <= most) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
