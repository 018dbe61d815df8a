package dev.gatun;

import java.util.List;

/**
 * What a {@link Query} finds.
 *
 * @param samples that were drawn; 1 where that was enough, since nothing had to be drawn
 * @param effectiveSamples how many samples of equal weights are worth as much (Kish): far below {@code samples} where what is known
 *     behind unknown positions fits few of them, and then errors are themselves uncertain
 * @param knownNats {@code -ln p} of what is known, whatever the others are; 0 where nothing is
 * @param knownNatsError its standard error
 * @param marginals of the positions that were asked for, in their order
 */
public record Answer(
        int samples, double effectiveSamples, double knownNats, double knownNatsError, List<Marginal> marginals) {
    /** Copies the list. */
    public Answer {
        marginals = List.copyOf(marginals);
    }
}
