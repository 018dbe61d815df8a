package dev.gatun;

import dev.gatun.family.DataSpec;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeCondition;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.SamplingRun;
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
    private final @Nullable Forecast forecast;
    private final int length;
    private final Owner owner = new Owner("sampler");
    private final Arena arena = Arena.ofConfined();
    private final NativeDistribution.Values values;
    private final boolean @Nullable [] given;
    private final Stepper stepper;

    /** With which number of a draw at position 0 a sample draws its mask. */
    private static final int MASK_DRAW = 2;

    /** Positions of a block where the data are no images, whose blocks are rows. */
    private static final int BLOCK = 64;

    Sampler(
            Model model,
            SampleOptions options,
            Condition condition,
            Known known,
            @Nullable Forecast forecast,
            int length) {
        this.model = model;
        this.options = options;
        this.condition = condition;
        this.known = known;
        this.forecast = forecast;
        this.length = length;
        try {
            values = new NativeDistribution.Values(arena, model.distribution().real(), options.count(), length);
            known.write(model.config().data(), values.data());
            given = known.isNothing() ? null : known.positions(model.config().data());
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
        return Batches.examples(model.config().data(), values, options.count());
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

    /**
     * How many passes of single samples were made so far, whole ones or over windows; a pass of a batch of eight counts eight, and
     * cached steps are none.
     */
    public long passes() {
        owner.check();
        return stepper.passes();
    }

    /** What {@link #passes} have computed, in passes over all positions of a sample: windows count by their share. */
    public double wholePasses() {
        owner.check();
        return stepper.wholePasses();
    }

    /** By which method samples are drawn and why, in words: for {@link SampleOptions.Method#AUTO} what was measured. */
    public String explanation() {
        owner.check();
        if (stepper instanceof AutoStepper auto) {
            SampleOptions.Method chosen =
                    auto.forecasting() ? SampleOptions.Method.PREDICTIVE : SampleOptions.Method.CACHED;
            return chosen.text() + ": " + auto.why();
        }
        return options.method() == SampleOptions.Method.AUTO
                ? SampleOptions.Method.CACHED.text() + ": the model is an ensemble of masks"
                : options.method().text() + ": as asked for";
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

    /** The samples from one on, of a mask. */
    private Stepper stepper(int first, int count, int mask) {
        return switch (options.method()) {
            case CACHED -> cached(first, count, mask);
            case FULL -> new FullStepper(passes(mask, count, null), first, count, length, given, this::clear);
            case PREDICTIVE -> forecasts(first, count, mask, true, length);
            case JACOBI -> forecasts(first, count, mask, false, length);
            case GS_JACOBI -> forecasts(first, count, mask, false, block());
            case AUTO -> model.masks() > 1 ? cached(first, count, mask) : auto(first, count, mask);
        };
    }

    private AutoStepper auto(int first, int count, int mask) {
        int tried = model.cuda() == null ? 1 : count;
        return new AutoStepper(
                cached(first, count, mask),
                () -> forecasts(first, tried, mask, true, length),
                () -> forecasts(first, count, mask, true, length),
                tried,
                count,
                length);
    }

    private DrawnPass passes(int mask, int count, @Nullable Ahead ahead) {
        return new DrawnPass(model, options, condition, values, arena, mask, count, ahead);
    }

    private ForecastStepper forecasts(int first, int count, int mask, boolean alone, int block) {
        Ahead ahead = new Ahead(alone, block, forecast);
        return new ForecastStepper(passes(mask, count, ahead), first, count, length, ahead, given, this::clear);
    }

    /** Positions of a block of Gauss-Seidel iteration. */
    private int block() {
        return model.config().data() instanceof DataSpec.Image image ? image.width() * image.channels() : BLOCK;
    }

    /** Makes the values what they were before anything was drawn. */
    private void clear() {
        values.data().fill((byte) 0);
        known.write(model.config().data(), values.data());
    }

    private CachedStepper cached(int first, int count, int mask) {
        long firstSample = options.firstSample() + first;
        NativeDistribution.Noise noise =
                new NativeDistribution.Noise(arena, options.seed(), firstSample, options.temperature(), options.mode());
        NativeCondition under = condition.in(arena);
        NativeDistribution.Values own = values.range(arena, first, count);
        MemorySegment marks = given == null ? null : Known.marks(arena, given, count, length);
        Programs.Compiled compiled = model.compiled(mask, length, arena);
        SamplingRun run = compiled.program().start(model.context(), arena, count, noise, own, under, marks, null);
        if (count == 1) {
            run.together(model.shares(compiled.program()));
        }
        return new CachedStepper(
                run,
                firstSample,
                count,
                marks == null ? null : Primer.of(model, compiled.prefix(), condition, own, knownFirst()));
    }

    /** How many positions are known before the first that is not. */
    private int knownFirst() {
        int first = 0;
        while (given != null && first < given.length && given[first]) {
            first++;
        }
        return first;
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

        @Override
        public long passes() {
            return parts.stream().mapToLong(Stepper::passes).sum();
        }

        @Override
        public double wholePasses() {
            return parts.stream().mapToDouble(Stepper::wholePasses).sum();
        }
    }
}
