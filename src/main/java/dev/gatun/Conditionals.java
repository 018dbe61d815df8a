package dev.gatun;

import dev.gatun.graph.ChainOrder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Walks along the positions of examples and hands out what each value is distributed by, given those before it: for coders,
 * planners, beams and spell checkers. Some walks go side by side, one step at a time, forward only; a step costs what one of
 * cached sampling does, whatever the position. At each position {@link #level} or {@link #outputs} say what is expected, {@link
 * #take} what came.
 *
 * <p>The network's outputs have the bits of {@link Model#outputs} on every machine, of any number of walks. On a CUDA device a step
 * costs two launches, for however many walks, which keep their state there: many side by side are what it is for. It belongs to the
 * thread that made it, as a {@link Sampler} does; a {@link #fork} belongs to that thread too.
 */
public final class Conditionals implements AutoCloseable {
    private final Model model;
    private final int count;
    private final int length;
    private final Owner owner = new Owner("conditionals");
    private WalkState state;
    private final float[] place;
    private final @Nullable LevelDistribution distribution;
    private final ChainOrder order;
    /** {@code ln p} of the values that were gone by, where walks draw, and its owner. */
    private final @Nullable MemorySegment logProb;

    private final Arena arena = Arena.ofConfined();

    /** What draws the values of walks that are not known: sample {@code firstSample} is the first walk's. */
    record Draws(long seed, long firstSample, Known known) {}

    Conditionals(Model model, int count, int length, Condition condition) {
        this(model, count, length, condition, null);
    }

    /**
     * Walks that draw.
     *
     * @param draws with known values of one example, which are all walks'; null for walks that are told all values
     */
    Conditionals(Model model, int count, int length, Condition condition, @Nullable Draws draws) {
        this.model = model;
        this.count = count;
        this.length = length;
        order = model.graph().order();
        distribution = model.distribution().real() ? null : LevelDistribution.of(model.config());
        place = new float[model.distribution().outputs()];
        try {
            logProb = draws == null ? null : arena.allocate((long) count * length * Float.BYTES, 64);
            state = draws == null || logProb == null
                    ? WalkState.told(model, count, length, condition)
                    : WalkState.drawn(model, count, length, condition, draws, logProb);
        } catch (Throwable failure) {
            arena.close();
            throw failure;
        }
    }

    private Conditionals(Conditionals from) {
        model = from.model;
        count = from.count;
        length = from.length;
        order = from.order;
        distribution = from.distribution == null ? null : LevelDistribution.of(model.config());
        place = new float[from.place.length];
        logProb = null;
        state = from.state.share();
    }

    /** How many walks there are. */
    public int count() {
        return count;
    }

    /** Positions of an example. */
    public int length() {
        return length;
    }

    /** Steps that were taken: the place in the chain of the position that comes next; {@link #length} when all are. */
    public int taken() {
        return state.position();
    }

    /**
     * The position that comes next, in the order of positions (images: rows, then columns, then channels); another than {@link
     * #taken} where the chain has an order of its own.
     *
     * @throws IllegalStateException if all were taken
     */
    public int position() {
        requireMore();
        return order.position(taken());
    }

    /**
     * The network's outputs for the next position of a walk, the parameters of its distribution; of a mixture over the pixels
     * of colour images those of the pixel.
     *
     * @param into takes them from {@code offset} on
     */
    public void outputs(int walk, float[] into, int offset) {
        MemorySegment outputs = compute();
        java.util.Objects.checkIndex(walk, count);
        long at = (long) walk * place.length * Float.BYTES;
        MemorySegment.copy(outputs, ValueLayout.JAVA_FLOAT, at, into, offset, place.length);
    }

    /** How many {@link #outputs} there are. */
    public int outputCount() {
        return place.length;
    }

    /**
     * The distribution of the next value of a walk over its levels; good until the next call.
     *
     * @throws IllegalStateException if the model's data are reals: those have {@link #outputs} alone
     * @throws IllegalArgumentException if the outputs are not finite
     */
    public LevelDistribution level(int walk) {
        if (distribution == null) {
            throw new IllegalStateException("these values are reals, not levels");
        }
        outputs(walk, place, 0);
        int channels = model.distribution().channels();
        int channel = taken() % channels;
        int[] earlier = new int[channel];
        for (int c = 0; c < channel; c++) {
            earlier[c] = levelAt(walk, order.position(taken() - channel + c));
        }
        distribution.set(place, 0, channel, earlier);
        return distribution;
    }

    /**
     * Goes on by one position.
     *
     * @param levels what it is, for each walk
     * @throws IllegalArgumentException if they are not as many, or one is no level; nothing has been taken then
     */
    public void take(int... levels) {
        checkKind(false, levels.length);
        int most = model.distribution().levels();
        for (int level : levels) {
            if (level < 0 || level >= most) {
                throw new IllegalArgumentException("take: found level " + level + ", expected 0 to " + (most - 1));
            }
        }
        begin();
        int position = position();
        for (int walk = 0; walk < count; walk++) {
            state.level(index(walk, position), levels[walk]);
        }
        goOn();
    }

    /** As {@link #take(int...)}, of reals. */
    public void take(float... reals) {
        checkKind(true, reals.length);
        begin();
        int position = position();
        for (int walk = 0; walk < count; walk++) {
            state.real(index(walk, position), reals[walk]);
        }
        goOn();
    }

    /** Goes on by one position of walks that draw: its values are drawn, or kept where they are known. */
    void draw() {
        begin();
        goOn();
    }

    /** A level that walks went by. */
    int levelAt(int walk, int position) {
        return state.level(index(walk, position));
    }

    /** A real that walks went by. */
    float realAt(int walk, int position) {
        return state.real(index(walk, position));
    }

    /** {@code ln p} of a value that walks went by, which draw; of pixels that a distribution is over, at the last channel. */
    float logProb(int walk, int position) {
        return java.util.Objects.requireNonNull(logProb).getAtIndex(ValueLayout.JAVA_FLOAT, index(walk, position));
    }

    private long index(int walk, int position) {
        return (long) walk * length + position;
    }

    private void checkKind(boolean real, int given) {
        boolean expected = model.distribution().real();
        if (expected != real || given != count) {
            throw new IllegalArgumentException("take: found " + given + (real ? " reals" : " levels") + ", expected "
                    + count + (expected ? " reals" : " levels"));
        }
    }

    private MemorySegment compute() {
        requireMore();
        model.begin();
        try {
            return state.outputs(model);
        } finally {
            model.end();
        }
    }

    /** Before values change: what forks hold as well is copied. */
    private void begin() {
        requireMore();
        model.begin();
        try {
            state = state.own(model);
        } finally {
            model.end();
        }
    }

    private void goOn() {
        model.begin();
        try {
            state.goOn(model);
        } finally {
            model.end();
        }
    }

    private void requireMore() {
        owner.check();
        if (taken() >= length) {
            throw new IllegalStateException("all " + length + " positions have been taken");
        }
    }

    /**
     * The same walks as they are now, to be gone on with in another way; both go on by themselves, and either may be closed first.
     * Nothing is copied until one of them goes on: that one then copies its state and values, unless the others are closed by
     * then. What one of them computes before, all have. The caller closes it.
     */
    public Conditionals fork() {
        owner.check();
        return new Conditionals(this);
    }

    /** Gives its memory back; a second time does nothing. */
    @Override
    public void close() {
        if (owner.close()) {
            state.release();
            arena.close();
        }
    }
}
