package dev.gatun.train;

import dev.gatun.Condition;
import dev.gatun.Examples;
import dev.gatun.Scored;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Where the examples of a step come from: {@linkplain ExampleSource a set}, as it is or changed anew at each step, or {@linkplain
 * WindowSource windows} of long sequences. Whatever is drawn depends on the seed, the step and the example's number alone, so
 * that a resumed run sees the same.
 */
public interface BatchSource {
    /**
     * Examples that a step learns from.
     *
     * @param chosen numbers of those in {@code examples} that are meant
     * @param scored which positions count, null for all
     */
    record Batch(
            Examples examples,
            Condition condition,
            int[] chosen,
            @Nullable Scored scored) {
        /** All examples of some. */
        static Batch all(Examples examples, Condition condition, @Nullable Scored scored) {
            return new Batch(
                    examples, condition, IntStream.range(0, examples.count()).toArray(), scored);
        }
    }

    /** How many examples an epoch has. */
    int count();

    /** Positions that a loss is the sum over: an example's length, or 1 where losses are means over positions. */
    int dimensions();

    /**
     * The batch of a step.
     *
     * @param chosen numbers of examples
     * @param step from 0
     */
    Batch batch(int[] chosen, long step);

    /** Examples as they are, to be validated by; nothing is drawn, but where the data are defined by drawing. */
    Batch fixed(int[] chosen);

    /** A mean loss over some examples. */
    interface Loss {
        double of(Batch batch);
    }

    /**
     * The mean loss over all examples {@linkplain #fixed as they are}, each position that counts alike.
     *
     * @param chunk examples at once
     */
    default double mean(int chunk, Loss loss) {
        double sum = 0;
        long weights = 0;
        for (int first = 0; first < count(); first += chunk) {
            int end = Math.min(count(), first + chunk);
            Batch taken = fixed(IntStream.range(first, end).toArray());
            long weight = taken.scored() == null ? end - first : taken.scored().positions();
            if (weight > 0) {
                sum += weight * loss.of(taken);
            }
            weights += weight;
        }
        return sum / weights;
    }

    /** What the examples are: the same text for the same data, and the same changes to them. */
    String fingerprint();
}
