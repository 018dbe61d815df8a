package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;
import dev.gatun.bindings.gatun_noise;
import dev.gatun.bindings.gatun_step_operation;
import dev.gatun.bindings.gatun_step_program;
import dev.gatun.bindings.gatun_step_run;
import dev.gatun.bindings.gatun_step_slot;
import dev.gatun.bindings.gatun_step_stream;
import dev.gatun.bindings.gatun_values;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A step program as native code interprets it. Immutable; shared by threads, each with a {@link Run} of its own. */
public final class NativeStepProgram implements SamplingProgram {
    /**
     * A ring of the last positions of a map.
     *
     * @param features at a position
     * @param depth positions kept
     * @param levels whether it holds levels
     * @param offset in floats of a stream's state, a multiple of 16
     */
    public record Slot(int features, int depth, boolean levels, long offset) {}

    /**
     * What a packed product has besides; of other kinds nothing.
     *
     * @param base slot that is added, or -1
     * @param second slot that is added behind it, or -1
     * @param activation of the outputs, or null
     * @param lead taps whose weights are packed apart
     * @param precision of its weights, one of {@link StepPacking}'s
     */
    public record Around(int base, int second, @Nullable ActivationKind activation, int lead, int precision) {
        /** Nothing. */
        public static final Around NONE = new Around(-1, -1, null, 0);

        /** Of weights in float32. */
        public Around(int base, int second, @Nullable ActivationKind activation, int lead) {
            this(base, second, activation, lead, StepPacking.F32);
        }

        /** The same, of weights of another precision. */
        public Around of(int weights) {
            return new Around(base, second, activation, lead, weights);
        }
    }

    /** An instruction; gatun.h says what each field means to each kind. */
    public record Instruction(
            StepKind kind,
            int input,
            int output,
            int[] distances,
            int inputs,
            int outputs,
            int argument,
            int every,
            float scale,
            MemorySegment weights,
            MemorySegment bias,
            MemorySegment outside,
            Around around) {
        /** One with nothing around it. */
        public Instruction(
                StepKind kind,
                int input,
                int output,
                int[] distances,
                int inputs,
                int outputs,
                int argument,
                int every,
                float scale,
                MemorySegment weights,
                MemorySegment bias,
                MemorySegment outside) {
            this(
                    kind,
                    input,
                    output,
                    distances,
                    inputs,
                    outputs,
                    argument,
                    every,
                    scale,
                    weights,
                    bias,
                    outside,
                    Around.NONE);
        }
    }

    private final MemorySegment struct;
    private final NativeDistribution distribution;
    private final long stateFloats;
    private final List<Instruction> frameOperations;
    private final int chain;
    private final boolean ordered;
    private final @Nullable OnDevice device;

    /** A program's copy on a CUDA device. */
    private record OnDevice(CudaDevice cuda, MemorySegment program) {
        CudaSteps entries() {
            return cuda.library().sequences();
        }
    }

    /**
     * Lays the program out in memory of the arena, and has native code check that it fits together.
     *
     * @throws NativeException if it does not
     */
    public NativeStepProgram(
            Context context,
            Arena arena,
            List<Slot> slots,
            List<Instruction> instructions,
            NativeDistribution distribution,
            long stateFloats) {
        this(context, arena, slots, instructions, distribution, stateFloats, new int[0]);
    }

