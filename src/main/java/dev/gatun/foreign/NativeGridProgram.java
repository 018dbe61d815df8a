package dev.gatun.foreign;

import dev.gatun.bindings.gatun_grid_operation;
import dev.gatun.bindings.gatun_grid_program;
import dev.gatun.bindings.gatun_grid_run;
import dev.gatun.bindings.gatun_grid_slot;
import dev.gatun.bindings.gatun_h;
import dev.gatun.bindings.gatun_noise;
import dev.gatun.bindings.gatun_tap;
import dev.gatun.bindings.gatun_values;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The step program of a grid as native code interprets it: rows at a time, pixels channel by channel. */
public final class NativeGridProgram implements SamplingProgram {
    /** The most streams whose state lies together: enough to share the weights, few enough for the caches. */
    private static final int MOST_TOGETHER = 16;

    /**
     * Where the positions lie.
     *
     * @param channels of a pixel, positions of their own
     */
    public record Extent(int rows, int columns, int channels) {
        /** Positions of all. */
        public int positions() {
            return Math.multiplyExact(Math.multiplyExact(rows, columns), channels);
        }
    }

    /**
     * The rows of a map that are still read.
     *
     * @param features at a place
     * @param rows kept
     * @param columns of the map
     * @param left columns outside of it
     * @param right likewise
     * @param scale positions of the data a side of a place, {@link Integer#MAX_VALUE} for all
     * @param levels whether it holds levels
     * @param offset in floats of a stream's state, a multiple of 16
     */
    public record Slot(
            int features, int rows, int columns, int left, int right, int scale, boolean levels, long offset) {}

    /** What becomes of a sum's chains. */
    public enum Chains {
        /** The whole sum. */
        NONE(gatun_h.GATUN_CHAINS_NONE()),
        /** The first taps leave them for the others. */
        LEAVE(gatun_h.GATUN_CHAINS_LEAVE()),
        /** The last taps carry them on. */
        CARRY_ON(gatun_h.GATUN_CHAINS_CARRY_ON());

        private final int code;

        Chains(int code) {
            this.code = code;
        }
    }

    /**
     * At which rows and columns of the data an instruction runs: {@code row, row + every, ...}.
     *
     * @param every {@link Integer#MAX_VALUE}: at one alone
     */
    public record Places(int every, int row, int column) {}

    /** Some of a sum's taps: flat inputs of those before and behind them, and what becomes of its chains, in which slot. */
    public record Part(int before, int behind, Chains use, int chains) {
        /** A whole sum. */
        public static final Part WHOLE = new Part(0, 0, Chains.NONE, -1);
    }

    /** How instructions go over a row. */
    public enum Sweep {
        /** Each over all columns. */
        NONE(0),
        /** Neighbours in the program together, from column to column, to the right. */
        RIGHT(1),
        /** The same to the left. */
        LEFT(-1);

        private final int code;

        Sweep(int code) {
            this.code = code;
        }
    }

    /** An instruction; gatun.h says what each field means to each kind. */
    public record Instruction(
            StepKind kind,
            int input,
            int output,
            int inputs,
            int outputs,
            int firstInput,
            int firstOutput,
            int[] tapRows,
            int[] tapColumns,
            int unseen,
            int argument,
            float scale,
            Part part,
            Places places,
            Sweep sweep,
            MemorySegment weights,
            MemorySegment bias,
            MemorySegment outside,
            int precision) {
        /** This one with weights of another precision, {@link StepPacking#F32} or {@link StepPacking#BF16}. */
        public Instruction of(MemorySegment others, int itsPrecision) {
            return new Instruction(
                    kind,
                    input,
                    output,
                    inputs,
                    outputs,
                    firstInput,
                    firstOutput,
                    tapRows,
                    tapColumns,
                    unseen,
                    argument,
                    scale,
                    part,
                    places,
                    sweep,
                    others,
                    bias,
                    outside,
                    itsPrecision);
        }
    }

    private final MemorySegment struct;
    private final NativeDistribution distribution;
    private final Extent extent;
    private final long stateFloats;
    private final List<Instruction> conditions;
    private final @Nullable OnDevice device;
    private @Nullable StepTimes times;

    /** A program's copy on a CUDA device. */
    private record OnDevice(CudaSteps entries, MemorySegment program) {}

