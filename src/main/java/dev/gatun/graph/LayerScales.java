package dev.gatun.graph;

import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import dev.gatun.tensor.Normed;
import dev.gatun.tensor.OutputRows;
import dev.gatun.tensor.Parameters;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Data-dependent initialisation (Salimans and Kingma 2016): scales a layer's weights and sets its biases so that its outputs have
 * mean 0 and a given deviation over a batch. A layer is a node with a weight and a bias that no other reads; an output that does
 * not vary keeps its scale.
 */
final class LayerScales {
    private static final String WEIGHT = ".weight";
    private static final double LEAST_VARIANCE = 1e-10;

    private final BoundGraph bound;
    private final Map<String, Normed> layers;

    /**
     * For the layers of a graph.
     *
     * @param layers their weights by name
     */
    LayerScales(BoundGraph bound, Map<String, Normed> layers) {
        this.bound = bound;
        this.layers = layers;
    }

    /** Changes the parameters of a node that is a layer, by its outputs; whether it is one. */
    boolean standardise(Node node, NativeGrid outputs) {
        String weight = layer(node);
        Normed how = weight == null ? null : layers.get(weight);
        if (weight == null || how == null) {
            return false;
        }
        Parameters parameters = bound.parameters();
        OutputRows rows = new OutputRows(parameters.get(weight), parameters.shape(weight), how.axis());
        String bias = bias(weight);
        OutputRows biases = new OutputRows(parameters.get(bias), parameters.shape(bias), 0);
        double[][] moments = moments((NativeMap) outputs);
        for (int o = 0; o < rows.outputs(); o++) {
            double variance = moments[1][o];
            double factor = variance > LEAST_VARIANCE ? how.deviation() / Math.sqrt(variance) : 1;
            rows.scaled(o, factor, rows);
            biases.set(o, (biases.get(o) - moments[0][o]) * factor);
        }
        return true;
    }

    private @Nullable String layer(Node node) {
        List<String> own = node.operation().parameters();
        if (own.size() != 2
                || !own.getFirst().endsWith(WEIGHT)
                || !own.getLast().equals(bias(own.getFirst()))) {
            return null;
        }
        long readers = bound.graph().nodes().stream()
                .filter(other -> other.operation().parameters().contains(own.getFirst()))
                .count();
        return readers == 1 ? own.getFirst() : null;
    }

    private static String bias(String weight) {
        return weight.substring(0, weight.length() - WEIGHT.length()) + ".bias";
    }

    /** The mean and the variance of each feature over all positions of all examples. */
    private static double[][] moments(NativeMap map) {
        int features = map.shape().features();
        float[] values = new float[features];
        double[] sums = new double[features];
        double[] squares = new double[features];
        long places = 0;
        for (int n = 0; n < map.examples(); n++) {
            for (int i = 0; i < map.shape().rows(); i++) {
                for (int j = 0; j < map.shape().columns(); j++, places++) {
                    map.read(n, i, j, values, 0);
                    for (int f = 0; f < features; f++) {
                        sums[f] += values[f];
                        squares[f] += (double) values[f] * values[f];
                    }
                }
            }
        }
        for (int f = 0; f < features; f++) {
            sums[f] /= places;
            squares[f] = squares[f] / places - sums[f] * sums[f];
        }
        return new double[][] {sums, squares};
    }
}
