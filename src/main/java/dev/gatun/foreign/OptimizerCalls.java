package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;
import dev.gatun.bindings.gatun_optimizer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The arithmetic of training over flat vectors of float32: optimiser steps, norms, averages. Segments are native and
 * must stay as they are for the time of the call.
 */
public final class OptimizerCalls {
    private OptimizerCalls() {}

    /** Which optimiser. */
    public enum Kind {
        SGD(gatun_h.GATUN_SGD()),
        RMSPROP(gatun_h.GATUN_RMSPROP()),
        ADAM(gatun_h.GATUN_ADAM()),
        ADAMAX(gatun_h.GATUN_ADAMAX());

        private final int code;

        Kind(int code) {
            this.code = code;
        }
    }

    /**
     * An optimiser's settings, named as in {@code torch.optim}; what a kind does not know is 0.
     *
     * @param kind the optimiser
     * @param momentum sgd and rmsprop; 0 for none
     * @param nesterov sgd: look ahead along the momentum
     * @param beta1 adam and adamax
     * @param beta2 adam and adamax; rmsprop's alpha
     * @param epsilon all but sgd
     * @param weightDecay added to the gradient, or with {@code decoupled} taken off the parameters
     * @param decoupled adam: weight decay as AdamW has it
     */
    public record Settings(
            Kind kind,
            double momentum,
            boolean nesterov,
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay,
            boolean decoupled) {
        /** Whether the first running state is used: the momentum buffer, or the running mean. */
        public boolean usesFirst() {
            return kind == Kind.ADAM || kind == Kind.ADAMAX || momentum != 0;
        }

        /** Whether the second running state is used: running squares, or the running largest. */
        public boolean usesSecond() {
            return kind != Kind.SGD;
        }
    }

    /**
     * One step: changes the parameters and the running states.
     *
     * @param step 1 for the first
     * @param first as long as the parameters, zeros before the first step; not touched where the optimiser has no use
     *     for it
     * @param second likewise
     */
    public static void step(
            Context context,
            Settings settings,
            double learningRate,
            long step,
            MemorySegment parameters,
            MemorySegment gradient,
            MemorySegment first,
            MemorySegment second) {
        if (step < 1) {
            throw new IllegalArgumentException("step: found " + step + ", expected 1 or more");
        }
        long count = count("parameters", parameters);
        checkSame("gradient", gradient, count);
        if (settings.usesFirst()) {
            checkSame("first state", first, count);
        }
        if (settings.usesSecond()) {
            checkSame("second state", second, count);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment struct = gatun_optimizer.allocate(arena);
            gatun_optimizer.kind(struct, settings.kind.code);
            gatun_optimizer.learning_rate(struct, learningRate);
            gatun_optimizer.momentum(struct, settings.momentum);
            gatun_optimizer.nesterov(struct, settings.nesterov ? 1 : 0);
            gatun_optimizer.beta1(struct, settings.beta1);
            gatun_optimizer.beta2(struct, settings.beta2);
            gatun_optimizer.epsilon(struct, settings.epsilon);
            gatun_optimizer.weight_decay(struct, settings.weightDecay);
            gatun_optimizer.decoupled(struct, settings.decoupled ? 1 : 0);
            gatun_optimizer.step(struct, step);
            context.check(gatun_h.gatun_optimizer_step(
                    context.handle(),
                    struct,
                    count,
                    parameters,
                    gradient,
                    settings.usesFirst() ? first : MemorySegment.NULL,
                    settings.usesSecond() ? second : MemorySegment.NULL));
        }
    }

    /** The sum of squares, in double; the same for any number of threads. */
    public static double sumOfSquares(Context context, MemorySegment values) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sum = arena.allocate(ValueLayout.JAVA_DOUBLE);
            sumOfSquares(context, values, sum);
            return sum.get(ValueLayout.JAVA_DOUBLE, 0);
        }
    }

    /** The same, into a native double. */
    public static void sumOfSquares(Context context, MemorySegment values, MemorySegment sum) {
        context.check(gatun_h.gatun_sum_of_squares(context.handle(), count("values", values), values, sum));
    }

    /** values *= factor. */
    public static void scale(Context context, float factor, MemorySegment values) {
        context.check(gatun_h.gatun_scale(context.handle(), count("values", values), factor, values));
    }

    /** average = decay * average + (1 - decay) * values. */
    public static void average(Context context, double decay, MemorySegment values, MemorySegment average) {
        long count = count("values", values);
        checkSame("average", average, count);
        context.check(gatun_h.gatun_average(context.handle(), count, decay, values, average));
    }

    private static long count(String what, MemorySegment floats) {
        if (!floats.isNative() || floats.byteSize() % Float.BYTES != 0 || floats.address() % Float.BYTES != 0) {
            throw new IllegalArgumentException(what + ": found " + (floats.isNative() ? "" : "heap memory of ")
                    + floats.byteSize() + " bytes at address " + floats.address() + ", expected native floats");
        }
        return floats.byteSize() / Float.BYTES;
    }

    private static void checkSame(String what, MemorySegment floats, long expected) {
        long found = count(what, floats);
        if (found != expected) {
            throw new IllegalArgumentException(what + ": found " + found + " floats, expected " + expected);
        }
    }
}
