package dev.gatun.data;

import dev.gatun.Examples;
import dev.gatun.LongSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

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
        if (!first.real()) {
            return Examples.ofSequence(
                    count,
                    first.length(),
                    Joined.of(parts.stream().map(Examples::sequence).toList()));
        }
        float[] all = new float[Math.multiplyExact(count, first.length())];
        int at = 0;
        for (Examples part : parts) {
            System.arraycopy(part.reals(), 0, all, at, part.reals().length);
            at += part.reals().length;
        }
        return Examples.ofReals(count, first.length(), all);
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
        if (!examples.real()) {
            LongSequence all = examples.sequence();
            return cut(
                    LongStream.range(0, examples.count())
                            .mapToObj(n -> all.slice(n * examples.length(), examples.length()))
                            .toList(),
                    length);
        }
        float[] all = new float[examples.count() * kept];
        for (int n = 0; n < examples.count(); n++) {
            System.arraycopy(examples.reals(), n * examples.length(), all, n * kept, kept);
        }
        return Examples.ofReals(examples.count() * pieces, length, all);
    }

    /**
     * Cuts sequences, each of a length of its own, into pieces of one length; what is left at a sequence's end is dropped, and
     * so are sequences that are shorter than a piece. Nothing is copied.
     *
     * @throws IllegalArgumentException if no sequence has a piece
     */
    public static Examples cut(List<LongSequence> sequences, int length) {
        List<LongSequence> kept = new ArrayList<>();
        long pieces = 0;
        for (LongSequence sequence : sequences) {
            long count = length < 1 ? 0 : sequence.length() / length;
            if (count > 0) {
                kept.add(sequence.slice(0, count * length));
                pieces += count;
            }
        }
        if (pieces == 0) {
            throw new IllegalArgumentException("no sequence is as long as a piece of " + length + " values");
        }
        return Examples.ofSequence(Math.toIntExact(pieces), length, Joined.of(kept));
    }

    /**
     * Pieces of one example whose beginnings are spread evenly, the first at its beginning, the last at its end; they overlap
     * where there are many.
     *
     * @throws IllegalArgumentException if the example is shorter than a piece
     */
    public static Examples spread(Examples example, int count, int length) {
        if (example.count() != 1 || count < 1 || length < 1 || length > example.length()) {
            throw new IllegalArgumentException(count + " pieces of " + length + " values of " + example.count()
                    + " examples of " + example.length());
        }
        int[] levels = new int[example.real() ? 0 : Math.multiplyExact(count, length)];
        float[] reals = new float[example.real() ? Math.multiplyExact(count, length) : 0];
        for (int n = 0; n < count; n++) {
            int from = count == 1 ? 0 : (int) ((long) n * (example.length() - length) / (count - 1));
            if (example.real()) {
                System.arraycopy(example.reals(), from, reals, n * length, length);
            } else {
                example.sequence().read(from, levels, n * length, length);
            }
        }
        return example.real() ? Examples.ofReals(count, length, reals) : Examples.ofLevels(count, length, levels);
    }

    /** The sequence, by its number, that each of the pieces is from that {@link #cut(List, int)} makes. */
    public static int[] origins(List<LongSequence> sequences, int length) {
        return IntStream.range(0, sequences.size())
                .flatMap(n ->
                        LongStream.range(0, sequences.get(n).length() / length).mapToInt(_ -> n))
                .toArray();
    }
}
