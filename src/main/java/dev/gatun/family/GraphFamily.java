package dev.gatun.family;

import dev.gatun.graph.Graph;

/** A family that this version computes: its builder is all that likelihood, training and sampling are derived from. */
public interface GraphFamily extends Family {
    /** The graph of a model. */
    Graph graph(ModelConfig config);
}
