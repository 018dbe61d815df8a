package dev.gatun.train;

import dev.gatun.DeviceVectors;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.Isa;
import dev.gatun.tensor.Parameters;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Minimises an {@link Objective}. With a state file, a checkpoint is written at the beginning, at each epoch's end and
 * when training stops; it replaces the one before whole or not at all. A run resumed from it reaches the very bits of
 * one that was never interrupted.
 *
 * <p>A trainer runs once, on the thread that calls {@link #run} or {@link #resume}; {@link #stop()} may be called from
 * any.
 */
public final class Trainer {
    private final Objective objective;
    private final TrainerOptions options;
    private final @Nullable Path stateFile;
    private final AtomicBoolean used = new AtomicBoolean();
    private volatile boolean stopped;

    /** A trainer that writes no checkpoints. */
    public Trainer(Objective objective, TrainerOptions options) {
        this(objective, options, null);
    }

    /**
     * A trainer.
     *
     * @param objective what to minimise; not closed by the trainer
     * @param options how
     * @param stateFile where to keep checkpoints, null for none
     * @throws IllegalArgumentException if there are no examples, or patience is asked for without a validation split
     */
    public Trainer(Objective objective, TrainerOptions options, @Nullable Path stateFile) {
        this.objective = objective;
        this.options = options;
        this.stateFile = stateFile;
        Ranges.atLeast("training examples", objective.trainingExamples(), 1);
        Ranges.atLeast("validation examples", objective.validationExamples(), 0);
        Ranges.atLeast("dimensions", objective.dimensions(), 1);
        if (options.patience() > 0 && objective.validationExamples() == 0) {
            throw new IllegalArgumentException(
                    "patience: found " + options.patience() + " without validation examples, expected 0");
        }
        Parameters parameters = objective.parameters();
        MemorySegment gradient = objective.gradient();
        if (gradient.byteSize() != parameters.all().byteSize()) {
            throw new IllegalArgumentException("gradient: found " + gradient.byteSize() / Float.BYTES
                    + " floats, expected the parameters' " + parameters.length());
        }
    }

    /**
     * Trains from the objective's parameters as they are.
     *
     * @throws IOException if a checkpoint cannot be written; the one before is intact
     * @throws DivergedException if a loss, a gradient or a parameter is not finite
     */
    public TrainingResult run(ProgressListener... listeners) throws IOException {
        return train(false, listeners);
    }

    /**
     * Goes on from the state file. Options must be those of the interrupted run; epochs, steps and patience may have
     * grown.
     *
     * @throws IOException if there is no state file, it is damaged, or of a run with other options, data or model (a
     *     {@link dev.gatun.file.FormatException} that says which), or a checkpoint cannot be written
     * @throws DivergedException if a loss, a gradient or a parameter is not finite
     */
    public TrainingResult resume(ProgressListener... listeners) throws IOException {
        if (stateFile == null) {
            throw new IllegalStateException("this trainer has no state file to resume from");
        }
        if (Files.notExists(stateFile)) {
            throw new NoSuchFileException(
                    stateFile.toString(), null, "there is no training state to resume from; start a new run");
        }
        return train(true, listeners);
    }

    /**
     * Asks the run to end after its current step (or validation), with a checkpoint. Returns at once; any thread may
     * call it.
     */
    public void stop() {
        stopped = true;
    }

    private TrainingResult train(boolean resume, ProgressListener... listeners) throws IOException {
        if (!used.compareAndSet(false, true)) {
            throw new IllegalStateException("this trainer has run already; make a new one");
        }
        try (Context context = Context.of(Isa.BEST, options.threads());
                Arena arena = Arena.ofConfined()) {
            TrainingState state = new TrainingState(objective, options, arena);
            StateFile file = stateFile == null ? null : new StateFile(stateFile, objective, options);
            if (resume && file != null) {
                file.load(state);
            }
            try (DeviceVectors device = objective.stay()) {
                Descent descent = new Descent(context, options, device);
                descent.begin(state);
                Checkpoints checkpoints = new Checkpoints(file, descent, state, resume);
                if (!resume) {
                    checkpoints.save();
                }
                return new TrainingRun(objective, options, state, checkpoints, List.of(listeners), () -> stopped).run();
            }
        }
    }
}
