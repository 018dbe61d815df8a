package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.SamplingRun;

/** The step program: each value computed once. */
final class CachedStepper implements Stepper {
    private final SamplingRun run;
    private final long firstSample;

    /**
     * Streams at their beginning.
     *
     * @param firstSample the number of the first, for their noise
     */
    CachedStepper(SamplingRun run, long firstSample) {
        this.run = run;
        this.firstSample = firstSample;
    }

    @Override
    public void advance(Context context, int positions) {
        run.advance(context, positions);
    }

    @Override
    public int position() {
        return (int) run.position();
    }

    @Override
    public void restart(Context context) {
        run.restart(context, firstSample);
    }
}
