package dev.gatun.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.file.Safetensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;

/** What torch made, in the test resources; the README there says how. */
final class Recorded {
    private Recorded() {}

    static Safetensors open(String name) throws IOException {
        URL url = Objects.requireNonNull(Recorded.class.getResource("/optimizer/" + name + ".safetensors"), name);
        try {
            return Safetensors.open(Path.of(url.toURI()));
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    static MemorySegment copy(Arena arena, float[] values) {
        return arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
    }

    static float[] array(MemorySegment values) {
        return values.toArray(ValueLayout.JAVA_FLOAT);
    }

    /** Within 1e-6 of the larger of 1 and the expected value. */
    static void assertClose(String what, float[] found, float[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.length; i++) {
            double tolerance = 1e-6 * Math.max(1, Math.abs(expected[i]));
            assertThat((double) found[i]).as(what + " [" + i + "]").isCloseTo(expected[i], within(tolerance));
        }
    }
}
