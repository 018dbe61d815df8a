package dev.gatun.bench;

import dev.gatun.Device;
import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.family.DataSpec;
import dev.gatun.family.ModelConfig;
import dev.gatun.tensor.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The model of the 8x8 digits, and data of its kind: speed does not depend on the weights, so that a model with initial ones
 * will do.
 */
final class Digits {
    /** The value of a parameter that asks for a model with initial weights. */
    static final String INITIAL = "initial";

    private Digits() {}

    /**
     * A model.
     *
     * @param model {@link #INITIAL}; a family of {@link Images}, such as {@code fvsbn}, {@code nade} or {@code made}; one of {@link WaveNets}; or a
     *     model file of one-channel data
     */
    static Model model(String model, Device device) throws IOException {
        return model(model, device, Precision.F32);
    }

    /** The same, its weights rounded. */
    static Model model(String model, Device device, Precision precision) throws IOException {
        if (Images.has(model)) {
            return Model.create(Images.config(model), 1, device, precision);
        }
        if (WaveNets.NAMES.contains(model)) {
            return WaveNets.model(model, device, precision);
        }
        return model.equals(INITIAL)
                ? Model.create(config(), 1, device, precision)
                : Model.load(Path.of(model), device, precision);
    }

    private static ModelConfig config() {
        return ModelConfig.parse(Map.of(
                "format",
                1L,
                "architecture",
                "causal_conv_arm",
                "data",
                Map.of("kind", "sequence", "length", 64L, "levels", 17L),
                "input",
                "raw",
                "distribution",
                Map.of("type", "categorical"),
                "channels",
                List.of(256L, 256L, 256L),
                "kernel_size",
                7L,
                "dilations",
                List.of(1L, 1L, 1L, 1L),
                "activation",
                "leaky_relu"));
    }

    /** Examples of random levels for a model; of sounds a second each. */
    static Examples examples(Model model, int count) {
        int length = model.config().data() instanceof DataSpec.Audio audio
                ? audio.sampleRate()
                : model.config().data().length().orElse(64);
        SplittableRandom random = new SplittableRandom(1);
        int levels = model.config().data().levels();
        int[] values = random.ints((long) count * length, 0, levels).toArray();
        return Examples.ofLevels(count, length, values);
    }
}
