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
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Draws samples from a model, all of a batch side by side, position by position. It belongs to the thread that made it: calls
 * on other threads are an {@link IllegalStateException}, and so are calls after {@link #close} or after the model was closed.
 */
public final class Sampler implements AutoCloseable {
    private final Model model;
    private final SampleOptions options;
    private final Condition condition;
    private final int length;
    private final Owner owner = new Owner("sampler");
    private final Arena arena = Arena.ofConfined();
    private final NativeDistribution.Values values;
    private final Stepper stepper;

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
            stepper = switch (options.method()) {
                case CACHED -> new Cached();
                case FULL -> new Full();
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
            stepper.advance(model.context(), positions);
        } finally {
            model.end();
        }
    }

    /**
     * Draws all positions that are left and hands the samples out in the layout of the data, which for images is {@code [count,
     * channels, height, width]}. This is not the order in which {@link #drawPositions}, {@link #level} and {@link #real} count.
     *
     * @throws IllegalStateException if they are more than an array can hold; nothing is drawn then
     */
    public Examples draw() {
        long all = (long) options.count() * length;
        if (all > Batches.MOST_VALUES) {
            throw new IllegalStateException("samples: found " + options.count() + " x " + length
                    + " values, expected at most " + Batches.MOST_VALUES + " for an array; draw them into memory");
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
     * positions, which for images is that of rows, then columns, then channels; {@link #draw} gives the layout of the data.
     *
     * @param into count * length * 4 bytes
     */
    public void drawPositions(MemorySegment into) {
        long bytes = (long) options.count() * length * Integer.BYTES;
        if (into.byteSize() != bytes) {
            throw new IllegalArgumentException("into: found " + into.byteSize() + " bytes, expected " + bytes);
        }
        advance(length - position());
        into.copyFrom(values.data().asSlice(0, bytes));
    }

    /**
     * One level drawn already.
     *
     * @param position before {@link #position}, in the order of positions (images: rows, then columns, then channels), not in
     *     the layout of {@link #draw}
     * @throws IllegalStateException if the model's data are reals
     */
    public int level(int sample, int position) {
        if (values.real()) {
            throw new IllegalStateException("these samples are reals, not levels");
        }
        return values.data().getAtIndex(ValueLayout.JAVA_INT, index(sample, position));
    }

    /**
     * One real drawn already.
     *
     * @param position before {@link #position}
     * @throws IllegalStateException if the model's data are levels
     */
    public float real(int sample, int position) {
        if (!values.real()) {
            throw new IllegalStateException("these samples are levels, not reals");
        }
        return values.data().getAtIndex(ValueLayout.JAVA_FLOAT, index(sample, position));
    }

    private long index(int sample, int position) {
        owner.check();
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
            stepper.restart(model.context());
        } finally {
            model.end();
        }
    }

    private void begin() {
        owner.check();
        model.begin();
    }

    /** Gives its memory back; a second time does nothing. */
    @Override
    public void close() {
        if (owner.close()) {
            arena.close();
        }
    }

    /** The noise of samples from one on, counted from this sampler's first. */
    private NativeDistribution.Noise noise(int first) {
        return new NativeDistribution.Noise(
                arena, options.seed(), options.firstSample() + first, options.temperature(), options.mode());
    }

    /** The step program. */
    private final class Cached implements Stepper {
        private final NativeStepProgram.Run run;

        Cached() {
            Context context = model.context();
            NativeCondition given = new NativeCondition(
                    arena, condition.classes(), condition.frames(), condition.frameCount(), condition.channels());
            NativeStepProgram program = model.program(length, arena);
            run = program.new Run(context, arena, options.count(), noise(0), values, given, null, null);
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

    /** A whole pass for each position, of some samples after the others, as memory bounds it. */
    private final class Full implements Stepper {
        private final int batch = Batches.size(model.graph(), options.count(), length);
        private final Pass pass = new Pass(model.bound(), arena, batch, length, false);
        private final List<Group> groups = new ArrayList<>();
        private final int @Nullable [] levels = values.real() ? null : new int[length];
        private final float @Nullable [] reals = values.real() ? new float[length] : null;
        private int position;

        /** Samples {@code first .. first + count-1}: a view of their values, their noise, a view of a column of the outputs. */
        private record Group(
                int first,
                int count,
                NativeDistribution.Values values,
                NativeDistribution.Noise noise,
                NativeMap column) {}

        Full() {
            for (int first = 0; first < options.count(); first += batch) {
                int count = Math.min(batch, options.count() - first);
                pass.examples(count);
                groups.add(new Group(
                        first,
                        count,
                        values.range(arena, first, count),
                        noise(first),
                        pass.outputs().columnView(arena)));
            }
        }

        @Override
        public void advance(Context context, int positions) {
            if (positions < 0 || positions > length - position) {
                throw new IllegalArgumentException(positions + " steps at position " + position + " of " + length);
            }
            for (int i = 0; i < positions; i++, position++) {
                for (Group group : groups) {
                    pass.examples(group.count);
                    fill(group);
                    pass.run(context);
                    group.column.moveTo(position);
                    model.distribution().draw(context, group.noise, group.column, position, group.values);
                }
            }
        }

        private void fill(Group group) {
            for (int n = 0; n < group.count; n++) {
                int sample = group.first + n;
                pass.condition(n, condition.label(sample), condition.frames(), condition.frameOffset(sample));
                long from = (long) sample * length * Integer.BYTES;
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
