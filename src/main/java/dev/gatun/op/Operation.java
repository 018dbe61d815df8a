package dev.gatun.op;

import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operation of a graph: from feature maps to a feature map. Immutable.
 *
 * <p>To add one: a folder in {@code native/ops} with its kernels, its entry in {@code gatun.h} and
 * {@link dev.gatun.foreign.Kernels}, and a class that implements this.
 */
public interface Operation {
    /** What it is called in plans and messages. */
    String name();

    /** Features of its output at a position. */
    int features();

    /** Whether the output holds levels, not numbers. */
    default boolean isLevels() {
        return false;
    }

    /** What each input must have: its features, and whether they are levels. */
    List<Input> inputs();

    /**
     * An input as the operation needs it.
     *
     * @param features at a position
     * @param levels whether it reads levels
     * @param footprint the positions that it reads
     */
    record Input(int features, boolean levels, Footprint footprint) {}

    /** What a recurrent operation reads of its own output, or null. */
    default @Nullable Footprint recurrence() {
        return null;
    }

    /** The parameters that it reads. */
    default List<String> parameters() {
        return List.of();
    }

    /** Floating-point operations at a position, as a forward pass does them; masked weights do not count. */
    long flops();

    /** The same of so many positions at once. */
    default long flops(long positions) {
        return flops() * positions;
    }

    /**
     * The operation with weights.
     *
     * @param parameters read when the kernel is {@linkplain Kernel#refresh refreshed}, and while it runs
     * @param arena owner of what the kernel allocates
     * @param training whether gradients will be asked for
     */
    Kernel bind(Parameters parameters, Arena arena, boolean training);
}
