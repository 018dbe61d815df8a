package dev.gatun.train;

/**
 * Training met a number that is not finite. The state file, if any, is that of the last checkpoint, and finite; the
 * objective's parameters are those of the best validation so far if there was one, and of no use otherwise.
 */
public final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int epoch;
    private final long step;
    private final int bestEpoch;

    DivergedException(String message, int epoch, long step, int bestEpoch) {
        super(message);
        this.epoch = epoch;
        this.step = step;
        this.bestEpoch = bestEpoch;
    }

    /** The running epoch, 1 for the first. */
    public int epoch() {
        return epoch;
    }

    /** The running step, 1 for the first. */
    public long step() {
        return step;
    }

    /** The epoch whose parameters the objective now has; 0 if there is none. */
    public int bestEpoch() {
        return bestEpoch;
    }
}
