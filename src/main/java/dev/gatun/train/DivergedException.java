package dev.gatun.train;

/**
 * Training met a number that is not finite. The state file, if any, keeps the last checkpoint, which is finite. The
 * objective's parameters are put back to the best ones validated so far, or else to those of the last checkpoint, where
 * there is one ({@link #recovered()}).
 */
public final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int epoch;
    private final long step;
    private final int bestEpoch;
    private final boolean recovered;

    DivergedException(String message, int epoch, long step, int bestEpoch, boolean recovered) {
        super(message);
        this.epoch = epoch;
        this.step = step;
        this.bestEpoch = bestEpoch;
        this.recovered = recovered;
    }

    /** The epoch that made the number, 1 for the first. */
    public int epoch() {
        return epoch;
    }

    /** The step that made the number, 1 for the first. */
    public long step() {
        return step;
    }

    /** The epoch of the best validation so far, 0 if there was none. */
    public int bestEpoch() {
        return bestEpoch;
    }

    /** Whether the objective's parameters are good ones again; if not, they are of no use. */
    public boolean recovered() {
        return recovered;
    }
}
