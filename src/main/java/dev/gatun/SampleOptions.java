package dev.gatun;

/**
 * How samples are drawn. A sample depends on the model, the seed, its own number, the temperature and nothing else: not on
 * how many are drawn with it, on threads, on the machine or on the method.
 *
 * @param count samples, at least 1
 * @param seed of the noise, all 64 bits
 * @param firstSample number of the first sample; the others follow
 * @param temperature above 0; 1 samples from the model
 * @param mode the mode of each position in place of a draw
 * @param length positions of a sample; 0 for the data's own, if they have one
 * @param method how
 */
public record SampleOptions(
        int count, long seed, long firstSample, float temperature, boolean mode, int length, Method method) {
    /** How the outputs of a position are found. All give the same bits. */
    public enum Method {
        /** Each value is computed once and kept as long as something reads it: one forward pass a sample. */
        CACHED,
        /** A forward pass for each position, as it is commonly done; for comparison. */
        FULL,
        /**
         * Predictive sampling (Wiggers and Hoogeboom 2020, section 3): forward passes over forecasts of values that are missing, of
         * which those are kept that the passes confirm. Forecasts are what the pass before drew with the same noise. Each sample
         * goes on by itself, in windows about twice as long as what a pass confirms; what was computed of the positions before is
         * kept, where the graph has no dense layers. On a CUDA device the samples that there is memory for go in lock-step, through
         * windows of as many rows (of sequences, 64 positions) as give the device enough to do, each until all samples agree on it.
         */
        PREDICTIVE,
        /** Jacobi iteration (Song et al. 2021, section 3): such passes over all positions from the first that is missing on, of all samples of a batch until all of them stay as they are. */
        JACOBI,
        /**
         * Gauss-Seidel and Jacobi iteration (Song et al. 2021, section 3): block after block, an image's rows or 64 positions, each
         * by Jacobi iteration over the block alone.
         */
        GS_JACOBI,
        /**
         * {@link #CACHED} or {@link #PREDICTIVE}, as some steps and the passes of one sample (on a CUDA device of all), timed when
         * drawing begins, say which is the sooner done. Ensembles of masks are drawn cached.
         */
        AUTO;

        /** Whether passes over forecasts are made, or may be. */
        boolean forecasts() {
            return this != CACHED && this != FULL;
        }

        /** Its name in options: {@code gs-jacobi}. */
        public String text() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    /** Checks the ranges. */
    public SampleOptions {
        if (count < 1) {
            throw new IllegalArgumentException("count: found " + count + ", expected at least 1");
        }
        if (!(temperature > 0) || Float.isInfinite(temperature)) {
            throw new IllegalArgumentException("temperature: found " + temperature + ", expected a number above 0");
        }
        if (length < 0) {
            throw new IllegalArgumentException(
                    "length: found " + length + ", expected at least 1, or 0 for the data's own");
        }
    }

    /** So many samples with seed 0, cached, at temperature 1, of the data's own length. */
    public static SampleOptions count(int count) {
        return new SampleOptions(count, 0, 0, 1, false, 0, Method.CACHED);
    }

    /** These options with another seed. */
    public SampleOptions withSeed(long value) {
        return new SampleOptions(count, value, firstSample, temperature, mode, length, method);
    }

    /** These options with another first number. */
    public SampleOptions withFirstSample(long value) {
        return new SampleOptions(count, seed, value, temperature, mode, length, method);
    }

    /** These options at another temperature. */
    public SampleOptions withTemperature(float value) {
        return new SampleOptions(count, seed, firstSample, value, mode, length, method);
    }

    /** These options with modes in place of draws, or not. */
    public SampleOptions withMode(boolean value) {
        return new SampleOptions(count, seed, firstSample, temperature, value, length, method);
    }

    /** These options for another length. */
    public SampleOptions withLength(int value) {
        return new SampleOptions(count, seed, firstSample, temperature, mode, value, method);
    }

    /** These options by another method. */
    public SampleOptions withMethod(Method value) {
        return new SampleOptions(count, seed, firstSample, temperature, mode, length, value);
    }
}
