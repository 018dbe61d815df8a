package dev.gatun.foreign;

import dev.gatun.bindings.gatun_meter;
import dev.gatun.bindings.gatun_meter_event;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Takes how long the instructions of a program's runs are under way: {@link SamplingRun#meter}. One thread's. */
public final class NativeMeter {
    private final MemorySegment struct;
    private final MemorySegment calls;
    private final MemorySegment nanos;
    private final MemorySegment events;
    private final int operations;

    /**
     * Nothing yet.
     *
     * @param operations of the program
     * @param room how many instructions are noted one by one, from the first on
     */
    public NativeMeter(Arena arena, int operations, int room) {
        this.operations = operations;
        calls = arena.allocate(ValueLayout.JAVA_LONG, Math.max(1, operations));
        nanos = arena.allocate(ValueLayout.JAVA_LONG, Math.max(1, operations));
        events = gatun_meter_event.allocateArray(Math.max(1, room), arena);
        struct = gatun_meter.allocate(arena);
        gatun_meter.calls(struct, calls);
        gatun_meter.nanos(struct, nanos);
        gatun_meter.events(struct, events);
        gatun_meter.room(struct, room);
    }

    /** Back to nothing. */
    public void clear() {
        calls.fill((byte) 0);
        nanos.fill((byte) 0);
        gatun_meter.count(struct, 0);
    }

    /** How often an instruction ran. */
    public long calls(int operation) {
        return calls.getAtIndex(ValueLayout.JAVA_LONG, operation);
    }

    /** How long in all. */
    public long nanos(int operation) {
        return nanos.getAtIndex(ValueLayout.JAVA_LONG, operation);
    }

    /** How many instructions were noted one by one. */
    public int events() {
        return (int) gatun_meter.count(struct);
    }

    /** Which instruction an event was. */
    public int operation(int event) {
        return gatun_meter_event.operation(gatun_meter_event.asSlice(events, event));
    }

    /** When it began, by {@link System#nanoTime}'s clock where that is the system's monotonic one. */
    public long start(int event) {
        return gatun_meter_event.start(gatun_meter_event.asSlice(events, event));
    }

    /** When it ended. */
    public long end(int event) {
        return gatun_meter_event.end(gatun_meter_event.asSlice(events, event));
    }

    /** Native memory for a program of so many instructions at most. */
    MemorySegment struct(int instructions) {
        if (instructions > operations) {
            throw new IllegalArgumentException(
                    "meter: found room for " + operations + " instructions, expected " + instructions);
        }
        return struct;
    }
}
