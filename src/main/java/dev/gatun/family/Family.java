package dev.gatun.family;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model family: the configuration keys of its own, what it can be combined with, and the tensors that a configuration
 * asks for. Instances have no state and are shared between threads.
 */
public interface Family {
    /** The name in a configuration's {@code architecture}. */
    String name();

    /** The configuration keys that are this family's own. */
    List<Option> options();

    /** How values may enter it. */
    default Set<InputEncoding> inputs() {
        return EnumSet.allOf(InputEncoding.class);
    }

    /** The distributions that its outputs may parametrise. */
    default Set<DistributionSpec.Type> distributions() {
        return EnumSet.allOf(DistributionSpec.Type.class);
    }

    /** Whether it is an image family: takes images only, as maps of pixels; others take them as sequences of positions. */
    default boolean imageOnly() {
        return false;
    }

    /** Whether it takes only data that have a length of their own. */
    default boolean fixedLength() {
        return false;
    }

    /**
     * Checks what no option shows on its own.
     *
     * @param config a configuration whose options have been checked one by one
     * @throws InvalidModelException if they do not fit together
     */
    default void check(ModelConfig config) {}

    /**
     * The tensors of a model.
     *
     * @throws InvalidModelException if one would have more elements than an array can
     */
    ParameterLayout layout(ModelConfig config);

    /**
     * Checks the values of integer tensors, whose names and sizes are right.
     *
     * @throws InvalidModelException if they are not what the family needs
     */
    default void checkIntegers(ModelConfig config, Map<String, long[]> integers) {}
}
