package dev.gatun;

import dev.gatun.foreign.Context;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Cached steps or forecasts, whichever will take less time as far as can be measured soon: the samples go some cached steps, and
 * one of them is forecast, in windows, until it is done or would take all of them longer than steps do. On a device, where many samples take
 * hardly longer than one, all are forecast. The values are the same either way.
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
    private final int tried;
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
     * @param pilot forecasts of the samples that are tried
     * @param forecasts of all
     * @param tried how many are: the first one, or all
     */
    AutoStepper(
            CachedStepper cached,
            Supplier<ForecastStepper> pilot,
            Supplier<ForecastStepper> forecasts,
            int tried,
            int count,
            int length) {
        this.cached = cached;
        this.pilot = pilot;
        this.forecasts = forecasts;
        this.tried = tried;
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
        ForecastStepper forecast = pilot.get();
        int made = 0;
        long began = 0;
        double passes = 0;
        while (!isHopeless(forecast, passes, steps, made)) {
            if (!forecast.pass(context)) {
                return forecasts(forecast, made, passes, steps);
            }
            // The first pass makes ready what the others use, and is taken to be as long as these. What a device has
            // written down is there for whatever is drawn next.
            made++;
            long now = System.nanoTime() - forecast.preparing();
            began = made == 1 ? now : began;
            passes = allPasses(now - began, made);
        }
        pilotPasses = forecast.passes();
        pilotWork = forecast.wholePasses();
        why = count(made) + " would take " + millis(passes) + " and leave " + (length - forecast.right()) + " of "
                + length + " positions, all steps take " + millis(steps);
        return cached;
    }

    /** What so many passes would take for all samples, as those behind the first did. */
    private double allPasses(long took, int made) {
        return made == 1 ? 0 : took * MILLIS * made / (made - 1) * count / tried;
    }

    /** Whether passes have taken longer than steps do, or at their pace so far clearly will. */
    private boolean isHopeless(ForecastStepper forecast, double passes, double steps, int made) {
        int won = forecast.right() - forecast.known();
        int all = length - forecast.known();
        return passes > steps || (made >= TRIES && passes / won * all > CLEARLY * steps);
    }

    private Stepper forecasts(ForecastStepper forecast, int made, double passes, double steps) {
        why = count(made) + (made == 1 ? " is" : " are") + " enough for "
                + (tried == count ? "all" : "the first sample") + " and would take " + millis(passes)
                + " for all, steps take " + millis(steps);
        if (tried == count) {
            return forecast;
        }
        pilotPasses = forecast.passes();
        pilotWork = forecast.wholePasses();
        return forecasts.get();
    }

    private static String count(int passes) {
        return passes + (passes == 1 ? " pass" : " passes");
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
