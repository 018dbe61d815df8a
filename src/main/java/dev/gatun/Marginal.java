package dev.gatun;

/** What a {@link Query} finds of one position: its distribution given what is known. */
public sealed interface Marginal permits LevelMarginal, RealMarginal {
    /** The position, in the order of positions (images: rows, then columns, then channels). */
    int position();

    /**
     * Whether it was computed and not sampled: the position is the first that is not known, in the model's order, and nothing
     * behind it is. Standard errors are 0 then.
     */
    boolean exact();
}
