package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeCondition;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.NativeMap;
import dev.gatun.foreign.NativeStepProgram;
import dev.gatun.graph.Pass;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Draws samples from a model, all of a batch side by side, position by position. It belongs to the thread that made it: calls
 * on other threads are an {@link IllegalStateException}, and so are calls after {@link #close} or after the model was closed.
 */
public final class Sampler implements AutoCloseable {
    /** What an array can hold in every JVM. */
    private static final int MOST_VALUES = Integer.MAX_VALUE - 8;

    private final Model model;
    private final SampleOptions options;
    private final Condition condition;
    private final int length;
    private final Thread owner = Thread.currentThread();
    private final Arena arena = Arena.ofConfined();
    private final NativeDistribution.Values values;
    private final Stepper stepper;
    private boolean closed;

    /** What computes the next positions. */
    private interface Stepper {
        void advance(Context context, int positions);

        int position();

        void restart(Context context);
    }

    Sampler(Model model, SampleOptions options, Condition condition, int length) {
        this.model = model;
        this.options = options;
        this.condition = condition;
        this.length = length;
        try {
            values = new NativeDistribution.Values(arena, model.distribution().real(), options.count(), length);
            NativeDistribution.Noise noise = new NativeDistribution.Noise(
                    arena, options.seed(), options.firstSample(), options.temperature(), options.mode());
            stepper = switch (options.method()) {
                case CACHED -> new Cached(noise);
                case FULL -> new Full(noise);
            };
        } catch (Throwable failure) {
            arena.close();
            throw failure;
        }
    }

    /** The options that it was made with. */
    public SampleOptions options() {
        return options;
    }

    /** Positions of a sample. */
    public int length() {
        return length;
    }

    /** The next position to be drawn; {@link #length} when all are. */
    public int position() {
        return stepper.position();
    }

    /**
     * Draws some more positions of all samples. Nothing is allocated where the method is cached.
     *
     * @param positions how many, at most those that are left
     */
    public void advance(int positions) {
        begin();
        try {
            stepper.advance(model.device().context(), positions);
        } finally {
            model.end();
        }
    }

    /**
     * Draws all positions that are left and hands the samples out, in the layout of the data.
     *
     * @throws IllegalStateException if they are more than an array can hold; nothing is drawn then
     */
    public Examples draw() {
        long all = (long) options.count() * length;
        if (all > MOST_VALUES) {
            throw new IllegalStateException("samples: found " + options.count() + " x " + length
                    + " values, expected at most " + MOST_VALUES + " for an array; draw them into memory");
        }
        advance(length - position());
        int total = (int) all;
        if (values.real()) {
            float[] positions = new float[total];
            MemorySegment.copy(values.data(), ValueLayout.JAVA_FLOAT, 0, positions, 0, total);
            return Examples.ofReals(options.count(), length, positions);
        }
        int[] positions = new int[total];
        MemorySegment.copy(values.data(), ValueLayout.JAVA_INT, 0, positions, 0, total);
        int[] layout = new int[total];
        for (int n = 0; n < options.count(); n++) {
            model.config().data().toLayout(positions, n * length, layout, n * length, length);
        }
        return Examples.ofLevels(options.count(), length, layout);
    }

    /**
     * Draws all positions that are left into memory: int32 levels, or float32 reals, {@code [count, length]} in the order of
     * positions (images: rows, then columns, then channels).
     *
     * @param into count * length * 4 bytes
     */
    public void draw(MemorySegment into) {
        long bytes = (long) options.count() * length * Integer.BYTES;
        if (into.byteSize() != bytes) {
            throw new IllegalArgumentException("into: found " + into.byteSize() + " bytes, expected " + bytes);
        }
        advance(length - position());
        into.copyFrom(values.data().asSlice(0, bytes));
    }

    /**
     * One value drawn already.
     *
     * @param position before {@link #position}, in the order of positions
     */
    public int level(int sample, int position) {
        return values.data().getAtIndex(ValueLayout.JAVA_INT, index(sample, position));
    }

    /** One value drawn already, of reals. */
    public float real(int sample, int position) {
        return values.data().getAtIndex(ValueLayout.JAVA_FLOAT, index(sample, position));
    }

    private long index(int sample, int position) {
        checkThread();
        if (closed) {
            throw new IllegalStateException("the sampler is closed");
        }
        if (sample < 0 || sample >= options.count() || position < 0 || position >= position()) {
            throw new IndexOutOfBoundsException("sample " + sample + " of " + options.count() + ", position " + position
                    + " of " + position() + " drawn");
        }
        return (long) sample * length + position;
    }

    /** Starts over, with the same options: the same samples again. */
    public void restart() {
        begin();
        try {
            stepper.restart(model.device().context());
        } finally {
            model.end();
        }
    }

    private void begin() {
        checkThread();
        if (closed) {
            throw new IllegalStateException("the sampler is closed");
        }
        model.begin();
    }

    private void checkThread() {
        if (!Thread.currentThread().equals(owner)) {
            throw new IllegalStateException("a sampler of thread '" + owner.getName() + "' used by thread '"
                    + Thread.currentThread().getName() + "'; each thread makes its own");
        }
    }

    /** Gives its memory back; a second time does nothing. */
    @Override
    public void close() {
        checkThread();
        if (!closed) {
            closed = true;
            arena.close();
        }
    }

    /** The step program. */
    private final class Cached implements Stepper {
        private final NativeStepProgram.Run run;

        Cached(NativeDistribution.Noise noise) {
            Context context = model.device().context();
            NativeCondition given = new NativeCondition(
                    arena, condition.classes(), condition.frames(), condition.frameCount(), condition.channels());
            run = model.program().new Run(context, arena, options.count(), noise, values, given, null, null);
        }

        @Override
        public void advance(Context context, int positions) {
            run.advance(context, positions);
        }

        @Override
        public int position() {
            return (int) run.position();
        }

        @Override
        public void restart(Context context) {
            run.restart(context, options.firstSample());
        }
    }

    /** A whole pass for each position. */
    private final class Full implements Stepper {
        private final Pass pass;
        private final NativeMap column;
        private final NativeDistribution.Noise noise;
        private final int @Nullable [] levels;
        private final float @Nullable [] reals;
        private int position;

        Full(NativeDistribution.Noise noise) {
            this.noise = noise;
            pass = new Pass(model.bound(), arena, options.count(), length, false);
            column = pass.outputs().columnView(arena);
            levels = values.real() ? null : new int[length];
            reals = values.real() ? new float[length] : null;
        }

        @Override
        public void advance(Context context, int positions) {
            if (positions < 0 || positions > length - position) {
                throw new IllegalArgumentException(positions + " steps at position " + position + " of " + length);
            }
            for (int i = 0; i < positions; i++, position++) {
                fill();
                pass.run(context);
                column.moveTo(position);
                model.distribution().draw(context, noise, column, position, values);
            }
        }

        private void fill() {
            for (int n = 0; n < options.count(); n++) {
                pass.condition(n, condition.label(n), condition.frames(), condition.frameOffset(n));
                long from = (long) n * length * Integer.BYTES;
                if (levels != null) {
                    MemorySegment.copy(values.data(), ValueLayout.JAVA_INT, from, levels, 0, length);
                    pass.levels(n, levels, 0);
                } else if (reals != null) {
                    MemorySegment.copy(values.data(), ValueLayout.JAVA_FLOAT, from, reals, 0, length);
                    pass.reals(n, reals, 0);
                }
            }
        }

        @Override
        public int position() {
            return position;
        }

        @Override
        public void restart(Context context) {
            position = 0;
            values.data().fill((byte) 0);
        }
    }
}
