package dev.gatun.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import dev.gatun.Device;
import dev.gatun.Examples;
import dev.gatun.Likelihood;
import dev.gatun.Model;
import dev.gatun.TrainingPass;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Map;
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
 * Black and white images of 28 x 28: outputs at all positions by ONNX Runtime through its Java interface, and our likelihoods, which
 * are outputs and what follows from them. The setup refuses a graph whose outputs are not ours.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class OnnxBenchmark {
    private static final int SIDE = 28;

    @Param({"made", "pixelcnn"})
    public String family = "";

    @Param({"1", "64"})
    public int batch;

    @Param("best")
    public String isa = "";

    @Param({"1", "2"})
    public int threads;

    private Model model;
    private TrainingPass pass;
    private Examples examples;
    private OnnxSession onnx;
    private OnnxTensor x;
    private OnnxTensor y;
    private FloatBuffer input;
    private FloatBuffer output;

    /** Makes the model twice, and compares. */
    @Setup
    public void setUp() throws OrtException, IOException {
        model = Digits.model(family, Device.cpu(threads).withIsa(isa));
        pass = new TrainingPass(model, batch);
        int positions = SIDE * SIDE;
        int[] values =
                new SplittableRandom(1).ints((long) batch * positions, 0, 2).toArray();
        examples = Examples.ofLevels(batch, positions, values);
        onnx = new OnnxSession(OnnxFullPass.write(model, batch, SIDE, SIDE), threads);
        input = OnnxSession.floats(batch * positions);
        output = OnnxSession.floats(batch * positions);
        x = onnx.tensor(input, batch, 1, SIDE, SIDE);
        y = family.equals("made") ? onnx.tensor(output, batch, positions) : onnx.tensor(output, batch, 1, SIDE, SIDE);
        for (int i = 0; i < values.length; i++) {
            input.put(i, values[i]);
        }
        onnxRuntime();
        OnnxSession.check(family, model.outputs(examples).values(), output);
    }

    /** Gives all memory back. */
    @TearDown
    public void tearDown() throws OrtException {
        x.close();
        y.close();
        onnx.close();
        pass.close();
        model.close();
    }

    @Benchmark
    public FloatBuffer onnxRuntime() throws OrtException {
        onnx.session().run(Map.of("x", x), Map.of("y", y)).close();
        return output;
    }

    /** With probabilities, and memory for all maps that the call takes and gives back. */
    @Benchmark
    public Likelihood gatun() {
        return model.logLikelihood(examples);
    }

    /** With probabilities, in maps that are kept, as validation does it. */
    @Benchmark
    public double gatunKept() {
        return pass.loss(examples);
    }
}
