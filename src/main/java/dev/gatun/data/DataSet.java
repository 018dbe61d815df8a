package dev.gatun.data;

import dev.gatun.Examples;
import dev.gatun.LongSequence;
import dev.gatun.family.DataSpec;
import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** A set of examples, read when it is asked for. */
public interface DataSet {
    /** What messages call it: a file's path, or a bundled set's name. */
    String name();

    /** The parts that it is divided into, in the order train, valid, test; empty where it is one piece. */
    List<Split> splits();

    /**
     * What its examples are, where it knows that itself.
     *
     * @param images whether images are wanted as such and not as sequences
     * @return null if only a model can say it
     * @throws IOException if that is in a file which cannot be read
     */
    default @Nullable DataSpec spec(boolean images) throws IOException {
        return null;
    }

    /**
     * The class of each example of a part, from 0, where the set has such.
     *
     * @param split as for {@link #read}
     * @return null if its examples have no classes
     * @throws IllegalArgumentException if the set has no such part
     * @throws IOException if they cannot be read
     */
    default int @Nullable [] labels(Split split) throws IOException {
        return null;
    }

    /**
     * Reads one part, or all parts one after the other.
     *
     * @param split one of {@link #splits()}, or {@link Split#ALL}
     * @param data what the examples must be
     * @throws dev.gatun.file.FormatException if they are not: the message names the file, the array, the shape or the
     *     value that was found, and what was expected
     * @throws IllegalArgumentException if the set has no such part
     * @throws IOException if it cannot be read
     */
    Examples read(Split split, DataSpec data) throws IOException;

    /**
     * Levels of one part as sequences, each of its own length: sounds one by one, a text as a whole, other data an example each.
     * Where they are more than memory holds they are in a temporary file.
     *
     * @throws dev.gatun.file.FormatException as for {@link #read}
     * @throws IllegalArgumentException if the set has no such part, or its data are reals
     * @throws IOException if it cannot be read
     */
    default List<LongSequence> sequences(Split split, DataSpec data) throws IOException {
        if (data.levels() == 0) {
            throw new IllegalArgumentException(name() + ": reals are no sequences of levels");
        }
        Examples examples = read(split, data);
        LongSequence all = examples.sequence();
        long length = examples.length();
        return LongStream.range(0, examples.count())
                .mapToObj(n -> all.slice(n * length, length))
                .toList();
    }
}
