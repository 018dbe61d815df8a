package dev.gatun;

import dev.gatun.foreign.Context;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Cached steps or forecasts, whichever will take less time as far as can be measured soon: the samples go some cached steps, and
 * one of them is forecast, in windows, until it is done or would take all of them longer than steps do. The values are the same either way.
 */
final class AutoStepper implements Stepper {
    /** Steps whose time is taken, after one that makes caches warm. */
    private static final int STEPS = 4;

    /** Passes after which their pace tells something. */
    private static final int TRIES = 4;

    /** By how much passes must be slower, at their pace, to be given up before they are. */
    private static final double CLEARLY = 1.5;

    private static final double MILLIS = 1e-6;

    private final CachedStepper cached;
    private final Supplier<ForecastStepper> pilot;
    private final Supplier<ForecastStepper> forecasts;
    private final int count;
    private final int length;
    /** Positions that were asked for. */
    private int asked;

    private @Nullable Stepper chosen;
    private long pilotPasses;
    private double pilotWork;
    private String why = "nothing is drawn yet";

    /**
     * A choice to be made when something is drawn.
     *
     * @param pilot forecasts of one of the samples
     * @param forecasts of all
     */
    AutoStepper(
            CachedStepper cached,
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
        int left = length - cached.primed();
        if (left <= 1 + STEPS) {
            why = "so few positions need no choice";
            return cached;
        }
        cached.advance(context, cached.primed() + 1);
        long begin = System.nanoTime();
        cached.advance(context, STEPS);
        double steps = (System.nanoTime() - begin) * MILLIS * left / STEPS;
        ForecastStepper one = pilot.get();
        double passes = 0;
        int made = 0;
        while (!isHopeless(one, passes * count, steps, made)) {
            begin = System.nanoTime();
            boolean more = one.pass(context);
            if (!more) {
                return forecasts(one, made, passes * count, steps);
            }
            passes += (System.nanoTime() - begin) * MILLIS;
            made++;
        }
        pilotPasses = made;
        pilotWork = one.wholePasses();
        why = made + (made == 1 ? " pass" : " passes") + " would take " + millis(passes * count) + " and leave "
                + (length - one.right(0)) + " of " + length + " positions, all steps take " + millis(steps);
        return cached;
    }

    /** Whether passes have taken longer than steps do, or at their pace so far clearly will. */
    private boolean isHopeless(ForecastStepper one, double passes, double steps, int made) {
        return passes > steps || (made >= TRIES && passes / one.right(0) * length > CLEARLY * steps);
    }

    private Stepper forecasts(ForecastStepper one, int made, double passes, double steps) {
        why = made + " passes are enough for the first sample and would take " + millis(passes)
                + " for all, steps take " + millis(steps);
        if (count == 1) {
            return one;
        }
        pilotPasses = made;
        pilotWork = one.wholePasses();
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
    public double wholePasses() {
        return pilotWork + (chosen == null ? 0 : chosen.wholePasses());
    }

    @Override
    public long passes() {
        return pilotPasses + (chosen == null ? 0 : chosen.passes());
    }
}
