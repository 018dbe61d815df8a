package dev.gatun;

import dev.gatun.foreign.Context;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Whole passes over forecasts. All values of a sample that are not known yet are forecast; a pass computes what each is drawn
 * from, given the forecasts before it, and draws it with the noise that is its own. Up to the first draw that differs from its
 * forecast all draws are of right values before them, and so is that one: they are what drawing one after the other gives, to the
 * bit. What else was drawn is the next forecast. At least one position is won by a pass; where neighbours hardly depend on each
 * other, many.
 *
 * <p>This is the fixed-point iteration of Wiggers and Hoogeboom (2020, section 3) and the Jacobi iteration of Song, Meng, Liao and
 * Ermon (2021, section 3).
 */
final class ForecastStepper implements Stepper {
    private final DrawnPass pass;
    private final Runnable clear;
    private final int first;
    private final int length;
    /** Whether samples leave a batch as soon as they are as far as is asked for. */
    private final boolean alone;
    /** Positions that forecasts are made of at a time: blocks, one after the other. */
    private final int block;

    private final boolean @Nullable [] given;
    private final int[] batch;
    /** Places of the chain that are right, of each sample. */
    private final int[] right;

    private int position;
    private long passes;

    /**
     * Samples {@code first .. first + count-1} at their position 0.
     *
     * @param alone whether each goes on by itself; if not, those of a batch stay together until all are done
     * @param block positions that forecasts are made of at a time
     * @param given the positions that are known, null for none
     * @param clear makes the values what they are before anything is drawn: the first forecasts
     */
    ForecastStepper(
            DrawnPass pass,
            int first,
            int count,
            int length,
            boolean alone,
            int block,
            boolean @Nullable [] given,
            Runnable clear) {
        this.pass = pass;
        this.first = first;
        this.length = length;
        this.alone = alone;
        this.block = block;
        this.given = given;
        this.clear = clear;
        batch = new int[pass.batch()];
        right = new int[count];
    }

    @Override
    public void advance(Context context, int positions) {
        Stepper.check(positions, position, length);
        position += positions;
        int size = choose();
        while (size > 0) {
            round(context, size);
            size = choose();
        }
    }

    /** One pass of the next samples that are not done, whatever was asked for; whether there was one. */
    boolean pass(Context context) {
        int asked = position;
        position = length;
        int size = choose();
        position = asked;
        if (size > 0) {
            round(context, size);
        }
        return size > 0;
    }

    /** Puts samples that are not as far as is asked for into the batch; how many. */
    private int choose() {
        int size = 0;
        if (alone) {
            for (int n = 0; n < right.length && size < batch.length; n++) {
                if (right[n] < position) {
                    batch[size++] = n;
                }
            }
            return size;
        }
        for (int from = 0; from < right.length; from += batch.length) {
            int end = Math.min(from + batch.length, right.length);
            if (Arrays.stream(right, from, end).min().orElse(length) < position) {
                for (int n = from; n < end; n++) {
                    batch[size++] = n;
                }
                return size;
            }
        }
        return 0;
    }

    private void round(Context context, int size) {
        int begin = length;
        for (int n = 0; n < size; n++) {
            begin = Math.min(begin, right[batch[n]]);
            batch[n] += first;
        }
        int end = (int) Math.min((begin / block + 1L) * block, length);
        pass.run(context, batch, size);
        passes += size;
        for (int n = 0; n < size; n++) {
            int sample = batch[n] - first;
            right[sample] = drawAll(context, n, batch[n], right[sample], end);
        }
    }

    /** Draws a sample's places; how many are right. */
    private int drawAll(Context context, int n, int sample, int from, int end) {
        int certain = from;
        boolean asForecast = true;
        boolean changed = false;
        for (int place = from; place < end; place++) {
            // The channels of a pixel are drawn from outputs of the pixels before it, and each given the others as
            // drawn now.
            if (place % pass.channels() == 0) {
                asForecast &= !changed;
            }
            if (given == null || !given[pass.order().position(place)]) {
                changed |= pass.draw(context, n, sample, place);
            }
            certain = asForecast ? place + 1 : certain;
        }
        return certain;
    }

    /** Places of a sample that are right. */
    int right(int sample) {
        return right[sample];
    }

    @Override
    public int position() {
        return position;
    }

    @Override
    public void restart(Context context) {
        position = 0;
        Arrays.fill(right, 0);
        clear.run();
    }

    @Override
    public long passes() {
        return passes;
    }
}
