package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.family.ModelConfig;
import dev.gatun.tensor.Precision;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Threads that share an image draw what one thread draws: of each family one that is large enough to be shared. */
class GridSharingTest {
    private static final int SIDE = 12;

    record Family(String name, Map<String, Object> sizes, int channels) {
        ModelConfig config() {
            Map<String, Object> json = new HashMap<>(sizes);
            json.put("format", 1L);
            json.put("architecture", name);
            json.put(
                    "data",
                    Map.of(
                            "kind",
                            "image",
                            "height",
                            (long) SIDE,
                            "width",
                            (long) SIDE,
                            "channels",
                            (long) channels,
                            "levels",
                            channels == 1 ? 2L : 256L));
            json.put(
                    "distribution",
                    channels == 1
                            ? Map.of("type", "bernoulli")
                            : Map.of("type", "discretized_logistic_mixture", "components", 3L));
            return ModelConfig.parse(json);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Family> families() {
        return Stream.of(
                new Family("pixelcnn", Map.of("features", 96L, "blocks", 2L, "head_features", 40L), 1),
                new Family(
                        "gated_pixelcnn",
                        Map.of("features", 56L, "layers", 3L, "kernel_size", 5L, "head_features", 40L),
                        1),
                new Family("row_lstm", Map.of("features", 96L, "hidden", 48L, "layers", 2L, "head_features", 40L), 1),
                new Family(
                        "diagonal_bilstm",
                        Map.of("features", 96L, "hidden", 48L, "layers", 2L, "head_features", 40L),
                        1),
                new Family("pixelcnn_pp", Map.of("features", 48L, "resnet_blocks", 1L), 3));
    }

    private static int[] drawn(Family family, Device device, int count, Known known) {
        try (Model model = Model.create(family.config(), 5, device);
                Sampler sampler = model.sampler(SampleOptions.count(count).withSeed(9), Condition.none(), known)) {
            sampler.advance(1);
            sampler.advance(20);
            int[] levels = sampler.draw().levels();
            sampler.restart();
            assertThat(sampler.draw().levels()).containsExactly(levels);
            return levels;
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void theSameBits(Family family) {
        int[] alone = drawn(family, Device.cpu(1), 1, Known.nothing());
        for (int threads : new int[] {2, 3, 5}) {
            Device device = Device.cpu(threads);
            assertThat(drawn(family, device.withSharing(Sharing.TOGETHER), 1, Known.nothing()))
                    .containsExactly(alone);
            assertThat(drawn(family, device.withSharing(Sharing.APART), 1, Known.nothing()))
                    .containsExactly(alone);
            assertThat(drawn(family, device, 1, Known.nothing())).containsExactly(alone);
            assertThat(drawn(family, device.withSharing(Sharing.TOGETHER), 2, Known.nothing()))
                    .startsWith(alone);
        }
        Device baseline = Device.cpu(2).withIsa("baseline").withSharing(Sharing.TOGETHER);
        assertThat(drawn(family, baseline, 1, Known.nothing())).containsExactly(alone);
    }

    @ParameterizedTest
    @MethodSource("families")
    void completionsToo(Family family) {
        Examples others;
        try (Model model = Model.create(family.config(), 5, Device.cpu(1));
                Sampler sampler = model.sampler(SampleOptions.count(1).withSeed(4))) {
            others = sampler.draw();
        }
        boolean[] given = new boolean[others.length()];
        for (int i = 0; i < given.length; i++) {
            given[i] = i % (SIDE * SIDE) % 3 == 0;
        }
        Known known = Known.of(others, given);
        int[] alone = drawn(family, Device.cpu(1), 1, known);
        assertThat(drawn(family, Device.cpu(2).withSharing(Sharing.TOGETHER), 1, known))
                .containsExactly(alone);
    }

    @Test
    void roundedWeightsToo() {
        Family family = families().toList().get(1);
        for (Precision precision : List.of(Precision.BF16, Precision.INT8)) {
            int[][] both = new int[2][];
            for (int threads = 1; threads <= 2; threads++) {
                Device device = Device.cpu(threads).withSharing(Sharing.TOGETHER);
                try (Model model = Model.create(family.config(), 5, device, precision);
                        Sampler sampler = model.sampler(SampleOptions.count(1).withSeed(9))) {
                    both[threads - 1] = sampler.draw().levels();
                }
            }
            assertThat(both[1]).containsExactly(both[0]);
        }
    }
}
