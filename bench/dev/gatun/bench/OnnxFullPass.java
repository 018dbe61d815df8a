package dev.gatun.bench;

import dev.gatun.Model;
import dev.gatun.foreign.ActivationKind;
import dev.gatun.graph.Node;
import dev.gatun.op.Activate;
import dev.gatun.op.Affine;
import dev.gatun.op.Data;
import dev.gatun.op.Dense;
import dev.gatun.op.Operation;
import dev.gatun.op.Sum;
import dev.gatun.op.Tap;
import dev.gatun.op.Units;
import dev.gatun.op.WeightRef;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A model's outputs at all positions as an ONNX graph: masked convolutions as dense ones with zeros, masked layers as products with
 * masked weights, which is how other frameworks have them.
 */
final class OnnxFullPass {
    private final Model model;
    private final long batch;
    private final OnnxModel onnx = new OnnxModel();
    private final Map<Integer, String> names = new HashMap<>();

    private OnnxFullPass(Model model, int batch) {
        this.model = model;
        this.batch = batch;
    }

    /** The graph, from {@code x} [batch][1][rows][columns] to {@code y}, the same positions. */
    static byte[] write(Model model, int batch, int rows, int columns) {
        OnnxFullPass pass = new OnnxFullPass(model, batch);
        for (Node node : model.graph().nodes()) {
            pass.names.put(node.id(), pass.add(node, rows, columns));
        }
        String last =
                Objects.requireNonNull(pass.names.get(model.graph().outputs().id()));
        pass.onnx.node("Identity", "y", Map.of(), last);
        pass.onnx.output(
                "y",
                last.startsWith("dense")
                        ? new long[] {batch, (long) rows * columns}
                        : new long[] {batch, 1, rows, columns});
        return pass.onnx.write();
    }

    private String add(Node node, int rows, int columns) {
        List<String> inputs = node.inputs().stream()
                .map(input -> Objects.requireNonNull(names.get(input.id())))
                .toList();
        String name = "node" + node.id();
        Operation operation = node.operation();
        if (operation instanceof Data.Numbers data && data.features() == 1) {
            return onnx.input("x", batch, 1, rows, columns);
        }
        if (operation instanceof Affine affine) {
            return convolution(affine, name, inputs.getFirst());
        }
        if (operation instanceof Dense dense) {
            String x = node.inputs().getFirst().operation() instanceof Data
                    ? onnx.node("Flatten", name + ".flat", Map.of("axis", 1), inputs.getFirst())
                    : inputs.getFirst();
            return product(dense, "dense" + node.id(), x);
        }
        if (operation instanceof Activate activate && activate.function() == ActivationKind.RELU) {
            return onnx.node("Relu", name, Map.of(), inputs.getFirst());
        }
        if (operation instanceof Sum sum && sum.scale() == 1 && inputs.size() == 2) {
            return onnx.node("Add", name, Map.of(), inputs.get(0), inputs.get(1));
        }
        throw new IllegalArgumentException("no ONNX for '" + node.label() + "': " + operation);
    }

    private String convolution(Affine affine, String name, String x) {
        Line down = Line.of(affine.taps().stream().mapToInt(Tap::row).toArray());
        Line across = Line.of(affine.taps().stream().mapToInt(Tap::column).toArray());
        WeightRef ref = affine.weights();
        float[] from = model.parameter(ref.weight());
        int kernel = down.places() * across.places();
        float[] to = new float[affine.features() * affine.inputFeatures() * kernel];
        for (int k = 0; k < affine.taps().size(); k++) {
            Tap tap = affine.taps().get(k);
            int place = down.place(tap.row()) * across.places() + across.place(tap.column());
            for (int o = 0; o < affine.features(); o++) {
                for (int i = 0; i < affine.inputFeatures(); i++) {
                    to[(o * affine.inputFeatures() + i) * kernel + place] = from[
                            (int) (o * ref.layout().strideOutput()
                                    + i * ref.layout().strideInput()
                                    + ref.layout().tapOffsets()[k])];
                }
            }
        }
        String weights = onnx.constant(
                name + ".w", to, affine.features(), affine.inputFeatures(), down.places(), across.places());
        String bias = onnx.constant(name + ".b", bias(ref.bias(), affine.features()), affine.features());
        Map<String, Object> attributes = Map.of(
                "dilations", new long[] {down.step(), across.step()},
                "pads", new long[] {-down.first(), -across.first(), down.last(), across.last()});
        return onnx.node("Conv", name, attributes, x, weights, bias);
    }

    private float[] bias(@Nullable String name, int outputs) {
        return name == null ? new float[outputs] : model.parameter(name);
    }

    /** Rows and columns stay where the parameter has them; what an output does not see is zero. */
    private String product(Dense dense, String name, String x) {
        int[] shape = model.parameterShape(dense.weight());
        float[] from = model.parameter(dense.weight());
        float[] to = new float[from.length];
        int[] seen = dense.seen();
        int[] rows = places(dense.to());
        int[] columns = places(dense.from());
        for (int o = 0; o < seen.length; o++) {
            for (int i = 0; i < seen[o]; i++) {
                int at = rows[o] * shape[1] + columns[i];
                to[at] = from[at];
            }
        }
        String weights = onnx.constant(name + ".w", to, shape[0], shape[1]);
        String bias = onnx.constant(name + ".b", bias(dense.bias(), shape[0]), shape[0]);
        return onnx.node("Gemm", name, Map.of("transB", 1), x, weights, bias);
    }

    /** Where sorted units lie among the parameter's rows or columns. */
    private static int[] places(Units units) {
        int[] places = new int[units.indices().size() * units.each()];
        for (int i = 0; i < places.length; i++) {
            places[i] = units.indices().get(i / units.each()) * units.each() + i % units.each();
        }
        return places;
    }
}
