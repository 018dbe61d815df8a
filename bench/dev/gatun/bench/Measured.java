package dev.gatun.bench;

import dev.gatun.profile.Ceilings;
import dev.gatun.profile.Html;

/**
 * What one benchmark came to.
 *
 * @param what was run
 * @param seconds of a call
 * @param gigaFlops of a call, 0 if it counts none
 * @param gigaBytes of a call that have to be read and written, 0 if it counts none
 * @param onednn seconds of a call of oneDNN for the same, 0 if that was not measured
 */
record Measured(Selection.Case what, int threads, double seconds, double gigaFlops, double gigaBytes, double onednn) {
    Measured withOnednn(double other) {
        return new Measured(what, threads, seconds, gigaFlops, gigaBytes, other);
    }

    String name() {
        return what.name();
    }

    /** oneDNN's time and how many times ours it is, or nothing. */
    String beside() {
        return onednn == 0 ? "" : "%s (%.2f x)".formatted(Html.time(onednn), onednn / seconds);
    }

    /** Whether it says what it has to do, so that it has a share of the limit. */
    boolean counted() {
        return gigaFlops + gigaBytes > 0;
    }

    /** GFLOP/s. */
    double rate() {
        return gigaFlops / seconds;
    }

    /** GB/s. */
    double byteRate() {
        return gigaBytes / seconds;
    }

    /** The share of what the machine does at most. */
    double share(Ceilings ceilings) {
        return ceilings.leastSeconds(1e9 * gigaFlops, 1e9 * gigaBytes, 1e9 * gigaBytes) / seconds;
    }

    /** FLOPs for a byte. */
    double intensity() {
        return gigaFlops / gigaBytes;
    }

    String time() {
        return Html.time(seconds);
    }
}
