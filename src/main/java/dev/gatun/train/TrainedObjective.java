package dev.gatun.train;

import dev.gatun.Model;

/** An objective that gives its parameters back as a model. */
public interface TrainedObjective extends Objective, AutoCloseable {
    /** A model of the parameters as they are now, computed by the same device. The caller closes it. */
    Model trained();

    /** Gives the memory back; a second time does nothing. */
    @Override
    void close();
}
