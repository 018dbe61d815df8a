package dev.gatun;

/**
 * Which masks of an ensemble of orders and connections (family made; Germain et al. 2015, sections 4.2 and 4.3) a step of training
 * takes. Whatever it is, likelihoods, samples and validation are those of the model's own masks, averaged.
 */
public enum MaskTraining {
    /** All of the model's masks: the loss is that of their mixture, which is what the model is. M passes a step. */
    AVERAGE,
    /** One of the model's masks, one after the other: step t takes mask {@code t mod M}. */
    CYCLE,
    /**
     * Degrees of hidden units that are drawn anew for each step, under the order of mask {@code t mod M}: training that knows no
     * connections.
     */
    RESAMPLE,
    /** As {@link #RESAMPLE}, with an order of the positions that is drawn anew too. */
    RESAMPLE_ORDERS;

    /** Whether each step has a mask of its own. */
    public boolean drawn() {
        return this == RESAMPLE || this == RESAMPLE_ORDERS;
    }
}
