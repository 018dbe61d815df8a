package dev.gatun.op;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import dev.gatun.foreign.StepKind;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A map moved by some rows and columns: each position takes what lies at a tap, zeros outside of the map.
 *
 * @param features of the map
 * @param tap where the value comes from, such as (-1, 0) for a map moved down one row
 */
public record Shift(int features, Tap tap) implements Operation {
    @Override
    public String name() {
        return "shift";
    }

    @Override
    public List<Input> inputs() {
        return List.of(new Input(features, false, new Footprint.Taps(List.of(tap), Footprint.Groups.UP_TO_OWN)));
    }

    @Override
    public long flops() {
        return 0;
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        return new Bound(this);
    }

    private static GridShape.Halo halo(int row, int column) {
        return new GridShape.Halo(Math.max(0, -row), Math.max(0, row), Math.max(0, -column), Math.max(0, column));
    }

    private record Bound(Shift operation) implements Kernel {
        @Override
        public void refresh(Context context) {}

        @Override
        public GridShape.Halo inputHalo(int input) {
            return halo(operation.tap.row(), operation.tap.column());
        }

        @Override
        public GridShape.Halo gradientHalo() {
            return halo(-operation.tap.row(), -operation.tap.column());
        }

        @Override
        public Tap moves() {
            return operation.tap;
        }

        @Override
        public GradientWay gradientWay(int input) {
            return GradientWay.MOVED;
        }

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            copy(context, (NativeMap) inputs.get(0), operation.tap, (NativeMap) output, false);
        }

        /** Nothing, where the target is a view of the source. */
        private static void copy(Context context, NativeMap from, Tap tap, NativeMap to, boolean add) {
            if (!to.isMoved(from, tap.row(), tap.column())) {
                Kernels.copyAt(context, from, tap.row(), tap.column(), to, add);
            }
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
            NativeMap dx = gradients.get(0);
            if (dx != null) {
                copy(context, outputGradient, operation.tap.times(-1), dx, add[0]);
            }
        }

        @Override
        public List<StepCode> stepCode() {
            int features = operation.features;
            return List.of(StepCode.of(StepKind.COPY, 0, List.of(operation.tap), features, features, 0, 0));
        }
    }
}
