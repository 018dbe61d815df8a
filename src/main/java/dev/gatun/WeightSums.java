package dev.gatun;

/**
 * Sums of weights that come as logarithms. They are kept relative to the largest so far, so that weights of any size can be
 * added; what others sum with these weights is brought along by {@link #add}'s result.
 */
final class WeightSums {
    private double largest = Double.NEGATIVE_INFINITY;
    private double last;
    private double sum;
    private double squares;
    private int count;

    /**
     * Adds a weight.
     *
     * @return what sums of weighted values must be multiplied by before the next is added, and sums of squares by its square
     * @throws IllegalArgumentException if it is no logarithm of a weight
     */
    double add(double logWeight) {
        if (Double.isNaN(logWeight) || logWeight == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(
                    "weights: found ln p = " + logWeight + ": the model's outputs are too large for float32");
        }
        count++;
        double scale = 1;
        if (logWeight > largest) {
            scale = Math.exp(largest - logWeight);
            sum *= scale;
            squares *= scale * scale;
            largest = logWeight;
        }
        last = logWeight == Double.NEGATIVE_INFINITY ? 0 : Math.exp(logWeight - largest);
        sum += last;
        squares += last * last;
        return scale;
    }

    /** How many were added. */
    int count() {
        return count;
    }

    /** The weight that was added last, relative as the sums are. */
    double last() {
        return last;
    }

    double sum() {
        return sum;
    }

    double squares() {
        return squares;
    }

    /** How many samples of equal weights are worth as much: the sum's square by the sum of squares (Kish). */
    double effective() {
        return sum * sum / squares;
    }

    /**
     * The standard error of a weighted mean (of self-normalised importance sampling, by the delta method); 0 of a single one.
     *
     * @param spread the sum of squared weights times squared differences from the mean
     */
    double error(double spread) {
        return count < 2 ? 0 : Math.sqrt(Math.max(0, spread) * count / (count - 1.0)) / sum;
    }

    /** The logarithm of the mean weight. */
    double logMean() {
        return largest + Math.log(sum / count);
    }

    /** The standard error of {@link #logMean}; 0 of a single weight. */
    double logMeanError() {
        if (count < 2) {
            return 0;
        }
        double mean = sum / count;
        return Math.sqrt(Math.max(0, squares / count - mean * mean) / (count - 1)) / mean;
    }
}
