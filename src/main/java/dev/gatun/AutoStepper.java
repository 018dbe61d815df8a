package dev.gatun;

import dev.gatun.foreign.Context;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Cached steps or forecasts, whichever will take less time as far as can be measured soon: the samples go some cached steps, and
 * one of them is forecast, until it is done or would take all of them longer than steps do. The values are the same either way.
 */
final class AutoStepper implements Stepper {
    /** Steps whose time is taken, after one that makes caches warm. */
    private static final int STEPS = 4;

    private static final double MILLIS = 1e-6;

    private final Stepper cached;
    private final Supplier<ForecastStepper> pilot;
    private final Supplier<ForecastStepper> forecasts;
    private final int count;
    private final int length;
    /** Positions that were asked for. */
    private int asked;

    private @Nullable Stepper chosen;
    private long pilotPasses;
    private String why = "nothing is drawn yet";

    /**
     * A choice to be made when something is drawn.
     *
     * @param pilot forecasts of one of the samples
     * @param forecasts of all
     */
    AutoStepper(
            Stepper cached,
            Supplier<ForecastStepper> pilot,
            Supplier<ForecastStepper> forecasts,
            int count,
            int length) {
        this.cached = cached;
        this.pilot = pilot;
        this.forecasts = forecasts;
        this.count = count;
        this.length = length;
    }

    @Override
    public void advance(Context context, int positions) {
        Stepper.check(positions, asked, length);
        if (chosen == null && positions > 0) {
            chosen = choose(context);
        }
        asked += positions;
        if (chosen != null) {
            // Steps that were measured may be more than were asked for; these are there already.
            chosen.advance(context, Math.max(0, asked - chosen.position()));
        }
    }

    private Stepper choose(Context context) {
        if (length <= 1 + STEPS) {
            why = "so few positions need no choice";
            return cached;
        }
        cached.advance(context, 1);
        long begin = System.nanoTime();
        cached.advance(context, STEPS);
        double steps = (System.nanoTime() - begin) * MILLIS * length / STEPS;
        ForecastStepper one = pilot.get();
        double passes = 0;
        int made = 0;
        while (passes * count <= steps) {
            begin = System.nanoTime();
            boolean more = one.pass(context);
            if (!more) {
                return forecasts(made, passes * count, steps);
            }
            passes += (System.nanoTime() - begin) * MILLIS;
            made++;
        }
        pilotPasses = made;
        why = made + (made == 1 ? " pass" : " passes") + " would take " + millis(passes * count) + " and leave "
                + (length - one.right(0)) + " of " + length + " positions, all steps take " + millis(steps);
        return cached;
    }

    private Stepper forecasts(int made, double passes, double steps) {
        pilotPasses = made;
        why = made + " passes are enough for the first sample and would take " + millis(passes)
                + " for all, steps take " + millis(steps);
        return forecasts.get();
    }

    private static String millis(double time) {
        return Math.round(time * 10) / 10.0 + " ms";
    }

    /** What was measured, in words. */
    String why() {
        return why;
    }

    /** Whether forecasts were chosen. */
    boolean forecasting() {
        return chosen instanceof ForecastStepper;
    }

    @Override
    public int position() {
        return asked;
    }

    @Override
    public void restart(Context context) {
        asked = 0;
        if (chosen == null) {
            cached.restart(context);
        } else {
            chosen.restart(context);
        }
    }

    @Override
    public long passes() {
        return pilotPasses + (chosen == null ? 0 : chosen.passes());
    }
}
