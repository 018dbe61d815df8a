package dev.gatun.train;

import dev.gatun.train.TrainingResult.End;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The loop over epochs and batches. Whatever decides about a step is in the {@link TrainingState}, so that a run that
 * starts from a saved one cannot differ.
 */
final class TrainingRun {
    private static final double NANOS = 1e9;

    private final Objective objective;
    private final TrainerOptions options;
    private final TrainingState state;
    private final Checkpoints checkpoints;
    private final Descent descent;
    private final List<ProgressListener> listeners;
    private final BooleanSupplier stopped;
    private final int examples;
    private final int batches;

    TrainingRun(
            Objective objective,
            TrainerOptions options,
            TrainingState state,
            Checkpoints checkpoints,
            List<ProgressListener> listeners,
            BooleanSupplier stopped) {
        this.objective = objective;
        this.options = options;
        this.state = state;
        this.checkpoints = checkpoints;
        this.descent = checkpoints.descent();
        this.listeners = listeners;
        this.stopped = stopped;
        this.examples = objective.trainingExamples();
        this.batches = Math.ceilDiv(examples, options.batchSize());
    }

    TrainingResult run() throws IOException {
        listeners.forEach(listener -> listener.started(state.epoch, state.step));
        End end = train();
        if ((end == End.STEPS || end == End.TIME) && state.batch > 0 && validates()) {
            // Not part of the state: a run with more steps would not stop here to look.
            keepIfBest(validate(), state.epoch + 1);
        }
        descent.fetch(state);
        state.parameters.copyFrom(state.bestEpoch > 0 ? state.best : state.evaluated());
        return new TrainingResult(
                end, state.epoch, state.step, state.trainNats, state.bestEpoch, state.bestNats, state.seconds);
    }

    private End train() throws IOException {
        while (true) {
            if (state.epoch >= options.epochs()) {
                return End.EPOCHS;
            }
            if (options.patience() > 0 && state.epoch - state.bestEpoch >= options.patience()) {
                return End.PATIENCE;
            }
            End early = epoch();
            if (early != null) {
                return early;
            }
        }
    }

    /** The rest of the running epoch; why it was cut short, or null. */
    private @Nullable End epoch() throws IOException {
        int[] order = Shuffle.order(examples, options.seed(), state.epoch);
        while (true) {
            if (stopped.getAsBoolean()) {
                checkpoints.save();
                return End.STOPPED;
            }
            if (state.batch == batches) {
                endEpoch();
                return null;
            }
            if (options.maxSteps() > 0 && state.step >= options.maxSteps()) {
                checkpoints.save();
                return End.STEPS;
            }
            if (options.maxSeconds() > 0 && state.seconds >= options.maxSeconds()) {
                checkpoints.save();
                return End.TIME;
            }
            step(order);
        }
    }

    private void step(int[] order) {
        long begin = System.nanoTime();
        int from = state.batch * options.batchSize();
        int[] batch = Arrays.copyOfRange(order, from, from + Math.min(options.batchSize(), examples - from));
        double loss = objective.lossAndGradient(batch, state.step);
        checkpoints.requireFinite("the loss of batch " + (state.batch + 1), loss, state.epoch + 1, state.step + 1);
        MemorySegment gradient = objective.gradient();
        double norm = descent.gradientNorm(gradient);
        checkpoints.requireFinite("the gradient's norm", norm, state.epoch + 1, state.step + 1);
        descent.clip(gradient, norm);
        descent.step(state, gradient);
        state.lossSum += loss * batch.length;
        state.normSum += norm;
        state.batch++;
        double elapsed = (System.nanoTime() - begin) / NANOS;
        state.epochSeconds += elapsed;
        state.seconds += elapsed;
        listeners.forEach(listener -> listener.stepEnded(state.epoch + 1, state.batch, batches, loss));
    }

    private void endEpoch() throws IOException {
        double nats = Double.NaN;
        boolean best = false;
        if (validates()) {
            nats = validate();
            best = keepIfBest(nats, state.epoch + 1);
        }
        state.trainNats = state.lossSum / examples;
        EpochReport report = report(nats, best);
        state.epoch++;
        state.batch = 0;
        state.lossSum = 0;
        state.normSum = 0;
        state.epochSeconds = 0;
        withEvaluated(() -> {
            listeners.forEach(listener -> listener.epochEnded(report));
            return 0;
        });
        checkpoints.save();
    }

    private EpochReport report(double validation, boolean best) {
        double nats = Double.isNaN(validation) ? state.trainNats : validation;
        return new EpochReport(
                state.epoch + 1,
                state.step,
                state.trainNats,
                validation,
                nats / (objective.dimensions() * Math.log(2)),
                options.schedule().rate(options.optimizer().learningRate(), state.epoch, state.step - 1),
                state.normSum / batches,
                state.seconds,
                state.epochSeconds > 0 ? examples / state.epochSeconds : 0,
                best);
    }

    private boolean validates() {
        return objective.validationExamples() > 0;
    }

    /** The validation loss of the parameters, or of their average. */
    private double validate() {
        long begin = System.nanoTime();
        double nats = withEvaluated(objective::validationLoss);
        state.seconds += (System.nanoTime() - begin) / NANOS;
        checkpoints.requireFinite("the validation loss", nats, state.epoch + 1, state.step);
        return nats;
    }

    /**
     * Does something while the objective's parameters are those that are validated: the average, where one is kept. They are in this
     * machine's memory then, too, and stay there until the next step.
     */
    private double withEvaluated(DoubleSupplier work) {
        descent.fetch(state);
        if (!state.averages()) {
            return work.getAsDouble();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment held = arena.allocate(state.parameters.byteSize());
            held.copyFrom(state.parameters);
            state.parameters.copyFrom(state.average);
            descent.bringParameters(state);
            try {
                return work.getAsDouble();
            } finally {
                state.parameters.copyFrom(held);
                descent.bringParameters(state);
            }
        }
    }

    private boolean keepIfBest(double nats, int epoch) {
        if (state.bestEpoch > 0 && nats >= state.bestNats) {
            return false;
        }
        state.bestNats = nats;
        state.bestEpoch = epoch;
        state.best.copyFrom(state.evaluated());
        return true;
    }
}
