package dev.gatun.train;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the state of a run, and only a good one: nothing that is not finite gets into a checkpoint. */
final class Checkpoints {
    private static final System.Logger LOG = System.getLogger("dev.gatun");

    private final @Nullable StateFile file;
    private final Descent descent;
    private final TrainingState state;
    /** The step of what the file holds, -1 if it holds nothing of this run. */
    private long savedStep;

    /**
     * The checkpoints of a run.
     *
     * @param loaded whether the state is what the file holds
     */
    Checkpoints(@Nullable StateFile file, Descent descent, TrainingState state, boolean loaded) {
        this.file = file;
        this.descent = descent;
        this.state = state;
        this.savedStep = loaded ? state.step : -1;
    }

    Descent descent() {
        return descent;
    }

    void save() throws IOException {
        descent.fetch(state);
        for (Map.Entry<String, MemorySegment> vector : state.vectors().entrySet()) {
            int epoch = state.batch == 0 && state.epoch > 0 ? state.epoch : state.epoch + 1;
            double norm = descent.norm(vector.getValue());
            requireFinite("the norm of \"" + vector.getKey() + "\"", norm, epoch, state.step);
        }
        if (file != null) {
            file.save(state);
            savedStep = state.step;
        }
    }

    /**
     * Ends the run where a value is not finite.
     *
     * @param epoch the epoch that made it, 1 for the first
     * @param step the step that made it, 1 for the first
     */
    void requireFinite(String what, double value, int epoch, long step) {
        if (Double.isFinite(value)) {
            return;
        }
        String kept = file == null || savedStep < 0
                ? "no state was kept"
                : file.path() + " keeps the state after step " + savedStep;
        String message =
                "epoch " + epoch + ", step " + step + ": " + what + " is " + value + "; training stops, " + kept;
        throw new DivergedException(message, epoch, step, state.bestEpoch, recover());
    }

    /** Puts the best parameters, or else those of the last checkpoint, in place of the broken ones. */
    private boolean recover() {
        if (state.bestEpoch > 0) {
            state.parameters.copyFrom(state.best);
            return true;
        }
        if (file == null || savedStep < 0) {
            return false;
        }
        try {
            file.load(state);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the last checkpoint cannot be read back", e);
            return false;
        }
        state.parameters.copyFrom(state.evaluated());
        return true;
    }
}
