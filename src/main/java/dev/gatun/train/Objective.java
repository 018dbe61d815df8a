package dev.gatun.train;

import dev.gatun.DeviceVectors;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Trainer} needs of a model and its data: parameters, the mean negative log-likelihood of some training
 * examples with its gradient, and that of the validation examples. One thread uses it, the one that runs the trainer.
 */
public interface Objective {
    /** The parameters. The trainer writes to them between calls; a call works with what they hold when it begins. */
    Parameters parameters();

    /**
     * The gradient, with the layout of {@link Parameters#all()} and its zeros between tensors; native memory. The
     * trainer may change it between calls.
     */
    MemorySegment gradient();

    /**
     * Leaves the parameters, the gradient and what is {@link #carried} where a device computes, until what comes back is closed;
     * the trainer then makes its steps there. Null, which is what it is where nothing else is said, where they lie in this machine's memory.
     */
    default @Nullable DeviceVectors stay() {
        return null;
    }

    /** The number of training examples, at least 1. */
    int trainingExamples();

    /** The number of validation examples; 0 where there is no such split. */
    int validationExamples();

    /** The number of positions of an example, for bits per dimension. */
    int dimensions();

    /**
     * What a state file must have in common with this objective for a run to be resumed from it, by name: a
     * fingerprint of the data, the model's configuration.
     */
    SequencedMap<String, String> identity();

    /**
     * What steps hand on to the next besides the parameters, by name: it belongs into a state file, from which a resumed run
     * reads it back. Native memory, float32 and finite.
     */
    default SequencedMap<String, MemorySegment> carried() {
        return Collections.emptySortedMap();
    }

    /**
     * The mean of {@code -ln p} over training examples, in nats, and its gradient, which replaces what
     * {@link #gradient()} held.
     *
     * @param examples numbers of training examples, from 0, at least one
     * @param step the number of the step, from 0. If anything is drawn, it must depend on this alone and not on earlier
     *     calls but through what is {@link #carried}: a resumed run starts in the middle
     */
    double lossAndGradient(int[] examples, long step);

    /** The mean of {@code -ln p} over all validation examples, in nats; there is at least one. */
    double validationLoss();
}