    /**
     * As above, for a chain of so many positions and no more, in an order of its own.
     *
     * @param places the position of the data that each is; empty for a chain of any length in the data's order
     */
    public NativeStepProgram(
            Context context,
            Arena arena,
            List<Slot> slots,
            List<Instruction> instructions,
            NativeDistribution distribution,
            long stateFloats,
            int[] places) {
        this.distribution = distribution;
        this.stateFloats = stateFloats;
        this.frameOperations = instructions.stream()
                .filter(i -> i.kind() == StepKind.FRAME || i.kind() == StepKind.CLASS)
                .toList();
        struct = gatun_step_program.allocate(arena);
        gatun_step_program.slots(struct, layOutSlots(arena, slots));
        int[] distances = instructions.stream()
                .flatMapToInt(i -> java.util.Arrays.stream(i.distances()))
                .toArray();
        gatun_step_program.distances(struct, arena.allocateFrom(ValueLayout.JAVA_INT, atLeastOne(distances)));
        gatun_step_program.operations(struct, layOut(arena, instructions));
        gatun_step_program.distribution(struct).copyFrom(distribution.struct());
        gatun_step_program.state_floats(struct, stateFloats);
        gatun_step_program.operation_count(struct, instructions.size());
        gatun_step_program.slot_count(struct, slots.size());
        gatun_step_program.distance_count(struct, distances.length);
        chain = places.length;
        ordered = !java.util.stream.IntStream.range(0, chain).allMatch(k -> places[k] == k);
        gatun_step_program.chain(struct, chain);
        gatun_step_program.places(
                struct, ordered ? arena.allocateFrom(ValueLayout.JAVA_INT, places) : MemorySegment.NULL);
        context.check(gatun_h.gatun_step_check(context.handle(), struct));
        device = null;
    }

    /** What was measured; guarded by this. */
    private @Nullable StepTimes times;

    private NativeStepProgram(NativeStepProgram from, OnDevice device) {
        struct = from.struct;
        distribution = from.distribution;
        stateFloats = from.stateFloats;
        frameOperations = from.frameOperations;
        chain = from.chain;
        ordered = from.ordered;
        this.device = device;
    }

    @Override
    public NativeStepProgram on(CudaDevice cuda, Arena arena) {
        MemorySegment program = cuda.library().sequences().program(cuda.handle(), struct, arena);
        return new NativeStepProgram(this, new OnDevice(cuda, program));
    }

    private static int[] atLeastOne(int[] values) {
        return values.length == 0 ? new int[1] : values;
    }

    private static MemorySegment layOutSlots(Arena arena, List<Slot> slots) {
        MemorySegment all = gatun_step_slot.allocateArray(Math.max(1, slots.size()), arena);
        for (int i = 0; i < slots.size(); i++) {
            MemorySegment to = gatun_step_slot.asSlice(all, i);
            gatun_step_slot.offset(to, slots.get(i).offset());
            gatun_step_slot.features(to, slots.get(i).features());
            gatun_step_slot.depth(to, slots.get(i).depth());
            gatun_step_slot.levels(to, slots.get(i).levels() ? 1 : 0);
        }
        return all;
    }

