package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An operation bound to a model's parameters. Running is for many threads at once, each with grids of its own, but not while
 * {@link #refresh} or {@link #gradient} is under way.
 */
public interface Kernel {
    /** Takes the parameters' present values. */
    void refresh(Context context);

    /**
     * Chooses what is drawn from now on.
     *
     * @param step of training; below 0, nothing is
     */
    default void draw(long seed, long step) {}

    /** Hands out native memory that {@link #draw} changes and calls read when they run. */
    default void eachDrawn(Consumer<MemorySegment> body) {}

    /** Positions around the grid of an input that {@link #run} reads. */
    default GridShape.Halo inputHalo(int input) {
        return GridShape.Halo.NONE;
    }

    /** Positions around the grid of the output's gradient that {@link #gradient} reads. */
    default GridShape.Halo gradientHalo() {
        return GridShape.Halo.NONE;
    }

    /** Positions around the grid of the output that {@link #run} reads: what came before, of a recurrent operation. */
    default GridShape.Halo outputHalo() {
        return GridShape.Halo.NONE;
    }

    /**
     * Features of a map that the operation has to itself, 0 for none: what {@link #run} leaves there of each position for
     * {@link #gradient}. It follows the grids of the inputs, with {@link #keptHalo}; where no gradient is wanted it has one row
     * and one column.
     */
    default int keptFeatures() {
        return 0;
    }

    /** Positions around what is kept: by default one column on the left. */
    default GridShape.Halo keptHalo() {
        return new GridShape.Halo(0, 0, 1, 0);
    }

    /** How the gradient of an input comes about. */
    enum GradientWay {
        /** In a map of its own. */
        OWN,
        /** It may be where the output's gradient is, feature by feature, if nothing is to be added to. */
        IN_PLACE,
        /** It is the output's gradient: where both are the same map, there is nothing to do. */
        SAME,
        /** It is the output's gradient, {@linkplain #moves moved} back: a view of that will do. */
        MOVED
    }

    /**
     * Whether {@link #run} computes a {@linkplain NativeGrid#window part} of its output, from what lies around it, to the same bits
     * as all of it.
     */
    default boolean runsInWindows() {
        return true;
    }

    /** Whether {@link #run} may have its output where this input is. */
    default boolean runsInPlace(int input) {
        return false;
    }

    /**
     * Where the output takes its values from, if all that it does is to move its input: a view of that input's map will do, and
     * {@link #run} finds it done; or null.
     */
    default @Nullable Tap moves() {
        return null;
    }

    /**
     * Whether {@link #add} can take the place of {@link #run}: the output begins as the first input, and each of the others is
     * added to it, in their order.
     */
    default boolean addsUp() {
        return false;
    }

    /**
     * Adds an input, not the first, to what the output is so far.
     *
     * @throws UnsupportedOperationException if it does not {@linkplain #addsUp add up}
     */
    default void add(Context context, NativeMap input, NativeMap output) {
        throw new UnsupportedOperationException("this operation does not add up");
    }

    /** How {@link #gradient} comes to that of an input. */
    default GradientWay gradientWay(int input) {
        return GradientWay.OWN;
    }

    /** Whether {@link #gradient} reads the values of an input. */
    default boolean gradientReadsInput(int input) {
        return true;
    }

    /** Whether {@link #gradient} reads the values of the output. */
    default boolean gradientReadsOutput() {
        return true;
    }

    /**
     * All positions of all examples at once.
     *
     * @param inputs their grids, then the map that is kept, if there is one
     */
    void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output);

    /**
     * Gradients, from that of the output, once for each run.
     *
     * @param inputs as {@link #run} took them
     * @param gradients of the inputs, null where none is wanted; written, or added to where {@code add} says so
     * @param parameters the gradient of all parameters, laid out as {@link dev.gatun.tensor.Parameters#all}; added to
     */
    void gradient(
            Context context,
            List<? extends NativeGrid> inputs,
            NativeMap output,
            NativeMap outputGradient,
            List<@Nullable NativeMap> gradients,
            boolean[] add,
            MemorySegment parameters);

    /**
     * Features of slots that {@link #stepCode} needs besides the output's: {@link StepCode#own} stands for them there. Each is
     * kept for as many positions as the taps that read it reach back, zeros before the first.
     */
    default List<Integer> stepSlots() {
        return List.of();
    }

    /** What one step of it is, for the step program. */
    List<StepCode> stepCode();
}
