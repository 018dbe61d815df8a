package dev.gatun.train;

/**
 * How the learning rate changes during training, as torch's schedulers of these names have it. Time t counts from 0, in
 * epochs or in steps.
 */
public sealed interface Schedule {
    /** What time is counted in. */
    enum Unit {
        /** Passes over the training examples. */
        EPOCHS,
        /** Optimiser steps. */
        STEPS
    }

    /**
     * The learning rate of a step.
     *
     * @param base the optimiser's learning rate
     * @param epoch complete epochs before this step
     * @param step complete steps before this one
     */
    double rate(double base, int epoch, long step);

    /** The learning rate never changes. */
    record Constant() implements Schedule {
        @Override
        public double rate(double base, int epoch, long step) {
            return base;
        }
    }

    /**
     * {@code base * gamma^floor(t / every)}: torch's StepLR.
     *
     * @param every at least 1
     * @param gamma above 0
     */
    record Step(long every, double gamma, Unit unit) implements Schedule {
        /** Checks the settings. */
        public Step {
            Ranges.atLeast("schedule: every", every, 1);
            Ranges.positive("schedule: gamma", gamma);
        }

        @Override
        public double rate(double base, int epoch, long step) {
            long times = time(unit, epoch, step) / every;
            return base * StrictMath.pow(gamma, (double) times);
        }
    }

    /**
     * Half a cosine from the base rate down to {@code floor} at t = {@code total}: torch's CosineAnnealingLR up to
     * there; afterwards the rate stays at the floor.
     *
     * @param total at least 1
     * @param floor 0 or more
     */
    record Cosine(long total, double floor, Unit unit) implements Schedule {
        /** Checks the settings. */
        public Cosine {
            Ranges.atLeast("schedule: total", total, 1);
            Ranges.notNegative("schedule: floor", floor);
        }

        @Override
        public double rate(double base, int epoch, long step) {
            long t = Math.min(total, time(unit, epoch, step));
            // StrictMath: a resumed run, maybe on another machine, must see the same rate.
            return floor + (base - floor) * (1 + StrictMath.cos(Math.PI * t / total)) / 2;
        }
    }

    /**
     * {@code base * gamma^t}: torch's ExponentialLR.
     *
     * @param gamma above 0
     */
    record Exponential(double gamma, Unit unit) implements Schedule {
        /** Checks the settings. */
        public Exponential {
            Ranges.positive("schedule: gamma", gamma);
        }

        @Override
        public double rate(double base, int epoch, long step) {
            return base * StrictMath.pow(gamma, (double) time(unit, epoch, step));
        }
    }

    /**
     * A schedule that is led in: the rate grows evenly over the first steps, from its {@code steps}-th part on. Time of the
     * schedule goes on meanwhile.
     *
     * @param steps at least 1
     */
    record Warmup(long steps, Schedule then) implements Schedule {
        /** Checks the settings. */
        public Warmup {
            Ranges.atLeast("schedule: warm-up steps", steps, 1);
        }

        @Override
        public double rate(double base, int epoch, long step) {
            double part = Math.min(1, (step + 1.0) / steps);
            return part * then.rate(base, epoch, step);
        }
    }

    private static long time(Unit unit, int epoch, long step) {
        return unit == Unit.EPOCHS ? epoch : step;
    }
}
