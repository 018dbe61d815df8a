package dev.gatun.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class ParametersTest {
    private static SequencedMap<String, int[]> shapes() {
        SequencedMap<String, int[]> shapes = new LinkedHashMap<>();
        shapes.put("b", new int[] {3, 5});
        shapes.put("a", new int[] {16});
        shapes.put("c", new int[] {1});
        return shapes;
    }

    @Test
    void tensorsLieAlignedInOneSegmentInTheirOrder() {
        try (Arena arena = Arena.ofConfined()) {
            Parameters parameters = new Parameters(shapes(), arena);
            assertThat(parameters.names()).containsExactly("b", "a", "c");
            assertThat(parameters.count()).isEqualTo(15 + 16 + 1);
            assertThat(parameters.length()).isEqualTo(16 + 16 + 16);
            assertThat(parameters.offset("a")).isEqualTo(16);
            assertThat(parameters.offset("c")).isEqualTo(32);
            assertThat(parameters.shape("b")).containsExactly(3, 5);
            for (String name : parameters.names()) {
                assertThat(parameters.get(name).address() % 64).as(name).isZero();
            }
            assertThat(parameters.get("b").byteSize()).isEqualTo(60);
            assertThat(parameters.all().toArray(ValueLayout.JAVA_FLOAT)).containsOnly(0f);
        }
    }

    @Test
    void aTensorIsAPartOfTheWhole() {
        try (Arena arena = Arena.ofConfined()) {
            Parameters parameters = new Parameters(shapes(), arena);
            parameters.get("a").setAtIndex(ValueLayout.JAVA_FLOAT, 2, 7f);
            assertThat(parameters.all().getAtIndex(ValueLayout.JAVA_FLOAT, 18)).isEqualTo(7f);
        }
    }

    @Test
    void aCopySharesNothing() {
        try (Arena arena = Arena.ofConfined();
                Arena other = Arena.ofConfined()) {
            long[] degrees = {1, 2};
            Parameters parameters = new Parameters(shapes(), Map.of("degrees", degrees), arena);
            parameters.get("c").setAtIndex(ValueLayout.JAVA_FLOAT, 0, 4f);
            Parameters copy = parameters.copy(other);
            assertThat(copy.all().mismatch(parameters.all())).isEqualTo(-1);
            assertThat(copy.names()).containsExactlyElementsOf(parameters.names());
            parameters.get("c").setAtIndex(ValueLayout.JAVA_FLOAT, 0, 5f);
            degrees[0] = 9;
            assertThat(copy.get("c").getAtIndex(ValueLayout.JAVA_FLOAT, 0)).isEqualTo(4f);
            assertThat(copy.integers().get("degrees")).containsExactly(1, 2);
        }
    }

    @Test
    void namesWhatItHasWhereOneIsAskedForThatItHasNot() {
        try (Arena arena = Arena.ofConfined()) {
            Parameters parameters = new Parameters(shapes(), arena);
            assertThat(parameters.has("d")).isFalse();
            assertThatThrownBy(() -> parameters.get("d"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("d: not a tensor of this model, which has [b, a, c]");
        }
    }

    @Test
    void refusesSizesThatNoMemoryHas() {
        SequencedMap<String, int[]> shapes = new LinkedHashMap<>();
        shapes.put("w", new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE});
        assertThatThrownBy(() -> new Parameters(shapes, Arena.ofAuto()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("w: shape [2147483647, 2147483647, 2147483647]");
        shapes.put("w", new int[] {2, 0});
        assertThatThrownBy(() -> new Parameters(shapes, Arena.ofAuto())).hasMessageStartingWith("w: shape [2, 0]");
    }

    @Test
    void diesWithItsArena() {
        MemorySegment all;
        try (Arena arena = Arena.ofConfined()) {
            all = new Parameters(shapes(), arena).all();
        }
        assertThatThrownBy(() -> all.getAtIndex(ValueLayout.JAVA_FLOAT, 0)).isInstanceOf(IllegalStateException.class);
    }
}
