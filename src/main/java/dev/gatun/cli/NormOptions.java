package dev.gatun.cli;

import dev.gatun.train.ModelObjective;
import dev.gatun.train.NormedObjective;
import dev.gatun.train.TrainedObjective;
import picocli.CommandLine.Option;

/** In what terms weights are trained. */
final class NormOptions {
    @Option(
            names = "--weight-norm",
            description = "Train the lengths and directions of layers' weights (weight normalisation); the lengths and"
                    + " biases that the first batch asks for come first. The model file has the weights themselves.")
    private boolean weightNorm;

    boolean given() {
        return weightNorm;
    }

    /**
     * What is trained of a model.
     *
     * @param batch examples of the first batch
     * @param resumed whether everything comes out of a state file
     */
    TrainedObjective of(ModelObjective objective, int batch, long seed, boolean resumed) {
        if (!weightNorm) {
            return objective;
        }
        NormedObjective normed = new NormedObjective(objective);
        if (!resumed) {
            normed.initialise(batch, seed);
        }
        return normed;
    }
}
