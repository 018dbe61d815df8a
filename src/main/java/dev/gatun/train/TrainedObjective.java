package dev.gatun.train;

import dev.gatun.Model;
import java.util.List;

/** An objective that gives its parameters back as a model. */
public interface TrainedObjective extends Objective, AutoCloseable {
    /** A model of the parameters as they are now, computed by the same device. The caller closes it. */
    Model trained();

    /** Memory of the maps of what is computed at once, in bytes; 0 where examples have many lengths. */
    default long mapBytes() {
        return 0;
    }

    /** What computes the products of steps: {@link dev.gatun.TrainingPass#productChoices}. */
    default List<String> productChoices() {
        return List.of();
    }

    /** Gives the memory back; a second time does nothing. */
    @Override
    void close();
}
