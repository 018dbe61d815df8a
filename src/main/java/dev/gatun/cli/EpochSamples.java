package dev.gatun.cli;

import dev.gatun.Condition;
import dev.gatun.Model;
import dev.gatun.SampleOptions;
import dev.gatun.Sampler;
import dev.gatun.family.DataSpec;
import dev.gatun.train.EpochReport;
import dev.gatun.train.ProgressListener;
import dev.gatun.train.TrainedObjective;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * Draws samples of the model as it is after each epoch.
 *
 * @param columns of the picture; 0 for as many as make it nearly square
 * @param condition a row for each sample, or none
 */
record EpochSamples(
        Path file,
        DataSpec.Image image,
        int columns,
        SampleOptions options,
        Condition condition,
        TrainedObjective objective)
        implements ProgressListener {
    @Override
    public void epochEnded(EpochReport report) {
        PictureGrid grid = PictureGrid.of(file, image, false, options.count(), columns, new ScaleOptions());
        try (Model model = objective.trained();
                Sampler sampler = model.sampler(options, condition)) {
            int[] levels = sampler.draw().levels();
            for (int n = 0; n < options.count(); n++) {
                grid.levels(n, levels, n * sampler.length());
            }
            grid.write();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
