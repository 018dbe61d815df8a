package dev.gatun;

import dev.gatun.family.ForecastHead;
import dev.gatun.foreign.CudaDevice;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.NativeMap;
import dev.gatun.graph.BatchWindows;
import dev.gatun.graph.BoundGraph;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Node;
import dev.gatun.graph.Pass;
import dev.gatun.op.GridLstm;
import dev.gatun.op.Recurrent;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Windows of a batch's samples on a CUDA device, in lock-step: one window is passed over until all samples agree on it, then the
 * next. What a device runs is written down first, which takes milliseconds, so windows have few shapes: they are as many whole rows
 * as give a device enough to do, always the same ones, each with a first pass, which also computes what is newly needed, and one
 * that is run again and again. Of the outputs those of the window alone come back. One thread's.
 */
final class DeviceWindows {
    /**
     * Positions of all samples together in a window, about: what a device computes side by side. Of fewer a pass hardly takes less
     * time, of more it does what the next windows would do with better forecasts.
     */
    private static final int ENOUGH = 8192;

    /**
     * Windows of a sample at most. With three passes of each, the third of batches that are taken up again, no more than 96 are
     * written down. Each keeps 1.5 KB for each of its calls, besides what the driver does: of a model of 400 calls 60 MB in all at
     * most, and a fifth of that for the usual windows of images.
     */
    private static final int MOST = 32;

    /** Positions that windows of sequences are multiples of, in place of rows. */
    private static final int STRETCH = 64;

    private final BatchWindows windows;
    private final DevicePasses device;
    private final Arena arena;
    private final Node outputs;
    private final int width;
    private final int positions;
    private final int together;
    /** Positions of a window. */
    private final int step;
    /** Whether they go on to the last position. */
    private final boolean toEnd;

    private final PackedParts fetched;
    /** What learned forecasts read, if there are such. */
    private final @Nullable Node read;

    private final @Nullable PackedParts features;
    /** One place of what is fetched, by its extent. */
    private final Map<NativeMap, NativeMap> places = new HashMap<>();

    /** The samples whose maps are there, of which none are before the first run. */
    private int[] held = {};
    /** What the last run fetched of the grid's positions, first .. end-1, and one place of it. */
    private int first;

    private int end;
    private @Nullable NativeMap place;

    /** Calls that are written down: of a part, whose outputs from a position on are fetched. */
    private record Key(BatchWindows.Part part, int first, int end) {}

    /**
     * Allocates the maps, here and there.
     *
     * @param batch samples
     * @param length of a sample
     */
    DeviceWindows(BoundGraph bound, CudaDevice cuda, Arena arena, int batch, int length, Ahead ahead) {
        this.arena = arena;
        Graph graph = bound.graph();
        windows = new BatchWindows(bound, arena, batch, length);
        device = new DevicePasses(cuda, arena);
        outputs = graph.outputs();
        width = bound.distribution().outputs();
        together = graph.valuesAtPosition();
        positions = graph.grid().rows() * graph.columns(length);
        toEnd = !ahead.alone() && ahead.block() >= length;
        int least = ahead.alone() || toEnd ? stepOf(graph, batch) : windows.end(Math.ceilDiv(ahead.block(), together));
        step = Math.min(positions, least * Math.ceilDiv(Math.ceilDiv(positions, least), MOST));
        // All at once: what grew with each window would move, and all that is written down be written again.
        windows.maps().eachMap(device::hold);
        fetched = new PackedParts(windows, outputs, toEnd ? positions : step, device, arena);
        read = ahead.heads() == null ? null : ForecastHead.read(graph);
        features = read == null ? null : new PackedParts(windows, read, positions, device, arena);
    }

    /**
     * Positions that are enough. Layers that go place after place, or row after row, have no more to do at once where there
     * are more rows: one will do.
     */
    private int stepOf(Graph graph, int batch) {
        int row = windows.end(1);
        int unit = Math.min(positions, row == 1 ? STRETCH : row);
        boolean oneByOne = graph.nodes().stream()
                .anyMatch(node -> node.operation() instanceof Recurrent || node.operation() instanceof GridLstm);
        long units = oneByOne ? 1 : Math.ceilDiv(ENOUGH, (long) batch * unit);
        return unit * Math.clamp(units, 1, Math.ceilDiv(positions, unit));
    }

    /** The maps, whose data and conditions callers fill in. */
    Pass maps() {
        return windows.maps();
    }

    /** Whether the maps are those of some samples, as these were in the last run. */
    boolean holds(int[] samples) {
        return Arrays.equals(held, samples);
    }

    /** Forgets the samples, as for values that begin anew; what is written down stays. */
    void restart() {
        held = new int[0];
    }

    /** Where the window ends that has a place of the chain: another place, or their number. */
    int end(int place) {
        return endOf(place / together) * together;
    }

    private int endOf(int position) {
        return toEnd ? positions : Math.min(positions, (position / step + 1) * step);
    }

    /**
     * Computes the outputs of the window that has a place, whose data are filled in.
     *
     * @param samples whose data they are
     * @param right the first place that is not right of all of them
     * @param changed the first place whose value may be another than in the last run, if they are {@linkplain #holds held}
     * @return what was computed of each, in passes over all positions
     */
    double run(int[] samples, int right, int changed) {
        boolean known = holds(samples);
        held = new int[0];
        if (!known) {
            windows.begin();
            end = 0;
        }
        int before = end;
        end = endOf(right / together);
        boolean next = end != before;
        first = (next ? right : changed) / together / step * step;
        int from = !known ? 0 : next ? Math.min(changed / together, Math.max(0, first - 1)) : first;
        BatchWindows.Part part = windows.next(from, end);
        compute(part, known);
        held = samples;
        return part.share();
    }

    private void compute(BatchWindows.Part part, boolean known) {
        Key key = new Key(part, first, end);
        GridShape.Window window = windows.window(outputs, first, end);
        GridShape.Window seen = read == null ? null : windows.window(read, part);
        device.prepare(key, context -> {
            windows.run(context, part);
            fetched.pack(context, window);
            if (features != null && seen != null) {
                features.pack(context, seen);
            }
        });
        if (known) {
            windows.maps().eachData(device::bring);
        } else {
            windows.maps().eachInput(device::bring);
        }
        device.run(key);
        fetched.fetch(window);
        place = places.computeIfAbsent(
                fetched.at(window), map -> map.places(arena, width).columnView(arena));
        if (features != null && seen != null) {
            features.fetch(seen);
            features.unpack(seen);
        }
    }

    /**
     * The outputs that a place of the chain is drawn from, after a run over its window.
     *
     * @param n which of the samples
     * @param channels places whose distribution is one
     */
    NativeMap at(int n, int of, int channels) {
        NativeMap column = Objects.requireNonNull(place);
        column.moveTo(n, (of - first * together) / channels);
        return column;
    }

    /** How long passes have been written down so far, in nanoseconds. */
    long preparing() {
        return device.preparing();
    }
}
