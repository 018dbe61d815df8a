package dev.gatun.op;

import java.util.List;

/** What an operation's output at one place reads of one of its inputs. Everything derived from a graph starts here. */
public sealed interface Footprint {
    /** Which colour groups of the input an output of group g sees, at the position itself. */
    enum Groups {
        /** Groups before g: mask type A. */
        EARLIER,
        /** Groups up to g: mask type B, and what works feature by feature. */
        UP_TO_OWN,
        /** All groups. */
        ALL
    }

    /**
     * Some positions around its own. Of positions other than its own all groups are seen. Taps are in positions of the
     * data whatever the scales of input and output are: a map at scale 2 stands at the first of its 2 x 2 positions.
     *
     * @param taps the positions, in raster order, none twice; may be empty
     * @param groups what it sees of its own position
     */
    record Taps(List<Tap> taps, Groups groups) implements Footprint {
        /** Checks the order of the taps. */
        public Taps {
            taps = List.copyOf(taps);
            for (int k = 1; k < taps.size(); k++) {
                if (taps.get(k - 1).compareTo(taps.get(k)) >= 0) {
                    throw new IllegalArgumentException("taps: found " + taps.get(k - 1) + " before " + taps.get(k)
                            + ", expected raster order, none twice");
                }
            }
        }
    }

    /**
     * Units of a masked dense layer, whose inputs and outputs have degrees. An output sees the inputs with degrees up to
     * its own, or strictly below where {@code strict}.
     *
     * @param inputs degree of each input
     * @param outputs degree of each output
     * @param strict whether equal degrees see nothing of each other
     */
    record Degrees(List<Integer> inputs, List<Integer> outputs, boolean strict) implements Footprint {
        /** Copies the lists. */
        public Degrees {
            inputs = List.copyOf(inputs);
            outputs = List.copyOf(outputs);
        }

        /** Whether an output sees an input. */
        public boolean sees(int output, int input) {
            return inputs.get(input) < outputs.get(output) + (strict ? 0 : 1);
        }
    }

    /** The same for every position, known before the first: conditions and constants. */
    record Anywhere() implements Footprint {}

    /** Its own position alone, group by group. */
    Footprint POINTWISE = new Taps(List.of(Tap.HERE), Groups.UP_TO_OWN);

    /** Some positions, all groups of each. */
    static Footprint of(List<Tap> taps) {
        return new Taps(taps, Groups.ALL);
    }
}
