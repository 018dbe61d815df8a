package dev.gatun.graph;

import dev.gatun.op.Footprint;
import dev.gatun.op.Kernel;
import dev.gatun.op.Operation;
import dev.gatun.op.Tap;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An operation that is all footprint, for graphs of families whose kernels do not matter here. */
record Sketch(
        String name,
        int features,
        List<Footprint> footprints,
        @Nullable Footprint recurrence,
        long flops) implements Operation {
    static final int WIDTH = 6;

    static Sketch reading(Footprint... footprints) {
        return new Sketch("sketch", WIDTH, List.of(footprints), null, 0);
    }

    static Sketch pointwise() {
        return reading(Footprint.POINTWISE);
    }

    static Sketch sum(int inputs) {
        List<Footprint> all = new ArrayList<>();
        for (int i = 0; i < inputs; i++) {
            all.add(Footprint.POINTWISE);
        }
        return new Sketch("sum", WIDTH, all, null, 0);
    }

    static Sketch recurrent(Footprint input, List<Tap> state) {
        return new Sketch("recurrent", WIDTH, List.of(input), Footprint.of(state), 0);
    }

    /** Taps of rows top..bottom and columns left..right, in raster order. */
    static List<Tap> box(int top, int bottom, int left, int right) {
        List<Tap> taps = new ArrayList<>();
        for (int row = top; row <= bottom; row++) {
            for (int column = left; column <= right; column++) {
                taps.add(new Tap(row, column));
            }
        }
        return taps;
    }

    /** A masked convolution's taps: what comes before the centre, and the centre. */
    static Footprint masked(int size, Footprint.Groups centre) {
        int m = size / 2;
        List<Tap> taps = new ArrayList<>(box(-m, -1, -m, m));
        taps.addAll(box(0, 0, -m, 0));
        return new Footprint.Taps(taps, centre);
    }

    @Override
    public List<Input> inputs() {
        return footprints.stream()
                .map(footprint -> new Input(WIDTH, false, footprint))
                .toList();
    }

    @Override
    public Kernel bind(Parameters parameters, Arena arena, boolean training) {
        throw new AssertionError("a sketch has no kernel");
    }
}