    /**
     * Lays the program out in memory of the arena, and has native code check that it fits together.
     *
     * @param sections the instructions of a row's beginning, of each channel of a pixel, of a row's end
     * @throws NativeException if it does not
     */
    public NativeGridProgram(
            Context context,
            Arena arena,
            Extent extent,
            List<Slot> slots,
            List<List<Instruction>> sections,
            NativeDistribution distribution,
            long stateFloats) {
        this.distribution = distribution;
        this.extent = extent;
        this.stateFloats = stateFloats;
        if (sections.size() != extent.channels() + 2) {
            throw new IllegalArgumentException(sections.size() + " sections of a grid of " + extent);
        }
        List<Instruction> all = sections.stream().flatMap(List::stream).toList();
        conditions = all.stream()
                .filter(i -> i.kind() == StepKind.FRAME || i.kind() == StepKind.CLASS)
                .toList();
        int taps = all.stream().mapToInt(i -> i.tapRows().length).sum();
        struct = gatun_grid_program.allocate(arena);
        gatun_grid_program.slots(struct, layOutSlots(arena, slots));
        gatun_grid_program.taps(struct, layOutTaps(arena, all, taps));
        gatun_grid_program.operations(struct, layOut(arena, all));
        gatun_grid_program.section_ends(struct, layOutEnds(arena, sections));
        gatun_grid_program.distribution(struct).copyFrom(distribution.struct());
        gatun_grid_program.state_floats(struct, stateFloats);
        gatun_grid_program.operation_count(struct, all.size());
        gatun_grid_program.slot_count(struct, slots.size());
        gatun_grid_program.tap_count(struct, taps);
        gatun_grid_program.rows(struct, extent.rows());
        gatun_grid_program.columns(struct, extent.columns());
        gatun_grid_program.channels(struct, extent.channels());
        context.check(gatun_h.gatun_grid_check(context.handle(), struct));
        device = null;
    }

    private NativeGridProgram(NativeGridProgram from, OnDevice device) {
        struct = from.struct;
        distribution = from.distribution;
        extent = from.extent;
        stateFloats = from.stateFloats;
        conditions = from.conditions;
        this.device = device;
    }

    @Override
    public NativeGridProgram on(CudaDevice cuda, Arena arena) {
        CudaSteps entries = cuda.library().grids();
        return new NativeGridProgram(this, new OnDevice(entries, entries.program(cuda.handle(), struct, arena)));
    }

    private static MemorySegment layOutSlots(Arena arena, List<Slot> slots) {
        MemorySegment all = gatun_grid_slot.allocateArray(Math.max(1, slots.size()), arena);
        for (int i = 0; i < slots.size(); i++) {
            Slot from = slots.get(i);
            MemorySegment to = gatun_grid_slot.asSlice(all, i);
            gatun_grid_slot.offset(to, from.offset());
            gatun_grid_slot.features(to, from.features());
            gatun_grid_slot.rows(to, from.rows());
            gatun_grid_slot.columns(to, from.columns());
            gatun_grid_slot.left(to, from.left());
            gatun_grid_slot.right(to, from.right());
            gatun_grid_slot.scale(to, from.scale());
            gatun_grid_slot.levels(to, from.levels() ? 1 : 0);
        }
        return all;
    }

    private static MemorySegment layOutTaps(Arena arena, List<Instruction> instructions, int taps) {
        MemorySegment all = gatun_tap.allocateArray(Math.max(1, taps), arena);
        int tap = 0;
        for (Instruction from : instructions) {
            for (int k = 0; k < from.tapRows().length; k++, tap++) {
                MemorySegment to = gatun_tap.asSlice(all, tap);
                gatun_tap.row(to, from.tapRows()[k]);
                gatun_tap.column(to, from.tapColumns()[k]);
            }
        }
        return all;
    }

    private static MemorySegment layOutEnds(Arena arena, List<List<Instruction>> sections) {
        int[] ends = new int[sections.size()];
        int end = 0;
        for (int i = 0; i < ends.length; i++) {
            end += sections.get(i).size();
            ends[i] = end;
        }
        return arena.allocateFrom(ValueLayout.JAVA_INT, ends);
    }

