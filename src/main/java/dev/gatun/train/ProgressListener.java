package dev.gatun.train;

/**
 * Hears how training goes, on the thread that trains. What a listener throws ends the run; its state file then is that
 * of the last checkpoint. All methods do nothing unless overridden.
 */
public interface ProgressListener {
    /**
     * Training starts or goes on.
     *
     * @param epochs complete epochs so far, 0 for a fresh run
     * @param steps complete steps so far
     */
    default void started(int epochs, long steps) {}

    /**
     * A step was made.
     *
     * @param epoch the running epoch, 1 for the first
     * @param batch which batch of the epoch this was, 1 for the first
     * @param batches how many the epoch has
     * @param nats the batch's loss
     */
    default void stepEnded(int epoch, int batch, int batches, double nats) {}

    /**
     * An epoch ended and was validated. The objective's parameters are those that were validated: the average, where one is kept.
     * The checkpoint is written after this returns.
     */
    default void epochEnded(EpochReport report) {}
}
