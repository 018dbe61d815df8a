package dev.gatun.cli;

import dev.gatun.train.TrainerOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How long and how to train. */
final class RunOptions {
    /** Passes over the data; where there is validation, patience ends training long before. */
    private static final int EPOCHS = 1000;

    private static final int EPOCHS_UNVALIDATED = 100;
    private static final int PATIENCE = 20;
    private static final double SECONDS = 60;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description =
                    "Passes over the data at most (" + EPOCHS + "; " + EPOCHS_UNVALIDATED + " without validation).")
    private @Nullable Integer epochs;

    @Option(names = "--max-steps", paramLabel = "N", defaultValue = "0", description = "Steps at most; 0 for no limit.")
    private long maxSteps;

    @Option(
            names = "--max-minutes",
            paramLabel = "M",
            defaultValue = "0",
            description = "Minutes of training at most, earlier parts of a resumed run included; 0 for no limit.")
    private double maxMinutes;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "Examples a step (${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--at-once",
            paramLabel = "N",
            description = "Compute so many of a step's examples at once and add up their gradients, which takes less"
                    + " memory (all of them).")
    private @Nullable Integer atOnce;

    @Option(
            names = "--recompute",
            description =
                    "Compute values within residual blocks again for their gradients in place of keeping them, to the"
                            + " same bits: less memory, more time. For pixelcnn_pp.")
    private boolean recompute;

    @Option(
            names = "--patience",
            paramLabel = "N",
            description = "End after so many epochs without a better validation (" + PATIENCE + "); 0: never.")
    private @Nullable Integer patience;

    @Mixin
    private final OptimizerOptions optimizer = new OptimizerOptions();

    @Mixin
    private final ScheduleOptions schedule = new ScheduleOptions();

    @Option(names = "--gradient-clip", paramLabel = "C", defaultValue = "0", description = "Longest gradient; 0: any.")
    private double gradientClip;

    @Option(
            names = "--ema",
            paramLabel = "D",
            defaultValue = "0",
            description =
                    "Average the weights, keeping so much of the average at each step, such as 0.999; 0: no average.")
    private double ema;

    @Option(
            names = "--average-from",
            paramLabel = "E",
            defaultValue = "0",
            description = "Average the weights of all steps from epoch E on, each alike; 0: no average.")
    private int averageFrom;

    /**
     * The options of a run.
     *
     * @param validated whether there are validation examples
     */
    TrainerOptions options(boolean validated, long seed, int threads) {
        int passes = epochs != null ? epochs : validated ? EPOCHS : EPOCHS_UNVALIDATED;
        int waits = patience != null ? patience : validated ? PATIENCE : 0;
        if (waits > 0 && !validated) {
            throw new UsageException("--patience: found " + waits + " without validation examples, expected 0");
        }
        if (!(maxMinutes >= 0) || maxMinutes > Integer.MAX_VALUE) {
            throw new UsageException("--max-minutes: found " + maxMinutes + ", expected 0 or more");
        }
        try {
            return TrainerOptions.builder()
                    .optimizer(optimizer.optimizer())
                    .schedule(schedule.schedule(passes))
                    .batchSize(batch)
                    .epochs(passes)
                    .maxSteps(maxSteps)
                    .maxSeconds((long) Math.ceil(maxMinutes * SECONDS))
                    .patience(waits)
                    .gradientClip(gradientClip)
                    .emaDecay(ema)
                    .averageFrom(averageFrom)
                    .seed(seed)
                    .threads(threads)
                    .build();
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    boolean recompute() {
        return recompute;
    }

    /**
     * Examples that are computed at once.
     *
     * @param examples of an epoch
     */
    int atOnce(int examples) {
        if (atOnce != null && (atOnce < 1 || atOnce > batch)) {
            throw new UsageException("--at-once: found " + atOnce + ", expected 1.." + batch + ", the batch");
        }
        return Math.min(atOnce == null ? batch : atOnce, examples);
    }
}
