package dev.gatun.train;

import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;

/** Everything that changes during training: what a state file holds. Memory belongs to the arena of the run. */
final class TrainingState {
    /** The model's parameters. */
    final MemorySegment parameters;
    /** The running average of them, or empty. */
    final MemorySegment average;
    /** The optimiser's running states, or empty where it has none. */
    final MemorySegment first;

    final MemorySegment second;
    /** The parameters of the best validation, or empty where nothing is validated. */
    final MemorySegment best;
    /** What the objective hands from step to step, by its names. */
    final SequencedMap<String, MemorySegment> carried;

    /** Complete epochs. */
    int epoch;
    /** Complete batches of the running epoch; all of them when it was stopped before its validation. */
    int batch;
    /** Complete steps. */
    long step;
    /** Sums over the running epoch: nats of all its examples so far, and the norms of its gradients. */
    double lossSum;

    double normSum;
    /** Training loss of the last complete epoch. */
    double trainNats = Double.NaN;
    /** 0 before the first validation. */
    int bestEpoch;

    double bestNats = Double.NaN;
    /** Time spent on steps in the running epoch, and altogether. */
    double epochSeconds;

    double seconds;

    TrainingState(Objective objective, TrainerOptions options, Arena arena) {
        Parameters all = objective.parameters();
        var settings = Descent.settings(options.optimizer());
        parameters = all.all();
        average = allocate(options.emaDecay() > 0 || options.averageFrom() > 0, arena);
        first = allocate(settings.usesFirst(), arena);
        second = allocate(settings.usesSecond(), arena);
        best = allocate(objective.validationExamples() > 0, arena);
        carried = objective.carried();
        average.copyFrom(average.byteSize() == 0 ? MemorySegment.NULL : parameters);
    }

    private MemorySegment allocate(boolean used, Arena arena) {
        return used ? arena.allocate(parameters.byteSize(), 64) : MemorySegment.NULL;
    }

    boolean averages() {
        return average.byteSize() > 0;
    }

    /** The parameters that validation and the result use. */
    MemorySegment evaluated() {
        return averages() ? average : parameters;
    }

    /** The vectors in use that each step changes. */
    List<MemorySegment> stepped() {
        return Stream.concat(Stream.of(parameters, average, first, second), carried.values().stream())
                .filter(vector -> vector.byteSize() > 0)
                .toList();
    }

    /** The vectors in use, by their names in the state file. */
    SequencedMap<String, MemorySegment> vectors() {
        SequencedMap<String, MemorySegment> vectors = new LinkedHashMap<>();
        vectors.put("parameters", parameters);
        vectors.put("average", average);
        vectors.put("optimizer.first", first);
        vectors.put("optimizer.second", second);
        vectors.put("best", best);
        carried.forEach((name, vector) -> vectors.put("carried." + name, vector));
        vectors.values().removeIf(vector -> vector.byteSize() == 0);
        return vectors;
    }
}
