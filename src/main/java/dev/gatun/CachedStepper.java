package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.SamplingRun;
import org.jspecify.annotations.Nullable;

/** The step program: each value computed once, those of known first positions all at once. */
final class CachedStepper implements Stepper {
    private final SamplingRun run;
    private final long firstSample;
    private final int streams;
    private final @Nullable Primer primer;
    /** Positions that were asked for: at the known first ones, less than the program has gone. */
    private int position;

    /**
     * Streams at their beginning.
     *
     * @param firstSample the number of the first, for their noise
     * @param primer what takes them past the first positions, or null
     */
    CachedStepper(SamplingRun run, long firstSample, int streams, @Nullable Primer primer) {
        this.run = run;
        this.firstSample = firstSample;
        this.streams = streams;
        this.primer = primer;
    }

    @Override
    public void advance(Context context, int positions) {
        if (primer == null) {
            run.advance(context, positions);
            position += positions;
            return;
        }
        int end = position + Math.max(0, positions);
        if (positions > 0 && run.position() < primer.positions()) {
            primer.prime(context, run, streams);
        }
        // Checks what was asked for, and does nothing at the known positions.
        run.advance(context, positions < 0 ? positions : Math.max(0, end - (int) run.position()));
        position = end;
    }

    /** Positions whose values are known and computed all at once. */
    int primed() {
        return primer == null ? 0 : primer.positions();
    }

    @Override
    public int position() {
        return position;
    }

    @Override
    public void restart(Context context) {
        position = 0;
        run.restart(context, firstSample);
    }
}
