package dev.gatun.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.Condition;
import dev.gatun.Device;
import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.Scored;
import dev.gatun.file.FormatException;
import dev.gatun.file.NpyArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TensorFlow's cells against their definition, and files that are none. */
class CharRnnTest {
    private static final int VOCABULARY = 5;
    private static final int EMBEDDING = 3;
    private static final int HIDDEN = 4;

    @TempDir
    private Path folder;

    private static Map<String, NpyArray> arrays() {
        Random random = new Random(3);
        Map<String, NpyArray> arrays = new LinkedHashMap<>();
        arrays.put("embedding", random(random, VOCABULARY, EMBEDDING));
        arrays.put("lstm0_kernel", random(random, EMBEDDING + HIDDEN, 4 * HIDDEN));
        arrays.put("lstm0_bias", random(random, 4 * HIDDEN));
        arrays.put("lstm1_kernel", random(random, 2 * HIDDEN, 4 * HIDDEN));
        arrays.put("lstm1_bias", random(random, 4 * HIDDEN));
        arrays.put("softmax_w", random(random, HIDDEN, VOCABULARY));
        arrays.put("softmax_b", random(random, VOCABULARY));
        arrays.put("vocab_ascii", NpyArray.ofInts(new int[] {VOCABULARY}, new int[] {'a', 'b', ' ', '\n', 'z'}));
        return arrays;
    }

    private static NpyArray random(Random random, int... shape) {
        return NpzFixture.random(random, shape);
    }

    private Path file(Map<String, NpyArray> arrays) throws IOException {
        return NpzFixture.write(folder, arrays);
    }

    /** BasicLSTMCell with forget bias 1: (c, h) from (input, h) times the kernel, gates i, j, f, o. */
    private static double[] step(double[] input, double[] c, double[] h, NpyArray kernel, NpyArray bias) {
        double[] gates = new double[4 * HIDDEN];
        for (int g = 0; g < gates.length; g++) {
            gates[g] = bias.floats()[g];
            for (int i = 0; i < input.length + HIDDEN; i++) {
                gates[g] += (i < input.length ? input[i] : h[i - input.length]) * kernel.floats()[i * gates.length + g];
            }
        }
        double[] next = new double[HIDDEN];
        for (int u = 0; u < HIDDEN; u++) {
            c[u] = c[u] * sigmoid(gates[2 * HIDDEN + u] + 1) + sigmoid(gates[u]) * Math.tanh(gates[HIDDEN + u]);
            next[u] = Math.tanh(c[u]) * sigmoid(gates[3 * HIDDEN + u]);
        }
        System.arraycopy(next, 0, h, 0, HIDDEN);
        return next;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** Nats of positions from..; the input before the first position is zero. */
    private static double nats(Map<String, NpyArray> arrays, int[] text, int from) {
        double[][] state = new double[4][HIDDEN];
        double[] input = new double[EMBEDDING];
        double nats = 0;
        for (int t = 0; t < text.length; t++) {
            double[] h = step(input, state[0], state[1], arrays.get("lstm0_kernel"), arrays.get("lstm0_bias"));
            h = step(h.clone(), state[2], state[3], arrays.get("lstm1_kernel"), arrays.get("lstm1_bias"));
            double[] logits = new double[VOCABULARY];
            double sum = 0;
            for (int v = 0; v < VOCABULARY; v++) {
                logits[v] = arrays.get("softmax_b").floats()[v];
                for (int u = 0; u < HIDDEN; u++) {
                    logits[v] += h[u] * arrays.get("softmax_w").floats()[u * VOCABULARY + v];
                }
                sum += Math.exp(logits[v]);
            }
            nats += t < from ? 0 : Math.log(sum) - logits[text[t]];
            for (int e = 0; e < EMBEDDING; e++) {
                input[e] = arrays.get("embedding").floats()[text[t] * EMBEDDING + e];
            }
        }
        return nats;
    }

    @Test
    void likelihoodsAreThoseOfTheDefinition() throws IOException {
        Map<String, NpyArray> arrays = arrays();
        int[] text = {0, 1, 2, 4, 3, 1, 0, 0, 2, 4, 1};
        Examples one = Examples.ofLevels(1, text.length, text);
        try (Model model = Converter.convert(file(arrays), Device.cpu(1))) {
            assertThat(model.logLikelihood(one).nats()[0]).isCloseTo(nats(arrays, text, 0), within(1e-4));
            assertThat(model.logLikelihood(one, Condition.none(), Scored.after(4, one))
                            .nats()[0])
                    .isCloseTo(nats(arrays, text, 4), within(1e-4));
            assertThat(model.logLikelihood(one, Condition.none(), Scored.after(4, one))
                            .dimensions())
                    .isEqualTo(7);
        }
    }

    @Test
    void whatIsWrongIsNamed() throws IOException {
        Map<String, NpyArray> bias = arrays();
        bias.put("lstm1_bias", random(new Random(1), 15));
        refused(bias, "array 'lstm1_bias': found the shape [15], expected [16]");
        Map<String, NpyArray> missing = arrays();
        missing.remove("softmax_b");
        refused(missing, "has no array 'softmax_b'");
        Map<String, NpyArray> twice = arrays();
        twice.put("vocab_ascii", NpyArray.ofInts(new int[] {VOCABULARY}, new int[] {'a', 'b', 'a', 'c', 'd'}));
        refused(twice, "found 97, expected characters of ASCII, each once");
        Map<String, NpyArray> infinite = arrays();
        infinite.put("softmax_b", NpyArray.ofFloats(new int[] {5}, new float[] {0, 0, Float.NaN, 0, 0}));
        refused(infinite, "array 'softmax_b': found NaN at 2");
        refused(Map.of("w", random(new Random(1), 2)), "has the arrays [w], which are those of no known form");
    }

    private void refused(Map<String, NpyArray> arrays, String why) throws IOException {
        Path file = file(arrays);
        assertThatThrownBy(() -> Converter.convert(file, Device.cpu(1)))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("model.npz")
                .hasMessageContaining(why);
    }
}
