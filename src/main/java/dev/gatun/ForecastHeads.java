package dev.gatun;

import dev.gatun.family.ForecastHead;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeLevels;
import dev.gatun.foreign.NativeMap;
import dev.gatun.graph.BoundGraph;
import dev.gatun.graph.Pass;
import dev.gatun.graph.WindowPass;
import dev.gatun.op.Tap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Forecasting heads at work: at one position at a time, from the features of a model's maps around it, brought into a small grid of
 * their own.
 */
final class ForecastHeads {
    private final ForecastHead head;
    private final NativeMap features;
    private final int positions;
    private final int width;
    private final List<Tap> taps;
    private final WindowPass pass;
    private final NativeMap given;
    private final List<NativeLevels> known;
    private final NativeMap column;
    private final int row;
    private final int columns;
    /** The column of the grid where the position itself is. */
    private final int here;

    private final float[] values;
    private final float[] none;

    /**
     * Heads over a model's maps.
     *
     * @param model the model's maps, which hold its features where heads are asked
     * @param bound the model's graph
     * @param length of an example
     */
    ForecastHeads(Context context, Forecast forecast, BoundGraph bound, Pass model, Arena arena, int length) {
        head = forecast.head();
        features = model.map(ForecastHead.read(bound.graph()));
        width = bound.graph().columns(length);
        positions = bound.graph().grid().rows() * width;
        taps = head.taps();
        row = head.sequence() ? 0 : 1;
        columns = head.horizon() + (head.sequence() ? 1 : 2);
        here = head.sequence() ? head.horizon() : 1;
        BoundGraph heads = new BoundGraph(
                context, arena, head.graph(row + 1, columns), forecast.parameters(), bound.distribution(), false);
        pass = new WindowPass(heads, arena, 1, (row + 1) * columns);
        given = pass.maps().map(ForecastHead.given(heads.graph()));
        known = head.values(heads.graph()).stream().map(pass.maps()::levelMap).toList();
        column = pass.outputs().columnView(arena);
        values = new float[head.features()];
        none = new float[head.features()];
    }

    /** How many positions can be forecast at one. */
    int ahead(int position) {
        return head.ahead(position, positions, width);
    }

    /**
     * Forecasts what follows on a position of an example, at which the model's maps are right.
     *
     * @param levels of the data
     * @param from where the position's own begin among them
     */
    void run(Context context, int example, int position, MemorySegment levels, long from) {
        for (int channel = 0; channel < known.size(); channel++) {
            known.get(channel).write(0, row, here, levels.getAtIndex(ValueLayout.JAVA_INT, from + channel));
        }
        int ownRow = position / width;
        int ownColumn = position % width;
        for (Tap tap : taps) {
            int i = ownRow + tap.row();
            int j = ownColumn + tap.column();
            boolean inside = i >= 0 && j >= 0 && j < width;
            if (inside) {
                features.read(example, i, j, values, 0);
            }
            given.write(0, row + tap.row(), here + tap.column(), inside ? values : none, 0);
        }
        pass.runAt(context, 0, row, here);
    }

    /**
     * The parameters of the distribution of a value ahead, after {@link #run}.
     *
     * @param ahead positions ahead, from 1
     */
    NativeMap outputs(int ahead, int channel) {
        int position = row * columns + here;
        column.moveTo(0, (position * head.horizon() + ahead - 1) * head.channels() + channel);
        return column;
    }
}
