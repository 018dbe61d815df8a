package dev.gatun;

import dev.gatun.foreign.Context;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Passes over forecasts. Values of a sample that are not known yet are forecast; a pass computes what each is drawn
 * from, given the forecasts before it, and draws it with the noise that is its own. Up to the first draw that differs from its
 * forecast all draws are of right values before them, and so is that one: they are what drawing one after the other gives, to the
 * bit. What else was drawn is the next forecast. At least one position is won by a pass; where neighbours hardly depend on each
 * other, many.
 *
 * <p>This is the fixed-point iteration of Wiggers and Hoogeboom (2020, section 3) and the Jacobi iteration of Song, Meng, Liao and
 * Ermon (2021, section 3).
 */
final class ForecastStepper implements Stepper {
    /** Places that a window has at first, beyond those that are right. */
    private static final int WINDOW = 16;

    private final DrawnPass pass;
    private final Runnable clear;
    private final int first;
    private final int length;
    private final Ahead ahead;
    /** Places that are known before the first that is not. */
    private final int known;

    private final boolean @Nullable [] given;
    /** The sample at each place of a batch, below 0 for none. */
    private final int[] batch;
    /** Places of the chain that are right, of each sample. */
    private final int[] right;
    /** The first place whose value is another than in the sample's last pass. */
    private final int[] changed;
    /** How many places are forecast and drawn at a time, of each sample by itself. */
    private final int[] window;

    private int position;
    private long passes;

    /**
     * Samples {@code first .. first + count-1} at their position 0.
     *
     * @param given the positions that are known, null for none
     * @param clear makes the values what they are before anything is drawn: the first forecasts
     */
    ForecastStepper(
            DrawnPass pass, int first, int count, int length, Ahead ahead, boolean @Nullable [] given, Runnable clear) {
        this.pass = pass;
        this.first = first;
        this.length = length;
        this.ahead = ahead;
        this.given = given;
        this.clear = clear;
        known = known(pass, given, length);
        batch = new int[pass.batch()];
        right = new int[count];
        changed = new int[count];
        window = new int[count];
        begin();
    }

    private static int known(DrawnPass pass, boolean @Nullable [] given, int length) {
        int known = 0;
        while (given != null && known < length && given[pass.order().position(known)]) {
            known++;
        }
        // Those of a pixel are drawn together.
        return known / pass.channels() * pass.channels();
    }

    private void begin() {
        Arrays.fill(batch, -1);
        Arrays.fill(right, known);
        Arrays.fill(changed, 0);
        Arrays.fill(window, WINDOW);
        pass.restart();
    }

    @Override
    public void advance(Context context, int positions) {
        Stepper.check(positions, position, length);
        position += positions;
        while (choose()) {
            round(context);
        }
    }

    /** One pass of the next samples that are not done, whatever was asked for; whether there was one. */
    boolean pass(Context context) {
        int asked = position;
        position = length;
        boolean more = choose();
        position = asked;
        if (more) {
            round(context);
        }
        return more;
    }

    /** Puts samples that are not as far as is asked for into the batch; whether there are any. */
    private boolean choose() {
        boolean byThemselves = ahead.alone() && !pass.inLockStep();
        return byThemselves ? chooseAlone() : chooseTogether();
    }

    /** Who is not done keeps its place, where its maps are. */
    private boolean chooseAlone() {
        int next = 0;
        boolean any = false;
        boolean all = right.length <= batch.length;
        for (int n = 0; n < batch.length; n++) {
            if (all) {
                batch[n] = n < right.length && right[n] < position ? n : -1;
            } else if (batch[n] < 0 || right[batch[n]] >= position) {
                while (next < right.length && (right[next] >= position || isInBatch(next))) {
                    next++;
                }
                batch[n] = next < right.length ? next : -1;
            }
            any |= batch[n] >= 0;
        }
        return any;
    }

    private boolean isInBatch(int sample) {
        return Arrays.stream(batch).anyMatch(other -> other == sample);
    }

    private boolean chooseTogether() {
        for (int from = 0; from < right.length; from += batch.length) {
            int end = Math.min(from + batch.length, right.length);
            if (Arrays.stream(right, from, end).min().orElse(length) < position) {
                for (int n = 0; n < batch.length; n++) {
                    batch[n] = from + n < end ? from + n : -1;
                }
                return true;
            }
        }
        return false;
    }

    private void round(Context context) {
        int begin = length;
        for (int sample : batch) {
            begin = sample < 0 ? begin : Math.min(begin, right[sample]);
        }
        int end = (int) Math.min((begin / ahead.block() + 1L) * ahead.block(), length);
        if (pass.inLockStep()) {
            end = pass.runTogether(samples(), begin, leastChanged());
        } else if (!pass.inWindows()) {
            pass.run(samples(), (int)
                    Arrays.stream(batch).filter(sample -> sample >= 0).count());
        }
        for (int n = 0, row = 0; n < batch.length; n++) {
            if (batch[n] >= 0) {
                draw(context, pass.inWindows() ? n : row, batch[n], end);
                row++;
                passes++;
            }
        }
    }

    private int leastChanged() {
        return Arrays.stream(batch)
                .filter(sample -> sample >= 0)
                .map(sample -> changed[sample])
                .min()
                .orElse(length);
    }

    /** The samples of the batch, by their numbers among all. */
    private int[] samples() {
        return Arrays.stream(batch)
                .filter(sample -> sample >= 0)
                .map(sample -> first + sample)
                .toArray();
    }

    /** Draws a sample's next places, in windows of its own after a pass over them; none where it is farther than the others. */
    private void draw(Context context, int n, int sample, int blockEnd) {
        int from = right[sample];
        int end = blockEnd;
        if (ahead.alone() && pass.inWindows()) {
            end = Math.min(end, pass.end((int) Math.min((long) from + window[sample], length)));
        }
        if (pass.inWindows()) {
            pass.runWindow(context, n, first + sample, changed[sample], pass.end(end));
        }
        right[sample] = drawAll(context, n, sample, from, end);
        if (from < end) {
            pass.forecast(context, n, first + sample, right[sample], given);
        }
        int won = right[sample] - from;
        // About twice as far as forecasts hold: farther ahead nearly all are wrong, and computed again.
        window[sample] = right[sample] == end ? Math.min(2 * window[sample], length) : 2 * won;
    }

    /** Draws a sample's places; how many are right. */
    private int drawAll(Context context, int n, int sample, int from, int end) {
        int certain = from;
        int firstChanged = end;
        boolean asForecast = true;
        for (int place = from; place < end; place++) {
            // The channels of a pixel are drawn from outputs of the pixels before it, and each given the others as
            // drawn now.
            if (place % pass.channels() == 0) {
                asForecast &= firstChanged == end;
            }
            boolean known = given != null && given[pass.order().position(place)];
            if (!known && pass.draw(context, n, first + sample, place)) {
                firstChanged = Math.min(firstChanged, place);
            }
            certain = asForecast ? place + 1 : certain;
        }
        changed[sample] = firstChanged;
        return certain;
    }

    /** Places that were known before anything was drawn. */
    int known() {
        return known;
    }

    /** How long a device's passes were written down so far, in nanoseconds. */
    long preparing() {
        return pass.preparing();
    }

    /** Places that are right of every sample. */
    int right() {
        return Arrays.stream(right).min().orElse(length);
    }

    @Override
    public int position() {
        return position;
    }

    @Override
    public void restart(Context context) {
        position = 0;
        begin();
        clear.run();
    }

    @Override
    public double wholePasses() {
        return pass.wholePasses();
    }

    @Override
    public long passes() {
        return passes;
    }
}
