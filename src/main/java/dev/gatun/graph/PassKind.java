package dev.gatun.graph;

/** What a pass is for, and so which maps it has. */
public enum PassKind {
    /** Outputs alone. */
    VALUES,
    /** Outputs, of parts of examples: what all nodes and their operations have at all positions is kept. */
    WINDOWS,
    /** Outputs and gradients. */
    GRADIENTS,
    /** The same, also with respect to the data, where these enter as numbers. */
    DATA_GRADIENTS,
    /**
     * The same in less memory: maps that only a {@linkplain Graph.Builder#endPart part} of the graph reads are computed again
     * for the gradients of that part, to the same bits, instead of kept.
     */
    GRADIENTS_RECOMPUTED;

    /** Whether there are gradients. */
    public boolean training() {
        return this != VALUES && this != WINDOWS;
    }

    /** Whether what operations keep is kept of each position. */
    boolean keepsAll() {
        return this != VALUES;
    }

    /** Whether maps may have their places in others' memory. */
    boolean shares() {
        return this != WINDOWS;
    }
}
