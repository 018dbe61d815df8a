package dev.gatun.train;

import dev.gatun.DeviceVectors;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.OptimizerCalls;
import dev.gatun.foreign.OptimizerCalls.Kind;
import dev.gatun.foreign.OptimizerCalls.Settings;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The arithmetic of one step, after its gradient: clip, step, average; and where it is done: by this machine's processor on its
 * memory, or by a device on what it keeps from step to step.
 */
final class Descent {
    /** As torch.nn.utils.clip_grad_norm_ has it. */
    private static final double CLIP_EPSILON = 1e-6;

    private final Context context;
    private final TrainerOptions options;
    private final Settings settings;
    private final @Nullable DeviceVectors device;

    /** @param device whose vectors are those of the state that it is used with, or null */
    Descent(Context context, TrainerOptions options, @Nullable DeviceVectors device) {
        this.context = context;
        this.options = options;
        this.settings = settings(options.optimizer());
        this.device = device;
    }

    /** The optimiser as native code takes it. */
    static Settings settings(Optimizer optimizer) {
        return switch (optimizer) {
            case Optimizer.Sgd o -> new Settings(Kind.SGD, o.momentum(), o.nesterov(), 0, 0, 0, o.weightDecay(), false);
            case Optimizer.RmsProp o ->
                new Settings(Kind.RMSPROP, o.momentum(), false, 0, o.alpha(), o.epsilon(), o.weightDecay(), false);
            case Optimizer.Adam o ->
                new Settings(Kind.ADAM, 0, false, o.beta1(), o.beta2(), o.epsilon(), o.weightDecay(), o.decoupled());
            case Optimizer.Adamax o ->
                new Settings(Kind.ADAMAX, 0, false, o.beta1(), o.beta2(), o.epsilon(), o.weightDecay(), false);
        };
    }

    /** Gives the vectors that steps change their places, where a device has them, with what is in them now. */
    void begin(TrainingState state) {
        if (device != null) {
            state.stepped().forEach(device::hold);
        }
    }

    /** Fetches the vectors that steps change to this machine's memory, from where they are. */
    void fetch(TrainingState state) {
        if (device != null) {
            state.stepped().forEach(device::fetch);
        }
    }

    /** Brings the parameters to where steps are made, after they were changed in this machine's memory. */
    void bringParameters(TrainingState state) {
        if (device != null) {
            device.bring(state.parameters);
        }
    }

    /** The L2 norm of what lies in this machine's memory; not finite if a value is not. */
    double norm(MemorySegment values) {
        return Math.sqrt(OptimizerCalls.sumOfSquares(context, values));
    }

    /** The L2 norm of the gradient; not finite if a value is not. */
    double gradientNorm(MemorySegment gradient) {
        return device == null ? norm(gradient) : Math.sqrt(device.sumOfSquares(gradient));
    }

    private void compute(Consumer<Context> calls) {
        if (device == null) {
            calls.accept(context);
        } else {
            device.compute(calls);
        }
    }

    /** Scales a gradient of that norm down to the longest allowed. */
    void clip(MemorySegment gradient, double norm) {
        double factor = options.gradientClip() / (norm + CLIP_EPSILON);
        if (options.gradientClip() > 0 && factor < 1) {
            compute(by -> OptimizerCalls.scale(by, (float) factor, gradient));
        }
    }

    /** The learning rate of the step that comes next. */
    double rate(TrainingState state) {
        return options.schedule().rate(options.optimizer().learningRate(), state.epoch, state.step);
    }

    /** Makes a step and counts it. */
    void step(TrainingState state, MemorySegment gradient) {
        double rate = rate(state);
        state.step++;
        compute(by -> {
            OptimizerCalls.step(by, settings, rate, state.step, state.parameters, gradient, state.first, state.second);
            if (state.averages()) {
                OptimizerCalls.average(by, keptOfAverage(state), state.parameters, state.average);
            }
        });
    }

    /** What the average keeps at a step that was counted already. */
    private double keptOfAverage(TrainingState state) {
        if (options.averageFrom() == 0) {
            // The average begins with the first step's parameters, not with the random ones before.
            return state.step == 1 ? 0 : options.emaDecay();
        }
        long epochsBefore = state.epoch + 1L - options.averageFrom();
        if (epochsBefore < 0) {
            return 0;
        }
        // Steps since then: those of whole epochs, and of the running one, whose batch is not counted yet.
        long perEpoch = state.epoch == 0 ? 0 : (state.step - 1 - state.batch) / state.epoch;
        long steps = epochsBefore * perEpoch + state.batch + 1;
        return 1 - 1.0 / steps;
    }
}
