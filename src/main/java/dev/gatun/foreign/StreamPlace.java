package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;
import dev.gatun.bindings.gatun_step_run;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Where the state of {@link NativeStreams} lies, and their steps run. */
sealed interface StreamPlace {
    /** Puts a stream at its position 0. */
    void reset(Context context, int stream);

    /** Has a stream that stood still for so many steps go on, if its start is later by as many. */
    void delay(Context context, int stream, long steps);

    /** Runs steps: a gatun_step_run. */
    void run(Context context, MemorySegment steps);

    /** This machine's processor, which finds the state in the run. Calls allocate nothing. */
    record Here(MemorySegment program, MemorySegment state, int streams) implements StreamPlace {
        /** All streams at position 0. */
        static Here of(Context context, Arena arena, NativeStepProgram program, MemorySegment call, int streams) {
            long floats = Math.multiplyExact(Math.max(1, program.stateFloats()), (long) streams);
            MemorySegment state = Pages.allocate(arena, Math.multiplyExact(floats, (long) Float.BYTES));
            gatun_step_run.state(call, state);
            context.check(gatun_h.gatun_step_reset(context.handle(), program.struct(), state, streams));
            return new Here(program.struct(), state, streams);
        }

        @Override
        public void reset(Context context, int stream) {
            context.check(gatun_h.gatun_step_reset_stream(context.handle(), program, state, streams, stream));
        }

        @Override
        public void delay(Context context, int stream, long steps) {
            context.check(gatun_h.gatun_step_delay_stream(context.handle(), program, state, streams, stream, steps));
        }

        @Override
        public void run(Context context, MemorySegment steps) {
            context.check(gatun_h.gatun_step(context.handle(), program, steps));
        }
    }

    /** A CUDA device, which has the state. */
    record There(CudaSteps entries, CudaStreams single, MemorySegment streams) implements StreamPlace {
        @Override
        public void reset(Context context, int stream) {
            single.reset(streams, stream);
        }

        @Override
        public void delay(Context context, int stream, long steps) {
            single.delay(streams, stream, steps);
        }

        @Override
        public void run(Context context, MemorySegment steps) {
            entries.run(streams, steps);
        }
    }
}
