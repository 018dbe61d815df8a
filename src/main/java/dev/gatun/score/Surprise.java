package dev.gatun.score;

import dev.gatun.Condition;
import dev.gatun.Conditionals;
import dev.gatun.Model;

/**
 * How unexpected the values of a sequence are while they arrive: {@code -ln p} of each given all before it, in nats, for alarms.
 * A value costs what a step of cached sampling does, however many came before it. One thread's, as {@link Conditionals} are.
 *
 * <p>Nats of levels come from integer frequencies, exact to some 2^-31 of probability, so that they end at 22 for levels that the
 * model holds for impossible; those of reals are densities and may be below 0.
 */
public final class Surprise implements AutoCloseable {
    private static final double HALF_LN_TWO_PI = Math.log(2 * Math.PI) / 2;

    private final Conditionals walk;
    private final boolean real;
    private final int levels;
    private final float[] outputs;

    /**
     * A sequence of which nothing has arrived.
     *
     * @param most values that will arrive at most: the data's own length, or any where they have none; four bytes and a mark are
     *     kept of each
     * @param condition of one row, or none
     * @throws IllegalArgumentException as {@link Model#conditionals} has it
     */
    public Surprise(Model model, int most, Condition condition) {
        walk = model.conditionals(1, most, condition);
        levels = model.config().data().levels();
        real = levels == 0;
        outputs = new float[walk.outputCount()];
    }

    /** How many values have arrived. */
    public int arrived() {
        return walk.taken();
    }

    /**
     * Takes the next value.
     *
     * @return its nats
     * @throws IllegalArgumentException if it is no level of the model's data, which may be reals; it has not arrived then
     * @throws IllegalStateException if all have arrived
     */
    public double arrive(int level) {
        if (real || level < 0 || level >= levels) {
            throw new IllegalArgumentException(
                    "value: found level " + level + ", expected " + (real ? "a real" : "0 to " + (levels - 1)));
        }
        double nats = -Math.log(walk.level(0).probability(level));
        walk.take(level);
        return nats;
    }

    /**
     * As {@link #arrive(int)}, of a real; the nats of its density.
     *
     * @throws IllegalArgumentException if it is not finite, or the model's data are levels
     */
    public double arrive(float value) {
        if (!real || !Float.isFinite(value)) {
            throw new IllegalArgumentException(
                    "value: found " + value + ", expected " + (real ? "a finite number" : "a level"));
        }
        walk.outputs(0, outputs, 0); // mean and ln of the deviation
        double away = (value - (double) outputs[0]) * Math.exp(-outputs[1]);
        walk.take(value);
        return away * away / 2 + outputs[1] + HALF_LN_TWO_PI;
    }

    /** Gives its memory back; a second time does nothing. */
    @Override
    public void close() {
        walk.close();
    }
}
