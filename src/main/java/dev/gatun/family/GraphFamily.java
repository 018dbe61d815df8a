package dev.gatun.family;

import dev.gatun.graph.Graph;

/** A family that this version computes: its builder is all that likelihood, training and sampling are derived from. */
public interface GraphFamily extends Family {
    /** The graph of a model. */
    Graph graph(ModelConfig config);

    /**
     * The graph for training, over the same parameters.
     *
     * @param dropout the probability that a feature is dropped, above 0
     * @throws InvalidModelException if the family has no place for dropout
     */
    default Graph graph(ModelConfig config, double dropout) {
        throw new InvalidModelException("architecture: '" + config.architecture() + "' has no place for dropout");
    }
}
