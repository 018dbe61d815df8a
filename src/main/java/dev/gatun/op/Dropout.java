package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeDropout;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import dev.gatun.tensor.Parameters;
import dev.gatun.tensor.SplitMix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Features that a step of training drops, drawn for each feature of each position, the others scaled up so that the mean stays
 * (Srivastava et al. 2014). Only graphs for training have it, and outside of steps it is a copy.
 *
 * @param features of a position
 * @param rate the probability of being dropped, above 0 and below 1
 * @param number tells the draws of a graph's dropouts apart
 */
public record Dropout(int features, double rate, int number) implements Operation {
    /** A draw has 16 bits. */
    private static final double LEVELS = 1 << Short.SIZE;

    /** Checks the rate. */
    public Dropout {
        if (!(rate > 0 && rate < 1)) {
            throw new IllegalArgumentException(
                    "dropout: found " + rate + ", expected a probability above 0 and below 1");
        }
    }

    @Override
    public String name() {
        return "dropout";
    }

    @Override
    public List<Input> inputs() {
        return List.of(new Input(features, false, Footprint.POINTWISE));
    }

    @Override
    public long flops() {
        return 0;
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        return new Bound(this, new NativeDropout(arena));
    }

    private static final class Bound implements Kernel {
        private final Dropout operation;
        private final NativeDropout draws;
        private final int kept;

        Bound(Dropout operation, NativeDropout draws) {
            this.operation = operation;
            this.draws = draws;
            kept = Math.clamp(Math.round((1 - operation.rate) * LEVELS), 1, (int) LEVELS - 1);
        }

        @Override
        public void refresh(Context context) {}

        @Override
        public void draw(long seed, long step) {
            if (step < 0) {
                draws.keepAll();
                return;
            }
            long key = SplitMix.mixed(SplitMix.mixed(SplitMix.mixed(seed) + step) + operation.number);
            draws.set(key, kept, (float) (LEVELS / kept));
        }

        @Override
        public void eachDrawn(Consumer<MemorySegment> body) {
            body.accept(draws.memory());
        }

        @Override
        public boolean runsInWindows() {
            return false;
        }

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            Kernels.dropout(context, draws, (NativeMap) inputs.getFirst(), (NativeMap) output, false);
        }

        @Override
        public boolean runsInPlace(int input) {
            return true;
        }

        @Override
        public GradientWay gradientWay(int input) {
            return GradientWay.IN_PLACE;
        }

        @Override
        public boolean gradientReadsInput(int input) {
            return false;
        }

        @Override
        public boolean gradientReadsOutput() {
            return false;
        }

        @Override
        public void gradient(
                Context context,
                List<? extends NativeGrid> inputs,
                NativeMap output,
                NativeMap outputGradient,
                List<@Nullable NativeMap> gradients,
                boolean[] add,
                MemorySegment parameters) {
            NativeMap to = gradients.getFirst();
            if (to != null) {
                Kernels.dropout(context, draws, outputGradient, to, add[0]);
            }
        }

        @Override
        public List<StepCode> stepCode() {
            throw new IllegalStateException("dropout is for training: it has no step");
        }
    }
}
