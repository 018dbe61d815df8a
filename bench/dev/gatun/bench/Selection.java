package dev.gatun.bench;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code gatun bench} runs: some kernels, and whole models beside them. */
final class Selection {
    /**
     * A benchmark with its parameters.
     *
     * @param name what tables call it
     * @param method class and method, as JMH's patterns have them
     * @param parameters but for threads and level
     */
    record Case(String name, String method, Map<String, String> parameters) {
        /** The same by oneDNN, or null where that computes no such thing. */
        @Nullable
        Case onednn() {
            boolean product = method.matches("AffineBenchmark\\.(forward|backwardData|gradient)");
            return product ? new Case(name, method.replace("Affine", "Onednn"), parameters) : null;
        }
    }

    private Selection() {}

    static List<Case> all() {
        String masked = AffineShape.MASKED_3X3;
        String pointwise = AffineShape.POINTWISE;
        String causal = AffineShape.CAUSAL_512;
        return List.of(
                affine("masked 3x3, 32 to 32, 64 x 28 x 28", "forward", masked),
                affine("the same, backwards", "backwardData", masked),
                affine("the same, gradient of weights", "gradient", masked),
                affine("the same, as defined", "definition", masked),
                affine("the same, plain Java", "javaLoops", masked),
                affine("1x1, 64 to 64, 64 x 28 x 28", "forward", pointwise),
                affine("causal 2 taps 512 apart, 64 to 128, 16,000", "forward", causal),
                affine("the same, gradient of weights", "gradient", causal),
                affine("one step of it", "forward", AffineShape.VECTOR),
                new Case("gate, 64 of 512 positions", "GateBenchmark.gate", Map.of()),
                new Case("the same, as defined", "GateBenchmark.definition", Map.of()),
                new Case("the same, plain Java", "GateBenchmark.javaGate", Map.of()),
                new Case("likelihood, 64 digits 8x8", "LikelihoodBenchmark.*", Map.of("batch", "64")),
                new Case("sample, 1 digit 8x8", "SampleBenchmark.*", Map.of("method", "CACHED", "batch", "1")),
                new Case("sample, 64 digits 8x8", "SampleBenchmark.*", Map.of("method", "CACHED", "batch", "64")),
                new Case("a value of WaveNet W0", "StreamBenchmark.step", Map.of("model", "W0", "streams", "1")),
                new Case("a value of WaveNet W1", "StreamBenchmark.step", Map.of("model", "W1", "streams", "1")),
                new Case("training step of PixelCNN, 16", "ImageTrainBenchmark.step", Map.of("family", "pixelcnn")));
    }

    private static Case affine(String name, String method, String shape) {
        return new Case(name, "AffineBenchmark." + method, Map.of("shape", shape));
    }
}
