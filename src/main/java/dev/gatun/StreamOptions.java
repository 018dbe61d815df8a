package dev.gatun;

/**
 * What the streams of a {@link StreamSampler} share.
 *
 * @param streams places: how many can be on their way at once, at least 1
 * @param chunk the most positions that a stream goes on at once, at least 1
 * @param temperature above 0; 1 samples from the model
 * @param mode the mode of each position in place of a draw
 */
public record StreamOptions(int streams, int chunk, float temperature, boolean mode) {
    private static final int DEFAULT_CHUNK = 64;

    /** Checks the ranges. */
    public StreamOptions {
        if (streams < 1 || chunk < 1 || (long) streams * chunk > Batches.MOST_VALUES) {
            throw new IllegalArgumentException("streams: found " + streams + " places for chunks of " + chunk
                    + " positions, expected at least 1 and at most " + Batches.MOST_VALUES + " values");
        }
        if (!(temperature > 0) || Float.isInfinite(temperature)) {
            throw new IllegalArgumentException("temperature: found " + temperature + ", expected a number above 0");
        }
    }

    /** So many places, chunks of at most 64 positions, temperature 1. */
    public static StreamOptions places(int streams) {
        return new StreamOptions(streams, DEFAULT_CHUNK, 1, false);
    }

    /** These options with chunks of at most so many positions. */
    public StreamOptions withChunk(int positions) {
        return new StreamOptions(streams, positions, temperature, mode);
    }

    /** These options at another temperature. */
    public StreamOptions withTemperature(float value) {
        return new StreamOptions(streams, chunk, value, mode);
    }

    /** These options with modes in place of draws, or not. */
    public StreamOptions withMode(boolean value) {
        return new StreamOptions(streams, chunk, temperature, value);
    }
}
