package dev.gatun;

import dev.gatun.foreign.NativeCondition;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.SamplingRun;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Where walks stand: what the network keeps of the values before, these values, and the outputs of the next position. Forks hold
 * the same one until one of them goes on: that one then goes on with a copy. One thread's.
 */
final class WalkState {
    private final Ground ground;
    private final Arena arena = Arena.ofConfined();
    private final NativeDistribution.Values values;
    private final MemorySegment outputs;
    private final SamplingRun run;
    /** Whether the outputs of the next position have been computed. */
    private boolean ahead;

    private int holders = 1;

    /** What stays as it is, of a state and its copies: conditions, marks. It lives as long as any of them. */
    private static final class Ground {
        private final Arena arena = Arena.ofConfined();
        private int states = 1;

        void release() {
            if (--states == 0) {
                arena.close();
            }
        }
    }

    /** Starts walks in memory of the state's own, and of what stays as it is. */
    private interface Start {
        SamplingRun run(Arena ground, NativeDistribution.Values values);
    }

    private WalkState(Model model, int count, int length, Start start) {
        ground = new Ground();
        try {
            values = new NativeDistribution.Values(arena, model.distribution().real(), count, length);
            long floats = (long) count * model.distribution().outputs();
            outputs = arena.allocate(Math.max(1, floats) * Float.BYTES, 64);
            run = start.run(ground.arena, values);
        } catch (Throwable failure) {
            arena.close();
            ground.release();
            throw failure;
        }
    }

    /** Walks that are told all values. */
    static WalkState told(Model model, int count, int length, Condition condition) {
        return new WalkState(model, count, length, (ground, values) -> {
            NativeDistribution.Noise none = new NativeDistribution.Noise(ground, 0, 0, 1, true);
            MemorySegment known = ground.allocate(Math.max(1, (long) count * length));
            known.fill((byte) 1);
            return start(model, ground, count, length, none, values, condition.in(ground), known, null);
        });
    }

    /**
     * Walks that draw what is not known.
     *
     * @param logProb takes {@code ln p} of the values that are gone by
     */
    static WalkState drawn(
            Model model, int count, int length, Condition condition, Conditionals.Draws draws, MemorySegment logProb) {
        return new WalkState(model, count, length, (ground, values) -> {
            NativeDistribution.Noise noise =
                    new NativeDistribution.Noise(ground, draws.seed(), draws.firstSample(), 1, false);
            MemorySegment known = draws.known().writeToAll(model.config().data(), ground, values.data(), count);
            return start(model, ground, count, length, noise, values, condition.in(ground), known, logProb);
        });
    }

    private static SamplingRun start(
            Model model,
            Arena ground,
            int count,
            int length,
            NativeDistribution.Noise noise,
            NativeDistribution.Values values,
            NativeCondition condition,
            MemorySegment known,
            @Nullable MemorySegment logProb) {
        return model.program(0, length, ground)
                .start(model.context(), ground, count, noise, values, condition, known, logProb);
    }

    /** A copy. */
    private WalkState(WalkState from, Model model) {
        ground = from.ground;
        ahead = from.ahead;
        try {
            NativeDistribution.Values own = from.values;
            int count = (int) (own.data().byteSize() / Integer.BYTES / own.positions());
            values = new NativeDistribution.Values(arena, own.real(), count, own.positions());
            outputs = arena.allocate(from.outputs.byteSize(), 64).copyFrom(from.outputs);
            run = from.run.fork(model.context(), arena, values);
        } catch (Throwable failure) {
            arena.close();
            throw failure;
        }
        ground.states++;
    }

    /** The same state for one more holder. */
    WalkState share() {
        holders++;
        return this;
    }

    /** The state for a holder that changes it: this one if it is the only holder, else a copy, and this one is let go. */
    WalkState own(Model model) {
        if (holders == 1) {
            return this;
        }
        WalkState copy = new WalkState(this, model);
        holders--;
        return copy;
    }

    /** Lets go of it; the last holder gives its memory back. */
    void release() {
        if (--holders == 0) {
            arena.close();
            ground.release();
        }
    }

    /** Steps that were taken. */
    int position() {
        return (int) run.position();
    }

    /** The outputs of the next position, {@code [walks, outputs]}; computed once, whoever of the holders asks. */
    MemorySegment outputs(Model model) {
        if (!ahead) {
            run.outputs(model.context(), outputs);
            ahead = true;
        }
        return outputs;
    }

    /** Goes on by one position, of the values that it has; those of walks that draw are drawn. */
    void goOn(Model model) {
        if (ahead) {
            run.take(model.context());
        } else {
            run.advance(model.context(), 1);
        }
        ahead = false;
    }

    int level(long index) {
        return values.data().getAtIndex(ValueLayout.JAVA_INT, index);
    }

    void level(long index, int level) {
        values.data().setAtIndex(ValueLayout.JAVA_INT, index, level);
    }

    float real(long index) {
        return values.data().getAtIndex(ValueLayout.JAVA_FLOAT, index);
    }

    void real(long index, float real) {
        values.data().setAtIndex(ValueLayout.JAVA_FLOAT, index, real);
    }
}
