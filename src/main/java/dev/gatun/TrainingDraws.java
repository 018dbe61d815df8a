package dev.gatun;

/**
 * What steps of training draw, or choose, besides their examples. Draws depend on the seed and the step alone.
 *
 * @param masks of an ensemble of orders and connections, which a step takes
 * @param dropout the probability that a feature is dropped where the family has places for it (between recurrent layers and before
 *     the outputs, in blocks of pixelcnn_pp); 0 for none
 * @param seed of the draws
 */
public record TrainingDraws(MaskTraining masks, double dropout, long seed) {
    /** Nothing is drawn, and all masks are taken. */
    public static final TrainingDraws NONE = new TrainingDraws(MaskTraining.AVERAGE, 0, 0);

    /** Checks the probability. */
    public TrainingDraws {
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout: found " + dropout + ", expected 0 to below 1");
        }
    }
}
