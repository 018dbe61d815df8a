package dev.gatun.family;

import java.util.Map;

/**
 * Which entries of a weight count. The others' values never matter, whatever they are; in memory they are zeros, and their
 * gradients are zero.
 */
@FunctionalInterface
public interface Mask {
    /**
     * The entries that count in a model with these integer tensors, which only made's masks depend on.
     *
     * @param integers the model's integer tensors by name, of the right sizes
     */
    Entries entries(Map<String, long[]> integers);

    /** The entries of one weight that count. */
    @FunctionalInterface
    interface Entries {
        /**
         * Whether an entry counts.
         *
         * @param index the entry's place in the weight, row-major
         */
        boolean counts(long index);
    }
}
