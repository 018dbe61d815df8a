package dev.gatun.train;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the state of a run, and only a good one: nothing that is not finite gets into a checkpoint. */
final class Checkpoints {
    private final @Nullable StateFile file;
    private final Descent descent;
    private final TrainingState state;
    private long savedStep;

    Checkpoints(@Nullable StateFile file, Descent descent, TrainingState state) {
        this.file = file;
        this.descent = descent;
        this.state = state;
        this.savedStep = state.step;
    }

    Descent descent() {
        return descent;
    }

    void save() throws IOException {
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
        String kept = file == null ? "no state was kept" : file.path() + " keeps the state after step " + savedStep;
        throw new DivergedException(
                "epoch " + epoch + ", step " + step + ": " + what + " is " + value + "; training stops, " + kept,
                epoch,
                step,
                state.bestEpoch);
    }
}
