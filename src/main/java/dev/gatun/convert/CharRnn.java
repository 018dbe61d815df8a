package dev.gatun.convert;

import dev.gatun.Device;
import dev.gatun.Model;
import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import dev.gatun.tensor.Parameters;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * Character models of TensorFlow's BasicLSTMCell, as ml5's charRNN has them: {@code embedding [V, E]}, layers {@code
 * lstm{k}_kernel [I + H, 4H]} applied to (input, h) and {@code lstm{k}_bias [4H]} with the gates i, j, f, o, where 1 is added to
 * the forget gate, {@code softmax_w [H, V]}, {@code softmax_b [V]}, {@code vocab_ascii [V]}. They become an {@code rnn_arm}: the
 * embedding is multiplied into the first layer, the gates are put into the order i, f, g, o.
 */
final class CharRnn implements Converter {
    private static final int GATES = 4;

    /** Where PyTorch's gates i, f, g, o stand among TensorFlow's. */
    private static final int[] ORDER = {0, 2, 1, 3};

    private static final int FORGET = 2;

    @Override
    public String form() {
        return "charRNN (embedding, lstm{k}_kernel, lstm{k}_bias, softmax_w, softmax_b, vocab_ascii)";
    }

    @Override
    public boolean takes(NamedArrays arrays) {
        return arrays.has("embedding") && arrays.has("lstm0_kernel") && arrays.has("softmax_w");
    }

    @Override
    public Model convert(NamedArrays arrays, Device device) throws IOException {
        int vocabulary = arrays.shape("embedding", 2)[0];
        int hidden = arrays.shape("softmax_w", 2)[0];
        int layers = 0;
        while (arrays.has("lstm" + layers + "_kernel")) {
            layers++;
        }
        ModelConfig config = new ModelConfig(
                "rnn_arm",
                new DataSpec.Text(characters(arrays, vocabulary)),
                InputEncoding.ONE_HOT,
                DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                Map.of("cell", "lstm", "layers", (long) layers, "hidden", (long) hidden));
        try (Arena arena = Arena.ofConfined()) {
            Parameters parameters = config.family().layout(config).allocate(arena);
            for (int k = 0; k < layers; k++) {
                layer(arrays, k, hidden, vocabulary, parameters);
            }
            float[] weight = arrays.floats("softmax_w", hidden, vocabulary);
            set(parameters, "output.weight", transposed(weight, hidden, vocabulary));
            set(parameters, "output.bias", arrays.floats("softmax_b", vocabulary));
            return Model.of(config, parameters, device);
        }
    }

    private static String characters(NamedArrays arrays, int vocabulary) throws IOException {
        StringBuilder characters = new StringBuilder();
        for (int code : arrays.ints("vocab_ascii", vocabulary)) {
            if (code < 0 || code > Byte.MAX_VALUE || characters.indexOf(Character.toString(code)) >= 0) {
                throw arrays.refuse("vocab_ascii", "found " + code + ", expected characters of ASCII, each once");
            }
            characters.append((char) code);
        }
        return characters.toString();
    }

    private static void layer(NamedArrays arrays, int k, int hidden, int vocabulary, Parameters parameters)
            throws IOException {
        int gates = GATES * hidden;
        int inputs = k == 0 ? arrays.shape("embedding", 2)[1] : hidden;
        float[] kernel = arrays.floats("lstm" + k + "_kernel", inputs + hidden, gates);
        float[] bias = arrays.floats("lstm" + k + "_bias", gates);
        float[] ofInput = k == 0
                ? embedded(arrays.floats("embedding", vocabulary, inputs), kernel, inputs, gates)
                : kernel; // its first rows
        int rows = k == 0 ? vocabulary : hidden;
        float[] ofState = new float[hidden * gates];
        System.arraycopy(kernel, inputs * gates, ofState, 0, ofState.length);
        set(parameters, "rnn.weight_ih_l" + k, reordered(transposed(ofInput, rows, gates), hidden, rows));
        set(parameters, "rnn.weight_hh_l" + k, reordered(transposed(ofState, hidden, gates), hidden, hidden));
        for (int unit = 0; unit < hidden; unit++) {
            bias[FORGET * hidden + unit] += 1;
        }
        set(parameters, "rnn.bias_ih_l" + k, reordered(bias, hidden, 1));
        set(parameters, "rnn.bias_hh_l" + k, new float[gates]);
    }

    /** {@code embedding [V, E]} times the kernel's rows of the input {@code [E, 4H]}. */
    private static float[] embedded(float[] embedding, float[] kernel, int inputs, int gates) {
        int vocabulary = embedding.length / inputs;
        float[] product = new float[vocabulary * gates];
        for (int v = 0; v < vocabulary; v++) {
            for (int g = 0; g < gates; g++) {
                double sum = 0;
                for (int e = 0; e < inputs; e++) {
                    sum += (double) embedding[v * inputs + e] * kernel[e * gates + g];
                }
                product[v * gates + g] = (float) sum;
            }
        }
        return product;
    }

    /** The first {@code rows} rows of a matrix, as columns. */
    private static float[] transposed(float[] matrix, int rows, int columns) {
        float[] turned = new float[rows * columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                turned[j * rows + i] = matrix[i * columns + j];
            }
        }
        return turned;
    }

    /** {@code [4H, columns]} with the gates in the order i, f, g, o. */
    private static float[] reordered(float[] rows, int hidden, int columns) {
        float[] ordered = new float[rows.length];
        int block = hidden * columns;
        for (int gate = 0; gate < GATES; gate++) {
            System.arraycopy(rows, ORDER[gate] * block, ordered, gate * block, block);
        }
        return ordered;
    }

    private static void set(Parameters parameters, String name, float[] values) {
        parameters.get(name).copyFrom(MemorySegment.ofArray(values));
    }
}
