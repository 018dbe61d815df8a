package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.SamplingRun;
import dev.gatun.graph.Carry;
import dev.gatun.graph.Pass;
import dev.gatun.graph.Prefix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Takes streams past the values that are known first: all of these positions in one pass in place of a step each, long sequences
 * window by window, many streams some at a time.
 */
final class Primer {
    /** Fewer positions are as soon gone step by step. */
    private static final int LEAST = 16;

    /** What the maps of a pass may take at most. */
    private static final long MOST_FLOATS = 1L << 28;

    private final Prefix prefix;
    private final Condition condition;
    private final NativeDistribution.Values values;
    private final int positions;
    private final int window;

    /**
     * As {@link #of} chooses them.
     *
     * @param positions that the prefix takes
     * @param window of so many positions at once: all, or of a sequence at least those that are read back
     */
    Primer(Prefix prefix, Condition condition, NativeDistribution.Values values, int positions, int window) {
        this.prefix = prefix;
        this.condition = condition;
        this.values = values;
        this.positions = positions;
        this.window = window;
    }

    /**
     * One for streams whose values are there already, or null where steps do as well.
     *
     * @param prefix that of their program, or null where it has none
     * @param condition theirs, row by row
     * @param known how many positions are known before the first that is not
     */
    static @Nullable Primer of(
            Model model, @Nullable Prefix prefix, Condition condition, NativeDistribution.Values values, int known) {
        int positions = prefix == null ? 0 : prefix.positions(known);
        int window = positions == 0 ? 0 : LongLikelihood.window(model, positions);
        return prefix == null || positions < LEAST || prefix.floats(window) > MOST_FLOATS
                ? null
                : new Primer(prefix, condition, values, positions, window);
    }

    /** How many positions the streams go on. */
    int positions() {
        return positions;
    }

    /** Has streams, which may be anywhere, stand behind the known positions. */
    void prime(Context context, SamplingRun run, int streams) {
        run.resume(context, positions);
        int batch = Batches.size(prefix.floats(window), streams);
        try (Arena arena = Arena.ofConfined()) {
            Pass pass = prefix.pass(arena, batch, window);
            Carry carry = window < positions ? pass.carry() : null;
            for (int first = 0; first < streams; first += batch) {
                int count = Math.min(batch, streams - first);
                pass.examples(count);
                int last = windows(context, pass, carry, first, count);
                for (int n = 0; n < count; n++) {
                    prefix.write(pass, n, last, positions, run.state(first + n));
                }
            }
        }
    }

    /** Runs all windows of some streams; where the last of them begins. */
    private int windows(Context context, Pass pass, @Nullable Carry carry, int first, int count) {
        if (carry != null) {
            carry.begin();
        }
        int from = 0;
        while (true) {
            for (int n = 0; n < count; n++) {
                fill(pass, n, first + n, from);
            }
            prefix.run(context, pass);
            if (carry == null || from + window >= positions) {
                return from;
            }
            carry.advance();
            from += window;
        }
    }

    /** Gives a pass a stream's next values; behind the known ones it has what is of no matter. */
    private void fill(Pass pass, int n, int stream, int from) {
        pass.condition(n, condition.label(stream), condition.frames(), condition.frameOffset(stream));
        int count = Math.min(window, positions - from);
        long at = ((long) stream * values.positions() + from) * Integer.BYTES;
        if (values.real()) {
            float[] reals = new float[window];
            MemorySegment.copy(values.data(), ValueLayout.JAVA_FLOAT, at, reals, 0, count);
            pass.reals(n, reals, 0);
        } else {
            int[] levels = new int[prefix.values(window)];
            MemorySegment.copy(values.data(), ValueLayout.JAVA_INT, at, levels, 0, count);
            pass.levels(n, levels, 0);
        }
    }
}
