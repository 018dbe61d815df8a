package dev.gatun.graph;

import java.util.stream.IntStream;

/**
 * The order of the chain: which position of the data each of its places holds. Everything inside of a graph is in the order
 * of the chain; data and samples are in their own. Immutable.
 */
public final class ChainOrder {
    private final int[] positions;
    private final int[] places;
    private final boolean natural;

    private ChainOrder(int[] positions, int[] places) {
        this.positions = positions;
        this.places = places;
        this.natural = IntStream.range(0, positions.length).allMatch(k -> positions[k] == k);
    }

    /** The data's own order, of any length. */
    public static ChainOrder natural() {
        return new ChainOrder(new int[0], new int[0]);
    }

    /**
     * An order.
     *
     * @param positions of the data, by place: a permutation of 0 .. D-1
     * @throws IllegalArgumentException if it is none
     */
    public static ChainOrder of(int... positions) {
        int[] places = new int[positions.length];
        boolean[] seen = new boolean[positions.length];
        for (int k = 0; k < positions.length; k++) {
            if (positions[k] < 0 || positions[k] >= positions.length || seen[positions[k]]) {
                throw new IllegalArgumentException("order: found " + positions[k] + " at place " + k
                        + ", expected a permutation of 0.." + (positions.length - 1));
            }
            seen[positions[k]] = true;
            places[positions[k]] = k;
        }
        return new ChainOrder(positions.clone(), places);
    }

    /** Whether places and positions are the same. */
    public boolean isNatural() {
        return natural;
    }

    /** The position of the data at a place. */
    public int position(int place) {
        return natural ? place : positions[place];
    }

    /** The place of a position of the data. */
    public int place(int position) {
        return natural ? position : places[position];
    }

    /** The positions by place; empty where the order is the data's own, of any length. */
    public int[] positions() {
        return positions.clone();
    }

    /** Brings {@code length} levels, in the order of the data, into that of the chain. */
    public void arrange(int[] data, int from, int[] chain, int length) {
        for (int k = 0; k < length; k++) {
            chain[k] = data[from + position(k)];
        }
    }
}
