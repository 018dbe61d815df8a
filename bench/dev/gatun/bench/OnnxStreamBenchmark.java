package dev.gatun.bench;

import ai.onnxruntime.OrtException;
import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.tensor.Precision;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A step of a WaveNet by ONNX Runtime, beside {@link StreamBenchmark} with one stream, which draws its values too. The setup refuses
 * a graph whose outputs are not those of Gatun's full pass.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class OnnxStreamBenchmark {
    /** Farther than some dilations reach, so that queues go round. */
    private static final int COMPARED = 100;

    @Param({"W0", "W1", "W2"})
    public String model = "";

    @Param("best")
    public String isa = "";

    @Param({"1", "2"})
    public int threads;

    private OnnxWaveNet onnx;
    private int last;

    /** Makes the model twice, and compares. */
    @Setup
    public void setUp() throws OrtException, IOException {
        try (Model loaded = WaveNets.model(model, threads, isa, Precision.F32)) {
            int[] values = new SplittableRandom(1).ints(COMPARED, 0, 256).toArray();
            float[] expected =
                    loaded.outputs(Examples.ofLevels(1, COMPARED, values)).values();
            onnx = new OnnxWaveNet(loaded, threads);
            for (int t = 0; t < COMPARED; t++) {
                FloatBuffer found = t == 0 ? onnx.begin() : onnx.step(values[t - 1]);
                OnnxSession.check(model + " at " + t, at(expected, t), found);
            }
        }
    }

    /** A position's outputs, of {@code [outputs, positions]}. */
    private static float[] at(float[] all, int position) {
        float[] outputs = new float[all.length / COMPARED];
        for (int o = 0; o < outputs.length; o++) {
            outputs[o] = all[o * COMPARED + position];
        }
        return outputs;
    }

    /** Gives the memory back. */
    @TearDown
    public void tearDown() throws OrtException {
        onnx.close();
    }

    @Benchmark
    public FloatBuffer step() throws OrtException {
        last = (last + 1) % 256;
        return onnx.step(last);
    }
}
