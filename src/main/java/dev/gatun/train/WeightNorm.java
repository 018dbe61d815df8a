package dev.gatun.train;

import dev.gatun.tensor.Normed;
import dev.gatun.tensor.OutputRows;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A model's parameters with weights as {@code w = g v / |v|}, output by output (Salimans and Kingma 2016): v stands under the
 * weight's own name, g under that name and {@code _g}; all else is as in the model.
 */
final class WeightNorm {
    private final Parameters folded;
    private final Parameters parts;
    private final MemorySegment gradient;
    private final List<Layer> layers = new ArrayList<>();

    /** Memory of a layer: its weight and that one's gradient as the model has them, and v, g and their gradients. */
    private record Layer(
            OutputRows weight, OutputRows slope, OutputRows v, OutputRows vSlope, OutputRows g, OutputRows gSlope) {}

    /**
     * Starts with v as the weights are, and g as long as they are.
     *
     * @param folded the model's own parameters, which {@link #fold} writes
     * @param slopes their gradient, which {@link #spread} reads
     * @param normed the weights that are normalised, by name
     * @param arena owner of the memory
     */
    WeightNorm(Parameters folded, MemorySegment slopes, SequencedMap<String, Normed> normed, Arena arena) {
        this.folded = folded;
        SequencedMap<String, int[]> shapes = new LinkedHashMap<>();
        for (String name : folded.names()) {
            int[] shape = folded.shape(name);
            shapes.put(name, shape);
            Normed how = normed.get(name);
            if (how != null) {
                shapes.put(scale(name), new int[] {shape[how.axis()]});
            }
        }
        parts = new Parameters(shapes, folded.integers(), arena);
        gradient = arena.allocate(parts.all().byteSize(), 64);
        for (String name : folded.names()) {
            parts.get(name).copyFrom(folded.get(name));
        }
        for (Map.Entry<String, Normed> entry : normed.entrySet()) {
            layers.add(layer(entry.getKey(), entry.getValue().axis(), slopes));
        }
        takeScales();
    }

    private static String scale(String name) {
        return name + "_g";
    }

    private Layer layer(String name, int axis, MemorySegment slopes) {
        int[] shape = folded.shape(name);
        int[] outputs = {shape[axis]};
        return new Layer(
                new OutputRows(folded.get(name), shape, axis),
                new OutputRows(part(folded, slopes, name), shape, axis),
                new OutputRows(parts.get(name), shape, axis),
                new OutputRows(part(parts, gradient, name), shape, axis),
                new OutputRows(parts.get(scale(name)), outputs, 0),
                new OutputRows(part(parts, gradient, scale(name)), outputs, 0));
    }

    private static MemorySegment part(Parameters layout, MemorySegment all, String name) {
        return all.asSlice(layout.offset(name) * Float.BYTES, layout.get(name).byteSize());
    }

    /** What is trained: v, g and all else. */
    Parameters parameters() {
        return parts;
    }

    /** Its gradient, after {@link #spread}. */
    MemorySegment gradient() {
        return gradient;
    }

    /** Takes the lengths of the model's weights, which have the directions of v, for g, and all that is not normalised. */
    void takeScales() {
        copyOthers(folded, folded.all(), parts, parts.all());
        for (Layer layer : layers) {
            for (int o = 0; o < layer.v.outputs(); o++) {
                layer.g.set(o, layer.weight.norm(o));
            }
        }
    }

    /** Writes the model's weights. One without a direction is zero. */
    void fold() {
        copyOthers(parts, parts.all(), folded, folded.all());
        for (Layer layer : layers) {
            for (int o = 0; o < layer.v.outputs(); o++) {
                double norm = layer.v.norm(o);
                layer.weight.scaled(o, norm > 0 ? layer.g.get(o) / norm : 0, layer.v);
            }
        }
    }

    /**
     * Makes the gradient of v and g of that of the weights, after {@link #fold}: {@code dg = dw v / |v|} and {@code dv = g / |v| (dw
     * - dg v / |v|)}.
     */
    void spread(MemorySegment slopes) {
        copyOthers(folded, slopes, parts, gradient);
        for (Layer layer : layers) {
            for (int o = 0; o < layer.v.outputs(); o++) {
                double norm = layer.v.norm(o);
                double along = norm > 0 ? layer.slope.dot(o, layer.v) / norm : 0;
                double stretch = norm > 0 ? layer.g.get(o) / norm : 0;
                layer.gSlope.set(o, along);
                layer.vSlope.combine(o, stretch, layer.slope, norm > 0 ? -stretch * along / norm : 0, layer.v);
            }
        }
    }

    /** All tensors that are not normalised. */
    private void copyOthers(Parameters from, MemorySegment source, Parameters to, MemorySegment target) {
        for (String name : folded.names()) {
            if (!parts.has(scale(name))) {
                part(to, target, name).copyFrom(part(from, source, name));
            }
        }
    }
}
