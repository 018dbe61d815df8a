package dev.gatun;

import java.util.List;

/**
 * What a model's time goes into: the operations of a forward pass with its likelihoods, and the instructions of cached
 * sampling, over the same examples.
 *
 * @param batch examples at once
 * @param length positions of each
 * @param threads that computed
 * @param forward passes over a batch
 * @param sampling samples of a batch
 */
public record Profile(int batch, int length, int threads, Part forward, Part sampling) {
    /**
     * One of the two.
     *
     * @param seconds of a run from its beginning to its end, what lies between operations included; the median
     * @param costs in the order in which they run first
     * @param events of the last run, from its beginning on, as many as there was room for; in their order
     */
    public record Part(double seconds, List<Cost> costs, List<Event> events) {}

    /**
     * An operation or an instruction, in a run. Where threads share out streams, instructions are those of the first ones alone.
     *
     * @param name of the graph's node that it computes
     * @param operation what it does, in words
     * @param calls how often
     * @param seconds in all of them, less what reading the clock takes; the median of runs
     * @param flops floating-point operations; 0 where none are counted
     * @param bytes that it reads and writes, each once a call: inputs, weights, outputs
     */
    public record Cost(String name, String operation, long calls, double seconds, double flops, double bytes) {}

    /**
     * One call.
     *
     * @param cost which, in the list
     * @param start nanoseconds from the beginning of the first event
     * @param nanos how long
     */
    public record Event(int cost, long start, long nanos) {}
}
