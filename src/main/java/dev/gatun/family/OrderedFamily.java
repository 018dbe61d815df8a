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

    /** Whether its outputs are handed out mask by mask, even where there is one. */
    default boolean masked() {
        return false;
    }
}
