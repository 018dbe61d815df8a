package dev.gatun.bench;

import dev.gatun.Device;
import dev.gatun.Model;
import dev.gatun.StreamOptions;
import dev.gatun.StreamSampler;
import dev.gatun.StreamStart;
import dev.gatun.family.ModelConfig;
import dev.gatun.tensor.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** WaveNets of 16 kHz and 256 levels, of sizes that others are measured at. */
final class WaveNets {
    static final Set<String> NAMES = Set.of("W0", "W1", "W2", "W3");
    private static final int LEVELS = 256;

    private WaveNets() {}

    /**
     * A model with initial weights: {@code W0} (16 channels, 18 layers), {@code W1} (64 residual, 256 skip channels, 20 layers),
     * {@code W2} (128 and 256, 40 layers), {@code W3} (192 and 256, 20 layers); or that of a file.
     */
    static Model model(String name, int threads, String isa, Precision precision) throws IOException {
        return model(name, Device.cpu(threads).withIsa(isa), precision);
    }

    /** The same on a device that is chosen in more ways. */
    static Model model(String name, Device device, Precision precision) throws IOException {
        return switch (name) {
            case "W0" -> Model.create(config(16, 16, 16, dilations(9, 2)), 1, device, precision);
            case "W1" -> Model.create(config(64, 256, 256, dilations(10, 2)), 1, device, precision);
            case "W2" -> Model.create(config(128, 256, 256, dilations(10, 4)), 1, device, precision);
            case "W3" -> Model.create(config(192, 256, 256, dilations(10, 2)), 1, device, precision);
            default -> Model.load(Path.of(name), device, precision);
        };
    }

    /** 1, 2, 4, ... some times over. */
    private static List<Long> dilations(int powers, int times) {
        List<Long> all = new ArrayList<>();
        for (int i = 0; i < powers * times; i++) {
            all.add(1L << i % powers);
        }
        return all;
    }

    /** Streams without an end. */
    static StreamSampler streams(Model model, int count, int chunk) {
        StreamSampler sampler = model.streamSampler(StreamOptions.places(count).withChunk(chunk));
        for (int i = 0; i < count; i++) {
            sampler.join(StreamStart.seed(1).withSample(i));
        }
        return sampler;
    }

    private static ModelConfig config(long residual, long skip, long head, List<Long> dilations) {
        return ModelConfig.parse(Map.ofEntries(
                Map.entry("format", 1L),
                Map.entry("architecture", "wavenet"),
                Map.entry(
                        "data",
                        Map.of(
                                "kind",
                                "audio",
                                "sample_rate",
                                16000L,
                                "levels",
                                (long) LEVELS,
                                "companding",
                                "mu-law")),
                Map.entry("input", "one_hot"),
                Map.entry("distribution", Map.of("type", "categorical")),
                Map.entry("residual_channels", residual),
                Map.entry("dilation_channels", residual),
                Map.entry("skip_channels", skip),
                Map.entry("head_channels", head),
                Map.entry("kernel_size", 2L),
                Map.entry("dilations", dilations),
                Map.entry("first_kernel_size", 1L)));
    }
}
