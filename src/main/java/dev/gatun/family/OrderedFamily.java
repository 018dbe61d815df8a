package dev.gatun.family;

import dev.gatun.graph.Graph;
import java.util.List;
import java.util.Map;

/**
 * A family that this version computes and whose chain may have an order of its own, or several: its graphs depend on the
 * orderings and degrees that a model keeps as integer tensors.
 */
public interface OrderedFamily extends Family {
    /**
     * The graphs of a model, one for each mask.
     *
     * @param integers the model's integer tensors
     */
    List<Graph> graphs(ModelConfig config, Map<String, long[]> integers);

    /**
     * The graph of a mask that is drawn for one step of training, over the same parameters.
     *
     * @param mask whose order it has
     * @param reorder whether the order is drawn too
     * @param step draws depend on seed and step alone
     * @throws InvalidModelException if the family has no masks to draw
     */
    default Graph drawn(
            ModelConfig config, Map<String, long[]> integers, int mask, boolean reorder, long seed, long step) {
        throw new InvalidModelException("architecture: '" + config.architecture() + "' has no masks to draw");
    }

    /** Whether its outputs are handed out mask by mask, even where there is one. */
    default boolean masked() {
        return false;
    }
}
