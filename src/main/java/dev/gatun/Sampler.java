package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.CudaDevice;
import dev.gatun.foreign.NativeCondition;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.NativeMap;
import dev.gatun.foreign.SamplingRun;
import dev.gatun.graph.BoundGraph;
import dev.gatun.graph.ChainOrder;
import dev.gatun.graph.Pass;
import dev.gatun.graph.PassKind;
import dev.gatun.tensor.Philox;
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
    private final Known known;
    private final int length;
    private final Owner owner = new Owner("sampler");
    private final Arena arena = Arena.ofConfined();
    private final NativeDistribution.Values values;
    private final Stepper stepper;

    /** With which number of a draw at position 0 a sample draws its mask. */
    private static final int MASK_DRAW = 2;

    /** What computes the next positions. */
    private interface Stepper {
        void advance(Context context, int positions);

        int position();

        void restart(Context context);
    }

    Sampler(Model model, SampleOptions options, Condition condition, Known known, int length) {
        this.model = model;
        this.options = options;
        this.condition = condition;
        this.known = known;
        this.length = length;
        try {
            values = new NativeDistribution.Values(arena, model.distribution().real(), options.count(), length);
            known.write(model.config().data(), values.data());
            stepper = model.masks() == 1 ? stepper(0, options.count(), 0) : new Parts();
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

    /** The next position of the chain to be drawn, which is also how many are; {@link #length} when all are. */
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
     * @param position one that is drawn, in the order of positions (images: rows, then columns, then channels), not in the
     *     layout of {@link #draw}: before {@link #position}, or where the chain has an order of its own, at a place before it
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
     * @param position one that is drawn, as for {@link #level}
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
        if (sample < 0
                || sample >= options.count()
                || position < 0
                || position >= length
                || place(sample, position) >= position()) {
            throw new IndexOutOfBoundsException("sample " + sample + " of " + options.count() + ", position " + position
                    + " of " + position() + " drawn");
        }
        return (long) sample * length + position;
    }

    /** When a position of a sample is drawn: the chain of its mask may have an order of its own. */
    private int place(int sample, int position) {
        int mask = model.masks() == 1 ? 0 : mask(sample);
        return model.bounds().get(mask).graph().order().place(position);
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

    /** The samples from one on, of a mask. */
    private Stepper stepper(int first, int count, int mask) {
        return switch (options.method()) {
            case CACHED -> new Cached(first, count, mask);
            case FULL -> new Full(first, count, mask);
        };
    }

    /** The mask that a sample is drawn by, of those of an ensemble. */
    private int mask(int sample) {
        return (int) (Philox.uniform(options.seed(), options.firstSample() + sample, 0, MASK_DRAW) * model.masks());
    }

    /** Samples of an ensemble, each by its own mask. */
    private final class Parts implements Stepper {
        private final List<Stepper> parts = new ArrayList<>();

        Parts() {
            for (int first = 0, end; first < options.count(); first = end) {
                int mask = mask(first);
                end = first + 1;
                while (end < options.count() && mask(end) == mask) {
                    end++;
                }
                parts.add(stepper(first, end - first, mask));
            }
        }

        @Override
        public void advance(Context context, int positions) {
            // By number: an iterator would be garbage at every step.
            for (int i = 0; i < parts.size(); i++) {
                parts.get(i).advance(context, positions);
            }
        }

        @Override
        public int position() {
            return parts.isEmpty() ? length : parts.getFirst().position();
        }

        @Override
        public void restart(Context context) {
            parts.forEach(part -> part.restart(context));
        }
    }

    /** The step program. */
    private final class Cached implements Stepper {
        private final SamplingRun run;
        private final long firstSample;

        Cached(int first, int count, int mask) {
            Context context = model.context();
            firstSample = options.firstSample() + first;
            NativeCondition given = new NativeCondition(
                    arena, condition.classes(), condition.frames(), condition.frameCount(), condition.channels());
            run = model.program(mask, length, arena)
                    .start(
                            context,
                            arena,
                            count,
                            noise(first),
                            values.range(arena, first, count),
                            given,
                            known(count),
                            null);
        }

        /** A byte for each value, as native code takes them. */
        private @Nullable MemorySegment known(int count) {
            if (known.isNothing()) {
                return null;
            }
            boolean[] given = known.positions(model.config().data());
            MemorySegment marks = arena.allocate((long) count * length);
            for (long i = 0; i < marks.byteSize(); i++) {
                marks.set(ValueLayout.JAVA_BYTE, i, (byte) (given[(int) (i % length)] ? 1 : 0));
            }
            return marks;
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
            run.restart(context, firstSample);
        }
    }

    /** A whole pass for each position, of some samples after the others, as memory bounds it. */
    private final class Full implements Stepper {
        private final Pass pass;
        private final @Nullable DevicePasses device;
        private final ChainOrder order;
        private final List<Group> groups = new ArrayList<>();
        private final int @Nullable [] levels = values.real() ? null : new int[length];
        private final float @Nullable [] reals = values.real() ? new float[length] : null;
        private final boolean @Nullable [] given =
                known.isNothing() ? null : known.positions(model.config().data());
        private int position;

        /** Samples {@code first .. first + count-1}: a view of their values, their noise, a view of a column of the outputs. */
        private record Group(
                int first,
                int count,
                NativeDistribution.Values values,
                NativeDistribution.Noise noise,
                NativeMap column) {}

        Full(int from, int samples, int mask) {
            BoundGraph bound = model.bounds().get(mask);
            int batch = Batches.size(List.of(bound), samples, length);
            pass = new Pass(bound, arena, batch, length, PassKind.VALUES);
            CudaDevice cuda = model.cuda();
            device = cuda == null ? null : new DevicePasses(cuda, arena);
            order = bound.graph().order();
            for (int first = from; first < from + samples; first += batch) {
                int count = Math.min(batch, from + samples - first);
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
                if (given == null || !given[order.position(position)]) {
                    draw(context);
                }
            }
        }

        private void draw(Context context) {
            for (Group group : groups) {
                pass.examples(group.count);
                fill(group);
                run(context);
                group.column.moveTo(position / model.distribution().channels());
                int place = order.position(position);
                model.distribution().draw(context, group.noise, group.column, place, group.values);
            }
        }

        private void run(Context context) {
            if (device == null) {
                pass.run(context);
                return;
            }
            int examples = pass.outputs().examples();
            device.prepare(examples, pass::run);
            device.bringInputs(pass);
            device.run(examples);
            device.fetch(pass.outputs());
        }

        private void fill(Group group) {
            for (int n = 0; n < group.count; n++) {
                int sample = group.first + n;
                pass.condition(n, condition.label(sample), condition.frames(), condition.frameOffset(sample));
                long from = (long) sample * length * Integer.BYTES;
                if (levels != null) {
                    MemorySegment.copy(values.data(), ValueLayout.JAVA_INT, from, levels, 0, length);
                    int[] chain = levels;
                    if (!order.isNatural()) {
                        chain = new int[length];
                        order.arrange(levels, 0, chain, length);
                    }
                    pass.levels(n, chain, 0);
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
            known.write(model.config().data(), values.data());
        }
    }
}
