package dev.gatun.cli;

import dev.gatun.family.DataSpec;
import dev.gatun.train.Changes;
import dev.gatun.train.ExampleSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How examples are changed whenever they are taken. */
final class ChangeOptions {
    @Option(names = "--flip", description = "Show every other training image in a mirror, drawn anew at each step.")
    private boolean flip;

    @Option(
            names = "--binarize",
            paramLabel = "HOW",
            description =
                    "Grey levels 0..255 become two. stochastic: 1 with the probability level / 255, drawn anew at each step;"
                            + " those of the validation are drawn once. static-threshold:T: 1 from level T on."
                            + " stochastic:SEED: drawn once.")
    private @Nullable String binarize;

    private static final String EACH_STEP = "stochastic";
    private static final int GREY_LEVELS = 256;

    /** How images become black and white when they are read; null if they do not, or at each step. */
    @Nullable
    String onReading() {
        return made() ? null : binarize;
    }

    /** What the data are before they are changed to what a model takes. */
    DataSpec before(DataSpec model) {
        if (!made()) {
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
        return EACH_STEP.equalsIgnoreCase(binarize);
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
        if (made()) {
            changes.add(Changes.stochasticBinarization(GREY_LEVELS - 1, seed));
        }
        return changes;
    }
}
