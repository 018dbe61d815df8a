package dev.gatun.data;

import dev.gatun.Examples;
import java.util.List;

/** Examples put together and cut up. */
public final class Pieces {
    private Pieces() {}

    /**
     * Some sets of examples of one kind and length as one.
     *
     * @param parts at least one
     */
    public static Examples join(List<Examples> parts) {
        Examples first = parts.getFirst();
        if (parts.size() == 1) {
            return first;
        }
        int count = parts.stream().mapToInt(Examples::count).reduce(0, Math::addExact);
        int total = Math.multiplyExact(count, first.length());
        Object all = first.real() ? new float[total] : new int[total];
        int at = 0;
        for (Examples part : parts) {
            int size = part.count() * first.length();
            System.arraycopy(values(part), 0, all, at, size);
            at += size;
        }
        return examples(count, first.length(), all);
    }

    /**
     * Cuts each example into pieces of one length, one after the other; what is left at an example's end is dropped.
     *
     * @throws IllegalArgumentException if an example is shorter than a piece
     */
    public static Examples cut(Examples examples, int length) {
        int pieces = length < 1 ? 0 : examples.length() / length;
        if (pieces == 0) {
            throw new IllegalArgumentException("pieces of " + length + " values of examples of " + examples.length());
        }
        int kept = pieces * length;
        Object all = examples.real() ? new float[examples.count() * kept] : new int[examples.count() * kept];
        for (int n = 0; n < examples.count(); n++) {
            System.arraycopy(values(examples), n * examples.length(), all, n * kept, kept);
        }
        return examples(examples.count() * pieces, length, all);
    }

    private static Object values(Examples examples) {
        return examples.real() ? examples.reals() : examples.levels();
    }

    private static Examples examples(int count, int length, Object values) {
        return values instanceof float[] reals
                ? Examples.ofReals(count, length, reals)
                : Examples.ofLevels(count, length, (int[]) values);
    }
}
