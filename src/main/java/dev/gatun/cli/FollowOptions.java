package dev.gatun.cli;

import dev.gatun.Condition;
import dev.gatun.Model;
import dev.gatun.SampleOptions;
import dev.gatun.family.DataSpec;
import dev.gatun.train.CsvLog;
import dev.gatun.train.ExampleSet;
import dev.gatun.train.ProgressListener;
import dev.gatun.train.TrainedObjective;
import dev.gatun.train.TrainingPage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is written while a model is trained, to be looked at. */
final class FollowOptions {
    private static final int SAMPLES = 64;
    /** Of models conditioned on a class: samples of each, in a row, and rows at most. */
    private static final int OF_A_CLASS = 8;

    private static final int MOST_CLASSES = 10;

    @Option(names = "--log", paramLabel = "LOG.csv", description = "Write a line an epoch.")
    private @Nullable String log;

    @Option(
            names = "--samples",
            paramLabel = "GRID.png",
            description =
                    "Draw " + SAMPLES
                            + " samples after each epoch, of images; of models conditioned on a class a row for"
                            + " each, of others conditioned what the first validation examples are. The noise is always the same.")
    private @Nullable String samples;

    @Option(
            names = "--page",
            paramLabel = "PAGE.html",
            description =
                    "Write a page after each epoch: curves of nats, bits per dimension and examples a second, and the"
                            + " samples, in one file.")
    private @Nullable String page;

    boolean given() {
        return log != null || samples != null || page != null;
    }

    /** Checks the files before the work begins. */
    void check() throws IOException {
        if (log != null) {
            SampleFiles.outFile(log);
        }
        if (samples != null) {
            named("--samples", samples, ".png");
        }
        if (page != null) {
            named("--page", page, ".html");
        }
    }

    private static Path named(String option, String file, String suffix) throws IOException {
        if (!file.toLowerCase(Locale.ROOT).endsWith(suffix)) {
            throw new UsageException(option + ": found '" + file + "', expected a file that ends in " + suffix);
        }
        return SampleFiles.outFile(file);
    }

    /**
     * What listens.
     *
     * @param start the model as training finds it
     * @param shown examples whose condition samples have; null for none
     * @param name of the data
     */
    List<ProgressListener> listeners(
            Model start, TrainedObjective objective, @Nullable ExampleSet shown, String name, long seed)
            throws IOException {
        List<ProgressListener> listeners = new ArrayList<>();
        if (log != null) {
            listeners.add(new CsvLog(SampleFiles.outFile(log)));
        }
        Path picture = samples == null ? null : named("--samples", samples, ".png");
        if (picture != null) {
            listeners.add(drawn(picture, start, objective, shown, seed));
        }
        if (page != null) {
            String title = start.config().architecture() + " on " + name;
            String fact = Numbers.grouped(start.parameterCount()) + " parameters, "
                    + Numbers.grouped(objective.trainingExamples()) + " training and "
                    + Numbers.grouped(objective.validationExamples()) + " validation examples";
            listeners.add(new TrainingPage(named("--page", page, ".html"), title, List.of(fact), picture));
        }
        return listeners;
    }

    private static EpochSamples drawn(
            Path picture, Model start, TrainedObjective objective, @Nullable ExampleSet shown, long seed) {
        DataSpec data = start.config().data();
        DataSpec.Image image = PictureGrid.imageOf(data, data.length().orElse(0))
                .orElseThrow(
                        () -> new UsageException("--samples: is for models of images, or of sequences whose length is a"
                                + " square, and this model's data are of kind \"" + data.kind() + "\""));
        start.plan(); // what cannot be sampled is refused before it is trained
        int classes = Wanted.of(start.config(), image.height() * image.width() * image.channels()).stream()
                .mapToInt(Wanted::classes)
                .max()
                .orElse(0);
        Condition condition = condition(classes, shown);
        int count = condition.rows() == 0 ? SAMPLES : condition.rows();
        return new EpochSamples(
                picture,
                image,
                classes == 0 ? 0 : OF_A_CLASS,
                SampleOptions.count(count).withSeed(seed),
                condition,
                objective);
    }

    private static Condition condition(int classes, @Nullable ExampleSet shown) {
        if (classes > 0) {
            int rows = Math.min(classes, MOST_CLASSES);
            return Condition.ofClasses(IntStream.range(0, rows * OF_A_CLASS)
                    .map(i -> i / OF_A_CLASS)
                    .toArray());
        }
        if (shown == null || shown.condition().rows() == 0) {
            return Condition.none();
        }
        return shown.condition().slice(0, Math.min(SAMPLES, shown.count()));
    }
}
