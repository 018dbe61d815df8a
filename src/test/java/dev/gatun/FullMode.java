package dev.gatun;

import dev.gatun.foreign.NativeDistribution;
import dev.gatun.graph.Pass;
import dev.gatun.graph.PassKind;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;

/** Modes of single positions by whole passes over given values. */
final class FullMode implements AutoCloseable {
    private final Model model;
    private final int length;
    private final Arena arena = Arena.ofConfined();
    private final Pass pass;
    private final NativeDistribution.Values values;

    FullMode(Model model, int length) {
        this.model = model;
        this.length = length;
        pass = new Pass(model.bound(), arena, 1, length, PassKind.VALUES);
        values = new NativeDistribution.Values(arena, model.distribution().real(), 1, length);
    }

    int mode(int[] bits, Condition row, int position) {
        Examples known = StreamCase.example(model, bits, length);
        pass.condition(0, row.label(0), row.frames(), 0);
        if (known.real()) {
            pass.reals(0, known.reals(), 0);
        } else {
            pass.levels(0, known.levels(), 0);
        }
        pass.run(model.context());
        NativeDistribution.Noise noise = new NativeDistribution.Noise(arena, 0, 0, 1, true);
        var column = pass.outputs().columnView(arena);
        column.moveTo(0, position);
        model.distribution().draw(model.context(), noise, column, position, values, 0);
        return values.data().getAtIndex(ValueLayout.JAVA_INT, position);
    }

    @Override
    public void close() {
        arena.close();
    }
}