    private static MemorySegment layOut(Arena arena, List<Instruction> instructions) {
        MemorySegment all = gatun_grid_operation.allocateArray(Math.max(1, instructions.size()), arena);
        int tap = 0;
        for (int i = 0; i < instructions.size(); i++) {
            Instruction from = instructions.get(i);
            MemorySegment to = gatun_grid_operation.asSlice(all, i);
            gatun_grid_operation.kind(to, from.kind().code());
            gatun_grid_operation.input(to, from.input());
            gatun_grid_operation.output(to, from.output());
            gatun_grid_operation.inputs(to, from.inputs());
            gatun_grid_operation.outputs(to, from.outputs());
            gatun_grid_operation.first_input(to, from.firstInput());
            gatun_grid_operation.first_output(to, from.firstOutput());
            gatun_grid_operation.first_tap(to, tap);
            gatun_grid_operation.tap_count(to, from.tapRows().length);
            gatun_grid_operation.unseen(to, from.unseen());
            gatun_grid_operation.argument(to, from.argument());
            gatun_grid_operation.scale(to, from.scale());
            gatun_grid_operation.before(to, from.part().before());
            gatun_grid_operation.behind(to, from.part().behind());
            gatun_grid_operation.chain_use(to, from.part().use().code);
            gatun_grid_operation.chains(to, from.part().chains());
            gatun_grid_operation.every(to, from.places().every());
            gatun_grid_operation.row(to, from.places().row());
            gatun_grid_operation.column(to, from.places().column());
            gatun_grid_operation.sweep(to, from.sweep().code);
            gatun_grid_operation.weights(to, from.weights());
            gatun_grid_operation.precision(to, from.precision());
            gatun_grid_operation.bias(to, from.bias());
            gatun_grid_operation.outside(to, from.outside());
            tap += from.tapRows().length;
        }
        return all;
    }

    @Override
    public NativeDistribution distribution() {
        return distribution;
    }

    @Override
    public long stateFloats() {
        return stateFloats;
    }

    @Override
    public synchronized StepTimes stepTimes(Context context) {
        if (times == null) {
            times = StepTimes.measured(
                    context,
                    (apart, together) -> gatun_h.gatun_grid_measure(context.handle(), struct, apart, together));
        }
        return times;
    }

    @Override
    public SamplingRun start(
            Context context,
            Arena arena,
            int streams,
            NativeDistribution.Noise noise,
            NativeDistribution.Values values,
            NativeCondition condition,
            @Nullable MemorySegment known,
            @Nullable MemorySegment logProb) {
        SamplingRun.checkValues(distribution, streams, values, known, logProb);
        if (values.positions() != extent.positions()) {
            throw new IllegalArgumentException(
                    "values of " + values.positions() + " positions, expected those of " + extent);
        }
        for (Instruction reader : conditions) {
            int every = reader.places().every();
            long frames = (long) Math.ceilDiv(extent.rows(), every) * Math.ceilDiv(extent.columns(), every);
            condition.checkRoom(streams, reader.kind(), reader.outputs(), frames);
        }
        return new Run(context, arena, streams, noise, values, condition, known, logProb);
    }

    private final class Run implements SamplingRun {
        private final MemorySegment state;
        private final @Nullable MemorySegment onDevice;
        private final MemorySegment call;
        private final NativeDistribution.Values values;
        private final NativeCondition condition;
        private final @Nullable MemorySegment known;
        private final @Nullable MemorySegment logProb;
        private final int streams;
        private final int part;
        private final NativeDistribution.Noise noise;
        private long position;

        Run(
                Context context,
                Arena arena,
                int streams,
                NativeDistribution.Noise noise,
                NativeDistribution.Values values,
                NativeCondition condition,
                @Nullable MemorySegment known,
                @Nullable MemorySegment logProb) {
            this.noise = noise;
            this.values = values;
            this.condition = condition;
            this.known = known;
            this.logProb = logProb;
            this.streams = streams;
            part = Math.clamp(Math.ceilDiv(streams, context.threads()), 1, MOST_TOGETHER);
            onDevice =
                    device == null || streams == 0 ? null : device.entries().streams(device.program(), streams, arena);
            long here = onDevice == null ? stateFloats : 0;
            long floats = Math.multiplyExact(Math.max(1, here), (long) Math.max(1, streams));
            state = Pages.allocate(arena, Math.multiplyExact(floats, (long) Float.BYTES));
            call = gatun_grid_run.allocate(arena);
            gatun_grid_run.state(call, state);
            gatun_grid_run.noise(call).copyFrom(noise.struct());
            MemorySegment all = gatun_grid_run.values(call);
            gatun_values.levels(all, values.real() ? MemorySegment.NULL : values.data());
            gatun_values.reals(all, values.real() ? values.data() : MemorySegment.NULL);
            gatun_values.stride_example(all, values.positions());
            gatun_grid_run.frames(call, condition.frames());
            gatun_grid_run.classes(call, condition.classes());
            gatun_grid_run.frame_count(call, condition.frameCount());
            gatun_grid_run.known(call, known == null ? MemorySegment.NULL : known);
            gatun_grid_run.log_prob(call, logProb == null ? MemorySegment.NULL : logProb);
            gatun_grid_run.streams(call, streams);
            gatun_grid_run.part(call, part);
            reset(context);
        }

