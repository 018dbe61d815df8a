package dev.gatun.foreign;

import dev.gatun.bindings.gatun_step_run;
import dev.gatun.bindings.gatun_step_stream;
import dev.gatun.bindings.gatun_values;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Streams of a step program side by side, each at a position of its own, that join, stand still and leave between two calls.
 * They are where their program is: on this machine's processor, where calls allocate nothing, or on a CUDA device, to which each
 * call brings what it needs and from which it brings values back. The memory is that of an arena, which outlives this; so do the
 * program and its weights. One thread's.
 */
public final class NativeStreams {
    /**
     * What there is room for.
     *
     * @param streams places for streams, at least 1
     * @param chunk values of each that are kept, at least 1
     * @param frames frames of the condition that are kept of each: frame i lies at {@code i % frames}
     * @param channels of a frame, 0 where there are none
     */
    public record Room(int streams, int chunk, int frames, int channels) {}

    private final Room room;
    private final StreamPlace place;
    private final MemorySegment call;
    private final MemorySegment each;
    private final NativeDistribution.Values values;
    private final MemorySegment known;
    private final MemorySegment classes;
    private final MemorySegment frames;
    private final long valuesField;
    private long clock;

    /** Places without streams. */
    public NativeStreams(
            Context context, Arena arena, NativeStepProgram program, Room room, float temperature, boolean mode) {
        this.room = room;
        program.checkStreams(room);
        int streams = room.streams();
        values = new NativeDistribution.Values(arena, program.distribution().real(), streams, room.chunk());
        known = arena.allocate((long) streams * room.chunk());
        classes = arena.allocate((long) streams * Integer.BYTES, Integer.BYTES);
        frames = arena.allocate(
                Math.max(1, Math.multiplyExact((long) streams * room.frames(), (long) room.channels())) * Float.BYTES,
                Float.BYTES);
        each = gatun_step_stream.allocateArray(streams, arena);
        call = gatun_step_run.allocate(arena);
        MemorySegment noise = new NativeDistribution.Noise(arena, 0, 0, temperature, mode).struct();
        gatun_step_run.noise(call).copyFrom(noise);
        gatun_step_run.frames(call, room.channels() == 0 ? MemorySegment.NULL : frames);
        gatun_step_run.classes(call, classes);
        gatun_step_run.frame_count(call, room.frames());
        gatun_step_run.streams(call, streams);
        gatun_step_run.each(call, each);
        gatun_values.stride_example(gatun_step_run.values(call), room.chunk());
        valuesField = gatun_step_run.values$offset()
                + (values.real() ? gatun_values.reals$offset() : gatun_values.levels$offset());
        for (int stream = 0; stream < streams; stream++) {
            setIdle(stream, true);
        }
        place = program.place(context, arena, call, streams);
    }

    /** Has threads share the steps of a stream that goes on alone, or not. */
    public void together(boolean shared) {
        gatun_step_run.together(call, shared ? 1 : 0);
    }

    /** Values of each place, {@code [streams, chunk]}. */
    public NativeDistribution.Values values() {
        return values;
    }

    /** A byte a value, 1 where it is given. */
    public MemorySegment known() {
        return known;
    }

    /** {@code [streams, frames, channels]}. */
    public MemorySegment frames() {
        return frames;
    }

    /** Puts a stream at its position 0 in a place, nothing of it known; it does not stand still. */
    public void join(Context context, int stream, long seed, long sample, int label) {
        place.reset(context, Objects.checkIndex(stream, room.streams()));
        set(stream, gatun_step_stream.start$offset(), clock);
        set(stream, gatun_step_stream.seed$offset(), seed);
        set(stream, gatun_step_stream.sample$offset(), sample);
        classes.setAtIndex(ValueLayout.JAVA_INT, stream, label);
        for (int i = 0; i < room.chunk(); i++) {
            known.set(ValueLayout.JAVA_BYTE, (long) stream * room.chunk() + i, (byte) 0);
        }
        setIdle(stream, false);
    }

    /** Has a stream stand still, or a place be without one. */
    public void stand(int stream) {
        setIdle(stream, true);
    }

    /** Has a stream go on from its position; it may have stood still while the others went on. */
    public void go(Context context, int stream, long position) {
        setIdle(stream, false);
        long field = stream * gatun_step_stream.sizeof() + gatun_step_stream.start$offset();
        long start = each.get(ValueLayout.JAVA_LONG, field);
        long stood = clock - start - position;
        if (stood != 0) {
            place.delay(context, Objects.checkIndex(stream, room.streams()), stood);
            each.set(ValueLayout.JAVA_LONG, field, start + stood);
        }
    }

    /**
     * Runs steps of all streams that do not stand still.
     *
     * @param from the place in the chunk that takes the first value
     * @param given whether {@link #known} marks values that are given
     */
    public void advance(Context context, int from, int steps, boolean given) {
        Objects.checkFromIndexSize(from, steps, room.chunk());
        // As numbers: segments made for them would be garbage at every call.
        call.set(ValueLayout.JAVA_LONG, valuesField, values.data().address() + (long) from * Integer.BYTES);
        call.set(ValueLayout.JAVA_LONG, gatun_step_run.known$offset(), given ? known.address() + from : 0);
        gatun_step_run.first_position(call, clock);
        gatun_step_run.positions(call, steps);
        place.run(context, call);
        clock += steps;
    }

    private void set(int stream, long field, long value) {
        each.set(ValueLayout.JAVA_LONG, stream * gatun_step_stream.sizeof() + field, value);
    }

    private void setIdle(int stream, boolean idle) {
        each.set(
                ValueLayout.JAVA_INT,
                stream * gatun_step_stream.sizeof() + gatun_step_stream.idle$offset(),
                idle ? 1 : 0);
    }
}
