package dev.gatun.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;

/** ONNX Runtime with some threads. */
final class OnnxSession implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    OnnxSession(byte[] model, int threads) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            session = environment.createSession(model, options);
        }
    }

    OrtSession session() {
        return session;
    }

    /** A tensor over memory of its own, to be written and read there. */
    OnnxTensor tensor(FloatBuffer values, long... dims) throws OrtException {
        return OnnxTensor.createTensor(environment, values, dims);
    }

    /** The same of indices. */
    OnnxTensor tensor(LongBuffer values, long... dims) throws OrtException {
        return OnnxTensor.createTensor(environment, values, dims);
    }

    static LongBuffer longs(int count) {
        return ByteBuffer.allocateDirect(count * Long.BYTES)
                .order(ByteOrder.nativeOrder())
                .asLongBuffer();
    }

    static FloatBuffer floats(int count) {
        return ByteBuffer.allocateDirect(count * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    /** Refuses what is not the same as Gatun's, within rounding. */
    static void check(String what, float[] expected, FloatBuffer found) {
        double largest = 1e-6;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(expected[i] - found.get(i)) <= 1e-4 * largest)) {
                throw new IllegalStateException(
                        what + ": ONNX Runtime has " + found.get(i) + " at " + i + ", Gatun " + expected[i]);
            }
        }
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