        @Override
        public void together(boolean shared) {
            gatun_grid_run.together(call, shared ? 1 : 0);
        }

        @Override
        public void restart(Context context, long firstSample) {
            gatun_noise.first_sample(gatun_grid_run.noise(call), firstSample);
            reset(context);
        }

        private void reset(Context context) {
            position = 0;
            if (device != null && onDevice != null) {
                device.entries().reset(onDevice);
                return;
            }
            context.check(gatun_h.gatun_grid_reset(context.handle(), struct, state, streams, part));
        }

        @Override
        public void resume(Context context, long at) {
            requireHere();
            if (at < 0 || at > values.positions()) {
                throw new IllegalArgumentException("position: found " + at + ", expected 0.." + values.positions());
            }
            reset(context);
            position = at;
        }

        @Override
        public StreamState state(int stream) {
            requireHere();
            Objects.checkIndex(stream, streams);
            return StreamState.of(state, stateFloats, streams, part, stream);
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public void advance(Context context, int positions) {
            if (positions < 0 || positions > values.positions() - position) {
                throw new IllegalArgumentException(
                        positions + " steps at position " + position + " of " + values.positions());
            }
            checkAlive();
            gatun_grid_run.first_position(call, position);
            gatun_grid_run.positions(call, positions);
            if (device != null && onDevice != null) {
                device.entries().run(onDevice, call);
            } else {
                context.check(gatun_h.gatun_grid_run_steps(context.handle(), struct, call));
            }
            position += positions;
        }

        @Override
        public void meter(@Nullable NativeMeter meter) {
            requireHere();
            int count = gatun_grid_program.operation_count(struct);
            gatun_grid_run.meter(call, meter == null ? MemorySegment.NULL : meter.struct(count));
        }

        @Override
        public void outputs(Context context, MemorySegment into) {
            SamplingRun.checkOutputs(distribution, streams, position, values.positions(), into);
            oneStep();
            if (device != null && onDevice != null) {
                device.entries().outputs(onDevice, call, into);
            } else {
                context.check(gatun_h.gatun_grid_outputs(context.handle(), struct, call, into));
            }
        }

        @Override
        public void take(Context context) {
            oneStep();
            if (device != null && onDevice != null) {
                device.entries().take(onDevice, call);
            } else {
                context.check(gatun_h.gatun_grid_take(context.handle(), struct, call));
            }
            position++;
        }

        private void oneStep() {
            checkAlive();
            gatun_grid_run.first_position(call, position);
            gatun_grid_run.positions(call, 1);
        }

        @Override
        public SamplingRun fork(Context context, Arena arena, NativeDistribution.Values into) {
            checkAlive();
            SamplingRun.checkValues(distribution, streams, into, known, logProb);
            Run other = new Run(context, arena, streams, noise, into, condition, known, logProb);
            if (device != null && onDevice != null && other.onDevice != null) {
                device.entries().copy(other.onDevice, onDevice);
            } else {
                other.state.copyFrom(state);
            }
            into.data().copyFrom(values.data());
            other.position = position;
            return other;
        }

        private void requireHere() {
            SamplingRun.requireHere(device == null);
        }

        private void checkAlive() {
            SamplingRun.checkAlive("state", state);
            SamplingRun.checkAlive("state", onDevice);
            SamplingRun.checkAlive("values", values.data());
            SamplingRun.checkAlive("frames", condition.frames());
            SamplingRun.checkAlive("classes", condition.classes());
            SamplingRun.checkAlive("known", known);
            SamplingRun.checkAlive("log-probabilities", logProb);
        }
    }
}
