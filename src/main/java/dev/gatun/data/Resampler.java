package dev.gatun.data;

import java.io.IOException;

/**
 * Brings a sound from one rate to another, streaming: a polyphase filter, the sinc function under a Kaiser window.
 *
 * <p>The design, in units of the lower of the two rates, r: the sinc reaches {@value #ZEROS} zero crossings to either side, so it
 * is 2·{@value #ZEROS} samples of the lower rate long; the window's β is {@value #BETA}, for a stop band of 90 dB (Kaiser's
 * formula: 0.1102 (90 - 8.7)); that makes a transition band of (90 - 7.95) / (14.36 · 2·{@value #ZEROS}) = 0.0446 r, which ends
 * at r / 2: the cut-off (-6 dB) is at {@value #CUTOFF} r. So up to 0.455 r a tone passes with less than 0.001 dB of ripple, and what
 * is above 0.5 r, which would fold back, is below -90 dB. Every phase of the filter sums to 1, so that silence and constants stay
 * what they are. There is no delay: output sample n is at the time n / out of the input, of which nothing before its beginning
 * and after its end is heard. For one thread.
 */
final class Resampler {
    static final int ZEROS = 64;
    static final double BETA = 8.959;
    static final double CUTOFF = 0.4777;

    /** Filters of more numbers are not kept but computed again for each sample: odd pairs of rates, such as 44,101 to 8,000. */
    private static final long MOST_KEPT = 1L << 23;

    private static final int SERIES_TERMS = 60;

    /** Takes samples. */
    interface Sink {
        void sample(float value) throws IOException;
    }

    private final long up;
    private final long down;
    /** Half the filter's length, in input samples. */
    private final double reach;

    private final int taps;
    private final double scale;
    private final float[][] phases;
    private final float[] scratch;
    private final Sink sink;
    /** The last input samples, in a ring. */
    private final float[] ring;

    private long taken;
    private long made;
    /** How many outputs there are, once the input has ended. */
    private long limit = Long.MAX_VALUE;

    /**
     * A filter.
     *
     * @param in samples a second that come
     * @param out samples a second that are wanted
     * @param sink takes them
     */
    Resampler(int in, int out, Sink sink) {
        long divisor = gcd(in, out);
        this.up = out / divisor;
        this.down = in / divisor;
        this.sink = sink;
        this.scale = Math.min(1, (double) out / in);
        this.reach = ZEROS / scale;
        this.taps = 2 * (int) Math.ceil(reach);
        this.phases = up * taps <= MOST_KEPT ? new float[(int) up][] : new float[0][];
        this.scratch = new float[taps];
        this.ring = new float[taps];
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    /** Takes samples of the input, and hands on those of the output that depend on no later ones. */
    void put(float[] samples, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            put(samples[i]);
        }
    }

    /** Hands on what is left: the output is as long as the input, to a sample. */
    void end() throws IOException {
        limit = Math.ceilDiv(Math.multiplyExact(taken, up), down);
        while (made < limit) {
            put(0);
        }
    }

    private void put(float sample) throws IOException {
        ring[(int) (taken % taps)] = sample;
        taken++;
        // Output n lies at n * down / up; it needs the inputs up to its whole part + taps / 2.
        while (made < limit && made * down / up + taps / 2 < taken) {
            sink.sample(output(made * down / up, made * down % up));
            made++;
        }
    }

    private float output(long centre, long phase) {
        float[] filter = filter((int) phase);
        double sum = 0;
        for (int k = 0; k < taps; k++) {
            long at = centre - taps / 2 + 1 + k;
            if (at >= 0) {
                sum += (double) filter[k] * ring[(int) (at % taps)];
            }
        }
        return (float) sum;
    }

    private float[] filter(int phase) {
        if (phases.length == 0) {
            return compute(phase, scratch);
        }
        if (phases[phase] == null) {
            phases[phase] = compute(phase, new float[taps]);
        }
        return phases[phase];
    }

    /** The filter of outputs that lie so many times 1 / up behind an input. */
    private float[] compute(int phase, float[] filter) {
        double[] exact = new double[taps];
        double sum = 0;
        for (int k = 0; k < taps; k++) {
            exact[k] = kernel(k - taps / 2 + 1 - (double) phase / up);
            sum += exact[k];
        }
        for (int k = 0; k < taps; k++) {
            filter[k] = (float) (exact[k] / sum);
        }
        return filter;
    }

    /** The windowed sinc at a distance in input samples, up to a factor. */
    private double kernel(double distance) {
        double part = distance / reach;
        if (Math.abs(part) >= 1) {
            return 0;
        }
        double angle = Math.PI * 2 * CUTOFF * scale * distance;
        double sinc = angle == 0 ? 1 : Math.sin(angle) / angle;
        return sinc * bessel(BETA * Math.sqrt(1 - part * part));
    }

    /** The modified Bessel function of order 0, by its series. */
    private static double bessel(double x) {
        double term = 1;
        double sum = 1;
        for (int k = 1; k < SERIES_TERMS; k++) {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }
        return sum;
    }
}
