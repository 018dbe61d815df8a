package dev.gatun;

import dev.gatun.foreign.Context;
import org.jspecify.annotations.Nullable;

/** A whole pass for each position, of some samples after the others, as memory bounds it. */
final class FullStepper implements Stepper {
    private final DrawnPass pass;
    private final Runnable clear;
    private final int first;
    private final int count;
    private final int length;
    private final int[] batch;
    private final boolean @Nullable [] given;
    private int position;
    private long passes;

    /**
     * Samples {@code first .. first + count-1} at their position 0.
     *
     * @param given the positions that are known, null for none
     * @param clear makes the values what they are before anything is drawn
     */
    FullStepper(DrawnPass pass, int first, int count, int length, boolean @Nullable [] given, Runnable clear) {
        this.pass = pass;
        this.first = first;
        this.count = count;
        this.length = length;
        this.given = given;
        this.clear = clear;
        batch = new int[pass.batch()];
    }

    @Override
    public void advance(Context context, int positions) {
        Stepper.check(positions, position, length);
        for (int i = 0; i < positions; i++, position++) {
            if (given == null || !given[pass.order().position(position)]) {
                draw(context);
            }
        }
    }

    private void draw(Context context) {
        for (int from = 0; from < count; from += batch.length) {
            int size = Math.min(batch.length, count - from);
            for (int n = 0; n < size; n++) {
                batch[n] = first + from + n;
            }
            pass.run(batch, size);
            passes += size;
            for (int n = 0; n < size; n++) {
                pass.draw(context, n, batch[n], position);
            }
        }
    }

    @Override
    public int position() {
        return position;
    }

    @Override
    public void restart(Context context) {
        position = 0;
        clear.run();
    }

    @Override
    public long passes() {
        return passes;
    }
}
