package dev.gatun.cli;

import dev.gatun.family.DataSpec;
import dev.gatun.train.Changes;
import dev.gatun.train.ExampleSource;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** How examples are changed whenever they are taken. */
final class ChangeOptions {
    @Option(names = "--flip", description = "Show every other training image in a mirror, drawn anew at each step.")
    private boolean flip;

    @Option(
            names = "--binarize",
            paramLabel = "stochastic",
            description =
                    "Grey levels 0..255 become 1 with the probability of their height, drawn anew at each step; those"
                            + " of the validation are drawn once. For models of two levels.")
    private Binarize binarize = Binarize.NONE;

    /** Ways to make two levels of 256. */
    enum Binarize {
        NONE,
        STOCHASTIC
    }

    private static final int GREY_LEVELS = 256;

    /** What the data are before they are changed to what a model takes. */
    DataSpec before(DataSpec model) {
        if (binarize == Binarize.NONE) {
            return model;
        }
        if (model.levels() != 2) {
            throw new UsageException("--binarize: the model's data have " + model.levels() + " levels, expected 2");
        }
        return switch (model) {
            case DataSpec.Image image ->
                new DataSpec.Image(image.height(), image.width(), image.channels(), GREY_LEVELS);
            case DataSpec.Sequence sequence -> new DataSpec.Sequence(sequence.positions(), GREY_LEVELS);
            default ->
                throw new UsageException("--binarize: is for images, not for data of kind \"" + model.kind() + "\"");
        };
    }

    /** Whether the data are no longer what the model takes. */
    boolean made() {
        return binarize != Binarize.NONE;
    }

    /** The changes of training examples. */
    List<ExampleSource.Change> changes(DataSpec model, long seed) {
        List<ExampleSource.Change> changes = new ArrayList<>();
        if (flip) {
            if (!(model instanceof DataSpec.Image image)) {
                throw new UsageException("--flip: is for images, not for data of kind \"" + model.kind() + "\"");
            }
            changes.add(Changes.flips(image, seed));
        }
        if (binarize == Binarize.STOCHASTIC) {
            changes.add(Changes.stochasticBinarization(GREY_LEVELS - 1, seed));
        }
        return changes;
    }
}
