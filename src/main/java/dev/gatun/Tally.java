package dev.gatun;

/** What samples say of one position, each with its weight. */
sealed interface Tally permits LevelTally, RealTally {
    /**
     * Adds what a walk expects at the position, which comes next: the whole distribution, not the one value that is drawn from it
     * (Rao-Blackwell). For weights that do not depend on that value.
     */
    void expected(Conditionals walks, int walk, double logWeight);

    /** Adds the value that a walk has there, which went by. */
    void drawn(Conditionals walks, int walk, double logWeight);

    /** What they say together. */
    Marginal marginal(boolean exact);
}
