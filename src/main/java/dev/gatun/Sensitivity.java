package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeMap;
import dev.gatun.graph.BoundGraph;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Node;
import dev.gatun.graph.Pass;
import dev.gatun.graph.PassKind;
import dev.gatun.op.Data;
import dev.gatun.op.Dense;
import dev.gatun.op.Given;
import dev.gatun.op.Nade;
import dev.gatun.tensor.Philox;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * How much the outputs of one place of the chain change with what the others hold, measured on random inputs: what {@link
 * Graph#seen} says by footprints is to be found again.
 *
 * @param magnitudes by place of the chain, the largest magnitude over the inputs
 * @param gradients whether they are gradients of a random combination of the place's outputs with respect to the numbers that
 *     enter; else, where levels are looked up, sums run along the chain or units are no positions, the largest change of an output
 *     when the level is another
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, not kept
public record Sensitivity(float[] magnitudes, boolean gradients) {
    /** Which draw of a place is for what. */
    private static final int LEVEL = 0;

    private static final int COEFFICIENT = 1;
    private static final int FRAME = 2;
    private static final int OTHER = 3;

    /** Measures for one place, on some inputs. */
    static Sensitivity of(Model model, int length, int place, int inputs, long seed) {
        try (Arena arena = Arena.ofConfined()) {
            Measure measure = new Measure(model, arena, length, place, seed);
            boolean numbers = haveGradients(model.graph());
            float[] magnitudes = new float[length];
            if (numbers) {
                measure.gradients(inputs, magnitudes);
            } else {
                measure.changes(inputs, magnitudes);
            }
            return new Sensitivity(magnitudes, numbers);
        }
    }

    /** Whether data enter as numbers, by operations that have a gradient of them. */
    private static boolean haveGradients(Graph graph) {
        return graph.nodes().stream().anyMatch(node -> node.operation() instanceof Data.Numbers)
                && graph.nodes().stream()
                        .noneMatch(node -> node.operation() instanceof Nade || node.operation() instanceof Dense);
    }

    private static final class Measure {
        private final Model model;
        private final Context context;
        private final Arena arena;
        private final int length;
        private final int place;
        private final long seed;
        private final int levels;
        private final Graph graph;

        Measure(Model model, Arena arena, int length, int place, long seed) {
            this.model = model;
            this.context = model.context();
            this.arena = arena;
            this.length = length;
            this.place = place;
            this.seed = seed;
            this.levels = model.config().data().levels();
            this.graph = model.graph();
        }

        /** The column of the outputs that has the place's: of a pixel all channels' where the distribution is over them. */
        private int column() {
            return place / model.distribution().channels();
        }

        void gradients(int inputs, float[] magnitudes) {
            BoundGraph own = model.bound();
            BoundGraph bound = new BoundGraph(context, arena, graph, own.parameters(), own.distribution(), true);
            Pass pass = new Pass(bound, arena, 1, length, PassKind.DATA_GRADIENTS);
            PlacedPass placed = new PlacedPass(model, arena, pass);
            pass.examples(1);
            MemorySegment parameters =
                    arena.allocate(Math.max(1, own.parameters().all().byteSize()), 64);
            int width = own.distribution().outputs();
            for (int input = 0; input < inputs; input++) {
                fill(pass, 0, input, -1);
                placed.run();
                float[] coefficients = new float[width];
                for (int i = 0; i < width; i++) {
                    coefficients[i] = 2 * Philox.uniform(seed, input, i, COEFFICIENT) - 1;
                }
                placed.gradient(
                        head -> {
                            head.clear(0, 0, 0, head.shape().columns());
                            head.write(0, 0, column(), coefficients, 0);
                        },
                        parameters);
                take(placed.dataGradient(), magnitudes);
            }
        }

        private static void take(NativeMap gradient, float[] magnitudes) {
            int channels = gradient.shape().features();
            int columns = gradient.shape().columns();
            float[] values = new float[channels];
            for (int at = 0; at < magnitudes.length / channels; at++) {
                gradient.read(0, at / columns, at % columns, values, 0);
                for (int c = 0; c < channels; c++) {
                    magnitudes[at * channels + c] = Math.max(magnitudes[at * channels + c], Math.abs(values[c]));
                }
            }
        }

        /** An example as it is, and in batches examples of which one place each holds another level. */
        void changes(int inputs, float[] magnitudes) {
            int batch = Batches.size(model, List.of(model.bound()), length + 1, length);
            Pass pass = new Pass(model.bound(), arena, batch, length, PassKind.VALUES);
            PlacedPass placed = new PlacedPass(model, arena, pass);
            float[] before = new float[pass.outputs().shape().features()];
            float[] after = new float[before.length];
            for (int input = 0; input < inputs; input++) {
                pass.examples(1);
                fill(pass, 0, input, -1);
                placed.run();
                placed.outputs().read(0, 0, column(), before, 0);
                for (int first = 0; first < length; first += batch) {
                    int count = Math.min(batch, length - first);
                    pass.examples(count);
                    for (int n = 0; n < count; n++) {
                        fill(pass, n, input, first + n);
                    }
                    placed.run();
                    NativeMap outputs = placed.outputs();
                    for (int n = 0; n < count; n++) {
                        outputs.read(n, 0, column(), after, 0);
                        magnitudes[first + n] = Math.max(magnitudes[first + n], distance(before, after));
                    }
                }
            }
        }

        private static float distance(float[] before, float[] after) {
            float most = 0;
            for (int i = 0; i < before.length; i++) {
                most = Math.max(most, Math.abs(after[i] - before[i]));
            }
            return most;
        }

        /** A random input and condition; at one place, if there is any, another level. */
        private void fill(Pass pass, int n, int input, int other) {
            condition(pass, n, input);
            if (levels == 0) {
                float[] reals = new float[length];
                for (int i = 0; i < length; i++) {
                    reals[i] = 2 * Philox.uniform(seed, input, i, LEVEL) - 1;
                }
                pass.reals(n, reals, 0);
                return;
            }
            int[] values = new int[length];
            for (int i = 0; i < length; i++) {
                values[i] = (int) (Philox.uniform(seed, input, i, LEVEL) * levels);
            }
            if (other >= 0) {
                int by = 1 + (int) (Philox.uniform(seed, input, other, OTHER) * (levels - 1));
                values[other] = (values[other] + by) % levels;
            }
            pass.levels(n, values, 0);
        }

        private void condition(Pass pass, int n, int input) {
            for (Node node : graph.nodes()) {
                float[] frames = null;
                if (node.operation() instanceof Given.Frames given) {
                    frames = new float[Math.toIntExact(given.features() * graph.positions(node, length))];
                    for (int i = 0; i < frames.length; i++) {
                        frames[i] = 2 * Philox.uniform(seed, input, i, FRAME) - 1;
                    }
                }
                if (node.operation() instanceof Given) {
                    pass.condition(n, 0, frames, 0);
                }
            }
        }
    }

    /** The places at which a magnitude is not zero. */
    public boolean[] found() {
        boolean[] found = new boolean[magnitudes.length];
        for (int i = 0; i < found.length; i++) {
            found[i] = magnitudes[i] != 0;
        }
        return found;
    }
}
