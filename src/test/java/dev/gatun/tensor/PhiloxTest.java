package dev.gatun.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.file.Safetensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PhiloxTest {
    @Test
    void givesTheWordsThatTheGeneratorsAuthorsPublish() {
        assertThat(Philox.word(0, 0, 0, 0)).isEqualTo(0x6627e8d5);
        assertThat(Philox.word(-1, -1, -1, -1)).isEqualTo(0x408f276d);
        assertThat(Philox.word(0x299f31d0a4093822L, 0x0370734413198a2eL, 0x85a308d3, 0x243f6a88))
                .isEqualTo(0xd16cfe09);
    }

    @Test
    void agreesWithTheReferenceOnEverySeedSamplePositionAndDraw() throws IOException, URISyntaxException {
        Path path = Path.of(Objects.requireNonNull(PhiloxTest.class.getResource("/golden/uniforms.safetensors"))
                .toURI());
        try (Safetensors file = Safetensors.open(path)) {
            long[] seeds = file.longs("seed");
            long[] samples = file.longs("sample");
            long[] positions = file.longs("position");
            long[] ks = file.longs("k");
            long[] words = file.longs("word0");
            float[] uniforms = file.floats("u");
            assertThat(seeds).hasSizeGreaterThan(100);
            for (int i = 0; i < seeds.length; i++) {
                int position = (int) positions[i];
                int k = (int) ks[i];
                assertThat(Integer.toUnsignedLong(Philox.word(seeds[i], samples[i], position, k)))
                        .as("row %d", i)
                        .isEqualTo(words[i]);
                assertThat(Philox.uniform(seeds[i], samples[i], position, k))
                        .as("row %d", i)
                        .isEqualTo(uniforms[i]);
            }
        }
    }

    @Test
    void uniformsStayInsideTheirInterval() {
        for (int position = 0; position < 1 << 20; position++) {
            float u = Philox.uniform(11, 5, position, 1);
            assertThat(u > 0 && u < 1).as("position %d: %s", position, u).isTrue();
        }
    }
}
