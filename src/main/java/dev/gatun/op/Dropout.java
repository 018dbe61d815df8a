package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import dev.gatun.tensor.Parameters;
import dev.gatun.tensor.SplitMix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
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
    /** A draw has 16 bits: four of a word. */
    private static final int WORDS = 4;

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
        return new Bound(this);
    }

    private static final class Bound implements Kernel {
        private final Dropout operation;
        private final int kept;
        private final float scale;
        private final float[] values;
        private boolean drawing;
        private long key;

        Bound(Dropout operation) {
            this.operation = operation;
            kept = Math.clamp(Math.round((1 - operation.rate) * LEVELS), 1, (int) LEVELS - 1);
            scale = (float) (LEVELS / kept);
            values = new float[operation.features];
        }

        @Override
        public void refresh(Context context) {}

        @Override
        public void draw(long seed, long step) {
            drawing = step >= 0;
            key = SplitMix.mixed(SplitMix.mixed(SplitMix.mixed(seed) + step) + operation.number);
        }

        @Override
        public boolean runsInWindows() {
            return false;
        }

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            checkComputes(context);
            drop((NativeMap) inputs.getFirst(), (NativeMap) output, false);
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
                drop(outputGradient, to, add[0]);
            }
        }

        private void checkComputes(Context context) {
            if (context.records()) {
                throw new UnsupportedOperationException("dropout on a CUDA device: it is drawn on the processor alone");
            }
        }

        private void drop(NativeMap from, NativeMap to, boolean add) {
            float[] before = new float[add ? values.length : 0];
            long position = 0;
            for (int n = 0; n < from.examples(); n++) {
                for (int i = 0; i < from.shape().rows(); i++) {
                    for (int j = 0; j < from.shape().columns(); j++, position++) {
                        from.read(n, i, j, values, 0);
                        if (drawing) {
                            drop(position * Math.ceilDiv(values.length, WORDS));
                        }
                        if (add) {
                            to.read(n, i, j, before, 0);
                            for (int f = 0; f < values.length; f++) {
                                values[f] += before[f];
                            }
                        }
                        to.write(n, i, j, values, 0);
                    }
                }
            }
        }

        private void drop(long word) {
            for (int f = 0; f < values.length; f += WORDS, word++) {
                long draws = SplitMix.mixed(key + word);
                for (int k = f; k < Math.min(f + WORDS, values.length); k++, draws >>>= Short.SIZE) {
                    values[k] = (draws & 0xffff) < kept ? values[k] * scale : 0;
                }
            }
        }

        @Override
        public List<StepCode> stepCode() {
            throw new IllegalStateException("dropout is for training: it has no step");
        }
    }
}
