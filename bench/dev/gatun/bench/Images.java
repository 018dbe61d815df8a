package dev.gatun.bench;

import dev.gatun.family.ModelConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Models of black and white images of 28x28, of sizes that others are measured at; {@code _wide}: one layer of 32 hidden units. And
 * {@code pixelcnn_pp}, of colour images of 32x32 as its authors have it.
 */
final class Images {
    private static final Map<String, Map<String, Object>> FAMILIES = Map.of(
            "pixelcnn",
            Map.of("features", 32L, "blocks", 7L, "head_features", 32L),
            "gated_pixelcnn",
            Map.of("features", 64L, "layers", 12L, "kernel_size", 5L, "head_features", 64L),
            "row_lstm",
            lstm(16, 7),
            "row_lstm_wide",
            lstm(32, 1),
            "diagonal_bilstm",
            lstm(16, 7),
            "diagonal_bilstm_wide",
            lstm(32, 1),
            "pixelcnn_pp",
            Map.of("features", 160L, "resnet_blocks", 5L),
            "fvsbn",
            Map.of(),
            "nade",
            Map.of("hidden", 500L),
            "made",
            Map.of("hidden", List.of(500L)));

    private Images() {}

    private static Map<String, Object> lstm(long hidden, long layers) {
        return Map.of("features", 2 * hidden, "hidden", hidden, "layers", layers, "head_features", 32L);
    }

    /** Whether a name is one of them. */
    static boolean has(String family) {
        return FAMILIES.containsKey(family);
    }

    static ModelConfig config(String family) {
        Map<String, Object> json = new HashMap<>(FAMILIES.get(family));
        json.put("format", 1L);
        json.put("architecture", family.replace("_wide", ""));
        boolean colour = family.equals("pixelcnn_pp");
        long side = colour ? 32 : 28;
        json.put(
                "data",
                Map.of(
                        "kind",
                        "image",
                        "height",
                        side,
                        "width",
                        side,
                        "channels",
                        colour ? 3L : 1L,
                        "levels",
                        colour ? 256L : 2L));
        json.put(
                "distribution",
                colour
                        ? Map.of("type", "discretized_logistic_mixture", "components", 10L)
                        : Map.of("type", "bernoulli"));
        return ModelConfig.parse(json);
    }
}