    private static MemorySegment layOut(Arena arena, List<Instruction> instructions) {
        MemorySegment all = gatun_step_operation.allocateArray(Math.max(1, instructions.size()), arena);
        int distance = 0;
        for (int i = 0; i < instructions.size(); i++) {
            Instruction from = instructions.get(i);
            MemorySegment to = gatun_step_operation.asSlice(all, i);
            gatun_step_operation.kind(to, from.kind().code());
            gatun_step_operation.input(to, from.input());
            gatun_step_operation.output(to, from.output());
            gatun_step_operation.inputs(to, from.inputs());
            gatun_step_operation.outputs(to, from.outputs());
            gatun_step_operation.argument(to, from.argument());
            gatun_step_operation.every(to, from.every());
            gatun_step_operation.scale(to, from.scale());
            Around around = from.around();
            gatun_step_operation.base(to, around.base());
            gatun_step_operation.second(to, around.second());
            gatun_step_operation.activation(
                    to, around.activation() == null ? -1 : around.activation().code());
            gatun_step_operation.lead(to, around.lead());
            gatun_step_operation.precision(to, around.precision());
            gatun_step_operation.weights(to, from.weights());
            gatun_step_operation.bias(to, from.bias());
            gatun_step_operation.outside(to, from.outside());
            gatun_step_operation.first_distance(to, distance);
            gatun_step_operation.tap_count(to, from.distances().length);
            distance += from.distances().length;
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

    MemorySegment struct() {
        return struct;
    }

    @Override
    public synchronized StepTimes stepTimes(Context context) {
        if (times == null) {
            times = StepTimes.measured(
                    context,
                    (apart, together) -> gatun_h.gatun_step_measure(context.handle(), struct, apart, together));
        }
        return times;
    }

    /** Demands that streams of any length can run in a room: in the data's order, with what the frames' instructions read. */
    void checkStreams(NativeStreams.Room room) {
        if (chain != 0) {
            throw new IllegalArgumentException(
                    "streams: found a chain of " + chain + " positions, expected one of any length");
        }
        for (Instruction reader : frameOperations) {
            if (reader.kind() == StepKind.FRAME && (room.channels() != reader.outputs() || room.frames() < 1)) {
                throw new IllegalArgumentException("streams: found room for " + room.frames() + " frames of "
                        + room.channels() + " channels, expected frames of " + reader.outputs());
            }
        }
    }

    /** Where so many streams run, all at position 0; the run that is to be has their state. */
    StreamPlace place(Context context, Arena arena, MemorySegment call, int streams) {
        if (device == null) {
            return StreamPlace.Here.of(context, arena, this, call, streams);
        }
        MemorySegment there = device.entries().streams(device.program(), streams, arena);
        return new StreamPlace.There(device.entries(), device.cuda().library().streams(), there);
    }

    @Override
    public Run start(
            Context context,
            Arena arena,
            int streams,
            NativeDistribution.Noise noise,
            NativeDistribution.Values values,
            NativeCondition condition,
            @Nullable MemorySegment known,
            @Nullable MemorySegment logProb) {
        return new Run(context, arena, streams, noise, values, condition, known, logProb);
    }

    /** Streams on their way: their state, and where their values go. One thread's. */
    public final class Run implements SamplingRun {
        /** On this machine; on a device it has its own. */
        private final MemorySegment state;

        private final @Nullable MemorySegment onDevice;
        private final MemorySegment call;
        private final MemorySegment each;
        private final NativeDistribution.Values values;
        private final NativeCondition condition;
        private final @Nullable MemorySegment knownBase;
        private final @Nullable MemorySegment logProbBase;
        private final int streams;
        private final NativeDistribution.Noise noise;
        private final long valuesField;
        private long position;

        /**
         * Streams at position 0.
         *
         * @param values streams x length; what {@code known} marks is read, the rest written
         * @param condition what the streams are drawn under
         * @param known one byte a value, 1 where it is given, or null
         * @param logProb a float a value, written, or null
         */
        public Run(
                Context context,
                Arena arena,
                int streams,
                NativeDistribution.Noise noise,
                NativeDistribution.Values values,
                NativeCondition condition,
                @Nullable MemorySegment known,
                @Nullable MemorySegment logProb) {
            SamplingRun.checkValues(distribution, streams, values, known, logProb);
            if (chain != 0 && values.positions() != chain) {
                throw new IllegalArgumentException(
                        "values of " + values.positions() + " positions, expected those of the chain: " + chain);
            }
            this.streams = streams;
            this.noise = noise;
            this.values = values;
            onDevice =
                    device == null || streams == 0 ? null : device.entries().streams(device.program(), streams, arena);
            long here = onDevice == null ? stateFloats : 0;
            long floats = Math.multiplyExact(Math.max(1, here), (long) Math.max(1, streams));
            state = Pages.allocate(arena, Math.multiplyExact(floats, (long) Float.BYTES));
            call = gatun_step_run.allocate(arena);
            gatun_step_run.state(call, state);
            gatun_step_run.noise(call).copyFrom(noise.struct());
            gatun_step_run.streams(call, streams);
            each = gatun_step_stream.allocateArray(Math.max(1, streams), arena);
            gatun_values.stride_example(gatun_step_run.values(call), values.positions());
            valuesField = gatun_step_run.values$offset()
                    + (values.real() ? gatun_values.reals$offset() : gatun_values.levels$offset());
            for (Instruction reader : frameOperations) {
                condition.checkRoom(
                        streams, reader.kind(), reader.outputs(), Math.ceilDiv(values.positions(), reader.every()));
            }
            gatun_step_run.frames(call, condition.frames());
            gatun_step_run.classes(call, condition.classes());
            gatun_step_run.frame_count(call, condition.frameCount());
            this.condition = condition;
            this.knownBase = known;
            this.logProbBase = logProb;
            reset(context);
        }

        @Override
        public void together(boolean shared) {
            gatun_step_run.together(call, shared ? 1 : 0);
        }

        @Override
        public void restart(Context context, long firstSample) {
            gatun_noise.first_sample(gatun_step_run.noise(call), firstSample);
            gatun_step_run.each(call, MemorySegment.NULL);
            reset(context);
        }

        /**
         * Back to position 0, for samples of any numbers.
         *
         * @param samples a number for each stream
         */
        public void restart(Context context, long[] samples) {
            if (samples.length != streams) {
                throw new IllegalArgumentException(samples.length + " sample numbers for " + streams + " streams");
            }
            long seed = gatun_noise.seed(gatun_step_run.noise(call));
            for (int s = 0; s < streams; s++) {
                MemorySegment stream = gatun_step_stream.asSlice(each, s);
                gatun_step_stream.seed(stream, seed);
                gatun_step_stream.sample(stream, samples[s]);
            }
            gatun_step_run.each(call, each);
            reset(context);
        }

        private void reset(Context context) {
            position = 0;
            if (device != null && onDevice != null) {
                device.entries().reset(onDevice);
                return;
            }
            context.check(gatun_h.gatun_step_reset(context.handle(), struct, state, streams));
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
            return StreamState.of(state, stateFloats, streams, streams, stream);
        }

        @Override
        public long position() {
            return position;
        }

        /** Runs steps for all streams, up to the end of the values at most. Nothing is allocated, but on a device. */
        @Override
        public void advance(Context context, int positions) {
            if (positions < 0 || positions > values.positions() - position) {
                throw new IllegalArgumentException(
                        positions + " steps at position " + position + " of " + values.positions());
            }
            prepare(positions);
            if (device != null && onDevice != null) {
                device.entries().run(onDevice, call);
            } else {
                context.check(gatun_h.gatun_step(context.handle(), struct, call));
            }
            position += positions;
        }

        @Override
        public void meter(@Nullable NativeMeter meter) {
            requireHere();
            int count = gatun_step_program.operation_count(struct);
            gatun_step_run.meter(call, meter == null ? MemorySegment.NULL : meter.struct(count));
        }

        private void prepare(int positions) {
            checkAlive();
            long from = ordered ? 0 : position;
            move(valuesField, values.data(), from * Integer.BYTES);
            move(gatun_step_run.known$offset(), knownBase, from);
            move(gatun_step_run.log_prob$offset(), logProbBase, from * Float.BYTES);
            gatun_step_run.first_position(call, position);
            gatun_step_run.positions(call, positions);
        }

        @Override
        public void outputs(Context context, MemorySegment into) {
            SamplingRun.checkOutputs(distribution, streams, position, values.positions(), into);
            prepare(1);
            if (device != null && onDevice != null) {
                device.entries().outputs(onDevice, call, into);
            } else {
                context.check(gatun_h.gatun_step_outputs(context.handle(), struct, call, into));
            }
        }

        @Override
        public void take(Context context) {
            prepare(1);
            if (device != null && onDevice != null) {
                device.entries().take(onDevice, call);
            } else {
                context.check(gatun_h.gatun_step_take(context.handle(), struct, call));
            }
            position++;
        }

        @Override
        public SamplingRun fork(Context context, Arena arena, NativeDistribution.Values into) {
            checkAlive();
            Run other = new Run(context, arena, streams, noise, into, condition, knownBase, logProbBase);
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
            SamplingRun.checkAlive("known", knownBase);
            SamplingRun.checkAlive("log-probabilities", logProbBase);
        }

        /** Writes an address as a number: a segment made for it would be garbage at every step. */
        private void move(long field, @Nullable MemorySegment base, long bytes) {
            call.set(ValueLayout.JAVA_LONG, field, base == null ? 0 : base.address() + bytes);
        }
    }
}
