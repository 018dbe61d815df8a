package dev.gatun.train;

import dev.gatun.Condition;
import dev.gatun.Examples;

/**
 * Examples and what they are conditioned on.
 *
 * @param condition a row for each example, or {@link Condition#none()}
 */
public record ExampleSet(Examples examples, Condition condition) {
    /** Checks that there is a row for each example. */
    public ExampleSet {
        int rows = condition.rows();
        if (rows != 0 && rows != examples.count()) {
            throw new IllegalArgumentException(
                    "condition: found " + rows + " rows, expected one for each of " + examples.count() + " examples");
        }
    }

    /** Examples without a condition. */
    public static ExampleSet of(Examples examples) {
        return new ExampleSet(examples, Condition.none());
    }

    /** How many examples there are. */
    public int count() {
        return examples.count();
    }

    /** Values of an example. */
    public int length() {
        return examples.length();
    }

    /** Examples {@code from .. to-1} with their rows, copied. */
    public ExampleSet range(int from, int to) {
        Condition rows = condition.rows() == 0 ? condition : condition.slice(from, to);
        return new ExampleSet(examples.range(from, to), rows);
    }
}
