package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.family.ModelConfig;
import dev.gatun.graph.Pass;
import dev.gatun.graph.PassKind;
import java.lang.foreign.Arena;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How much memory passes take for their maps. */
class PassMemoryTest {
    private static final int LENGTH = 100;
    private static final int SKIP = 48;

    /** WaveNets whose layers look at the present alone, so that nothing of them is kept around. */
    private static Model waveNet(int layers) {
        Map<String, Object> keys = new HashMap<>(Map.of("format", 1L, "architecture", "wavenet", "kernel_size", 1L));
        keys.put("data", Map.of("kind", "sequence", "length", (long) LENGTH, "levels", 4L));
        keys.put("distribution", Map.of("type", "categorical"));
        keys.put("dilations", Collections.nCopies(layers, 1L));
        keys.putAll(Map.of("residual_channels", 16L, "dilation_channels", 16L, "head_channels", 16L));
        keys.put("skip_channels", (long) SKIP);
        return Model.create(ModelConfig.parse(keys), 1, Device.cpu(1));
    }

    private static long bytes(int layers, PassKind kind) {
        try (Model model = waveNet(layers);
                Arena arena = Arena.ofConfined()) {
            return new Pass(model.bound(), arena, 2, LENGTH, kind).bytes();
        }
    }

    /** Deeper models take no more memory for outputs: maps are given on, and skips added up as they come. */
    @Test
    void outputsTakeTheSameOfAnyDepth() {
        assertThat(bytes(20, PassKind.VALUES)).isEqualTo(bytes(4, PassKind.VALUES));
    }

    /** Nor does training for the skips, which gradients do not read. */
    @Test
    void trainingKeepsNoSkips() {
        long eachLayer = (bytes(20, PassKind.GRADIENTS) - bytes(10, PassKind.GRADIENTS)) / 10;
        long skip = 2L * LENGTH * SKIP * Float.BYTES;
        long ofAll = bytes(20, PassKind.WINDOWS) - bytes(10, PassKind.WINDOWS);
        assertThat(ofAll / 10).isGreaterThan(skip);
        assertThat(eachLayer).isPositive().isLessThan(ofAll / 10 - skip / 2);
    }
}
