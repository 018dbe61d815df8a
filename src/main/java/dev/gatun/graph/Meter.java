package dev.gatun.graph;

/** Is told what the operations of a pass need. */
@FunctionalInterface
public interface Meter {
    /**
     * A node was computed.
     *
     * @param start by {@link System#nanoTime}
     * @param end likewise
     */
    void ran(Node node, long start, long end);
}
