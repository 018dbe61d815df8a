package dev.gatun.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import dev.gatun.Model;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A WaveNet's step by ONNX Runtime, with the queues of Paine et al. (2016): the graph gets the last value and each layer's input from
 * as far back as it is dilated, and gives the outputs and each layer's input of now. Queues are memory that it reads and writes in
 * place.
 */
final class OnnxWaveNet implements AutoCloseable {
    private final Model model;
    private final int levels;
    private final int[] dilations;
    private final int residual;
    private final OnnxModel onnx = new OnnxModel();
    private final OnnxSession session;
    private final List<OnnxTensor[]> queues = new ArrayList<>();
    private final LongBuffer value;
    private final FloatBuffer logits;
    private final OnnxTensor index;
    private final OnnxTensor outputs;
    private final Map<String, OnnxTensor> inputs = new HashMap<>();
    private final Map<String, OnnxTensor> results = new HashMap<>();
    private int position;

    OnnxWaveNet(Model model, int threads) throws OrtException {
        this.model = model;
        levels = model.config().data().levels();
        dilations = model.config().integers("dilations");
        residual = model.config().integer("residual_channels");
        session = new OnnxSession(write(), threads);
        for (int dilation : dilations) {
            OnnxTensor[] queue = new OnnxTensor[dilation + 1];
            for (int i = 0; i < queue.length; i++) {
                queue[i] = session.tensor(OnnxSession.floats(residual), 1, residual);
            }
            queues.add(queue);
        }
        value = OnnxSession.longs(1);
        logits = OnnxSession.floats(levels);
        index = session.tensor(value, 1);
        outputs = session.tensor(logits, 1, levels);
    }

    private byte[] write() {
        String start = onnx.constant("input.w", transposed("input.weight"), levels + 1, residual);
        onnx.indices("value", 1);
        onnx.node("Gather", "gathered", Map.of(), start, "value");
        onnx.node("Add", "now.0", Map.of(), "gathered", vector("input.bias"));
        String skips = "";
        for (int i = 0; i < dilations.length; i++) {
            String name = "layers." + i;
            onnx.input("past." + i, 1, residual);
            onnx.output("now." + i, 1, residual);
            onnx.node("Concat", name + ".seen", Map.of("axis", 1), "past." + i, "now." + i);
            String gates = product(name + ".dilated", name + ".seen", taps(name + ".dilated.weight"));
            String[] halves = onnx.nodeOf("Split", new String[] {name + ".a", name + ".b"}, Map.of("axis", 1), gates);
            onnx.node("Tanh", name + ".tanh", Map.of(), halves[0]);
            onnx.node("Sigmoid", name + ".sigmoid", Map.of(), halves[1]);
            String z = onnx.node("Mul", name + ".z", Map.of(), name + ".tanh", name + ".sigmoid");
            String skip = product(name + ".skip", z, model.parameter(name + ".skip.weight"));
            skips = i == 0 ? skip : onnx.node("Add", name + ".skips", Map.of(), skips, skip);
            if (i < dilations.length - 1) {
                String r = product(name + ".residual", z, model.parameter(name + ".residual.weight"));
                String sum = onnx.node("Add", name + ".sum", Map.of(), "now." + i, r);
                float scale = (float) model.config().number("residual_scale");
                onnx.node(
                        "Mul", "now." + (i + 1), Map.of(), sum, onnx.constant(name + ".scale", new float[] {scale}, 1));
            }
        }
        String y = product("head.0", onnx.node("Relu", "relu.0", Map.of(), skips), model.parameter("head.0.weight"));
        String last = product("head.1", onnx.node("Relu", "relu.1", Map.of(), y), model.parameter("head.1.weight"));
        onnx.node("Identity", "logits", Map.of(), last);
        onnx.output("logits", 1, levels);
        return onnx.write();
    }

    private String vector(String parameter) {
        float[] values = model.parameter(parameter);
        return onnx.constant(parameter, values, values.length);
    }

    private String product(String name, String x, float[] weights) {
        int outputsOf = model.parameterShape(name + ".weight")[0];
        String w = onnx.constant(name + ".weight", weights, outputsOf, weights.length / outputsOf);
        return onnx.node("Gemm", name, Map.of("transB", 1), x, w, vector(name + ".bias"));
    }

    /** {@code [out, in, 2]} as {@code [out, 2, in]}: the older tap's inputs, then the newer one's. */
    private float[] taps(String parameter) {
        float[] from = model.parameter(parameter);
        int outputsOf = model.parameterShape(parameter)[0];
        float[] to = new float[from.length];
        for (int o = 0; o < outputsOf; o++) {
            for (int i = 0; i < residual; i++) {
                for (int k = 0; k < 2; k++) {
                    to[(o * 2 + k) * residual + i] = from[(o * residual + i) * 2 + k];
                }
            }
        }
        return to;
    }

    /** {@code [residual, levels, 1]} as {@code [levels + 1, residual]}; the last row stands for no value. */
    private float[] transposed(String parameter) {
        float[] from = model.parameter(parameter);
        float[] to = new float[from.length + residual];
        for (int o = 0; o < residual; o++) {
            for (int level = 0; level < levels; level++) {
                to[level * residual + o] = from[o * levels + level];
            }
        }
        return to;
    }

    /** The outputs at the first position, which has no value before it. */
    FloatBuffer begin() throws OrtException {
        return step(levels);
    }

    /** The outputs at the next position, from the value of the one before. */
    FloatBuffer step(int last) throws OrtException {
        value.put(0, last);
        inputs.put("value", index);
        results.put("logits", outputs);
        for (int i = 0; i < dilations.length; i++) {
            OnnxTensor[] queue = queues.get(i);
            inputs.put("past." + i, queue[(position + 1) % queue.length]);
            results.put("now." + i, queue[position % queue.length]);
        }
        session.session().run(inputs, results).close();
        position++;
        return logits;
    }

    @Override
    public void close() throws OrtException {
        for (OnnxTensor[] queue : queues) {
            for (OnnxTensor tensor : queue) {
                tensor.close();
            }
        }
        index.close();
        outputs.close();
        session.close();
    }
}
