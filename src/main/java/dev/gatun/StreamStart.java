package dev.gatun;

import org.jspecify.annotations.Nullable;

/**
 * A stream to be: the sample that it is, and what is known of it. Its values are those of a {@link Sampler} with the same seed and
 * number under the same condition; after a prefix, those that the model draws when it is given these values.
 *
 * @param seed of the noise, all 64 bits
 * @param sample number of the sample
 * @param length positions until it ends, the prefix included; 0 for the data's own length, or where they have none, no end
 * @param prefix one example of the values of the first positions, in the order of positions; null for none. They are not handed out
 * @param condition one row: a class, or features of frames that are known already, after which the stream ends
 * @param frames features of frames that come while it is on its way; null for none. No other stream can have them
 */
public record StreamStart(
        long seed,
        long sample,
        long length,
        @Nullable Examples prefix,
        Condition condition,
        @Nullable FrameFeed frames) {
    /** Checks the ranges; whether all fits the model is checked when the stream joins. */
    public StreamStart {
        if (length < 0) {
            throw new IllegalArgumentException(
                    "length: found " + length + ", expected at least 1, or 0 for the data's own or no end");
        }
        if (prefix != null && prefix.count() != 1) {
            throw new IllegalArgumentException("prefix: found " + prefix.count() + " examples, expected 1");
        }
        if (prefix != null && length > 0 && prefix.length() > length) {
            throw new IllegalArgumentException(
                    "prefix: found " + prefix.length() + " values, expected at most the length, " + length);
        }
    }

    /** Sample 0 of a seed, from its beginning to its end, without a condition. */
    public static StreamStart seed(long seed) {
        return new StreamStart(seed, 0, 0, null, Condition.none(), null);
    }

    /** This start as another sample of the seed. */
    public StreamStart withSample(long number) {
        return new StreamStart(seed, number, length, prefix, condition, frames);
    }

    /** This start with another length. */
    public StreamStart withLength(long positions) {
        return new StreamStart(seed, sample, positions, prefix, condition, frames);
    }

    /** This start with known values of the first positions. */
    public StreamStart withPrefix(Examples values) {
        return new StreamStart(seed, sample, length, values, condition, frames);
    }

    /** This start under a condition of one row. */
    public StreamStart withCondition(Condition row) {
        return new StreamStart(seed, sample, length, prefix, row, frames);
    }

    /** This start with frames that come while the stream is on its way. */
    public StreamStart withFrames(FrameFeed feed) {
        return new StreamStart(seed, sample, length, prefix, condition, feed);
    }
}
