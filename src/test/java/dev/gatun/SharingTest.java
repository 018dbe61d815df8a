package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.family.ModelConfig;
import dev.gatun.tensor.Precision;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads that share the steps of a sample alone draw what one thread draws. */
class SharingTest {
    private static final int LENGTH = 45;

    /** Products of some groups of outputs each, not all of them whole; a condition's class and frames. */
    private static ModelConfig config() {
        return ModelConfig.parse(Map.ofEntries(
                Map.entry("format", 1L),
                Map.entry("architecture", "wavenet"),
                Map.entry("data", Map.of("kind", "audio", "sample_rate", 8000L, "levels", 64L, "companding", "mu-law")),
                Map.entry("input", "one_hot"),
                Map.entry("distribution", Map.of("type", "categorical")),
                Map.entry("residual_channels", 80L),
                Map.entry("dilation_channels", 96L),
                Map.entry("skip_channels", 144L),
                Map.entry("head_channels", 100L),
                Map.entry("kernel_size", 2L),
                Map.entry("first_kernel_size", 1L),
                Map.entry("residual_scale", 1.0),
                Map.entry("global_condition", Map.of("classes", 3L, "channels", 5L)),
                Map.entry("dilations", List.of(1L, 2L, 4L, 16L, 1L))));
    }

    private static int[] drawn(Device device, int count) {
        return drawn(device, count, Precision.F32);
    }

    private static int[] drawn(Device device, int count, Precision precision) {
        try (Model model = Model.create(config(), 5, device, precision);
                Sampler sampler = model.sampler(
                        SampleOptions.count(count).withSeed(9).withLength(LENGTH),
                        Condition.ofClasses(2).repeated(count))) {
            sampler.advance(1);
            sampler.advance(20);
            return sampler.draw().levels();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void theSameBits(int threads) {
        int[] alone = drawn(Device.cpu(1), 1);
        for (String isa : List.of("baseline", "best")) {
            Device device = Device.cpu(threads).withIsa(isa);
            assertThat(drawn(device.withSharing(Sharing.TOGETHER), 1)).containsExactly(alone);
            assertThat(drawn(device.withSharing(Sharing.APART), 1)).containsExactly(alone);
            assertThat(drawn(device, 1)).containsExactly(alone);
        }
        assertThat(drawn(Device.cpu(threads).withSharing(Sharing.TOGETHER), 2)).startsWith(alone);
    }

    /** Each thread rounds what it reads, and does so again where another's outputs came before. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void theSameBitsOfRoundedInputs(int threads) {
        int[] alone = drawn(Device.cpu(1), 1, Precision.INT8_DYNAMIC);
        for (String isa : List.of("baseline", "best")) {
            Device device = Device.cpu(threads).withIsa(isa).withSharing(Sharing.TOGETHER);
            assertThat(drawn(device, 1, Precision.INT8_DYNAMIC)).containsExactly(alone);
        }
    }

    @Test
    void streamsToo() {
        int[] alone = drawn(Device.cpu(1), 1);
        Device together = Device.cpu(2).withSharing(Sharing.TOGETHER);
        try (Model model = Model.create(config(), 5, together);
                StreamSampler sampler =
                        model.streamSampler(StreamOptions.places(1).withChunk(16))) {
            SampleStream stream =
                    sampler.join(StreamStart.seed(9).withLength(LENGTH).withCondition(Condition.ofClasses(2)));
            int[] found = new int[LENGTH];
            int at = 0;
            while (sampler.advance(16) > 0) {
                StreamChunk chunk = stream.chunk();
                for (int i = 0; i < chunk.size(); i++) {
                    found[at++] = chunk.level(i);
                }
            }
            assertThat(at).isEqualTo(LENGTH);
            assertThat(found).containsExactly(alone);
        }
    }
}
