package dev.gatun.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.Examples;
import dev.gatun.LongSequence;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LevelStoreTest {
    private static LongSequence stored(int levels, int limit, int count) throws IOException {
        try (LevelStore store = new LevelStore(levels, limit)) {
            for (int i = 0; i < count; i++) {
                store.put(i % levels);
            }
            assertThat(store.count()).isEqualTo(count);
            return store.finish();
        }
    }

    /** Within memory, at its end, and beyond it in a file. */
    @ParameterizedTest
    @CsvSource({"256, 5", "256, 65536", "256, 200001", "2, 131072", "1000, 16384", "70000, 100001"})
    void whatIsPutIsRead(int levels, int count) throws IOException {
        LongSequence sequence = stored(levels, 1 << 16, count);

        assertThat(sequence.length()).isEqualTo(count);
        int[] all = new int[count + 2];
        sequence.read(0, all, 1, count);
        for (int i = 0; i < count; i++) {
            assertThat(all[i + 1]).isEqualTo(i % levels);
        }
        LongSequence part = sequence.slice(2, 3).slice(1, 2);
        int[] two = new int[2];
        part.read(0, two, 0, 2);
        assertThat(two).containsExactly(3 % levels, 4 % levels);
        assertThatThrownBy(() -> part.read(1, two, 0, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> sequence.read(count - 1, two, 0, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> sequence.read(0, two, 1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> sequence.slice(0, count + 1L)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void examplesMayLieInASequence() throws IOException {
        Examples stored = Examples.ofSequence(3, 4, stored(256, 1 << 16, 12));
        Examples held = Examples.ofLevels(3, 4, new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});

        assertThat(stored.levels()).isEqualTo(held.levels());
        for (Examples examples : new Examples[] {stored, held}) {
            assertThat(examples.range(1, 2).levels()).containsExactly(4, 5, 6, 7);
            int[] copy = new int[5];
            examples.range(1, 3).copyLevels(1, copy, 1);
            assertThat(copy).containsExactly(0, 8, 9, 10, 11);
            assertThatThrownBy(() -> examples.copyLevels(3, copy, 0)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(examples::reals).isInstanceOf(IllegalStateException.class);
        }
        assertThatThrownBy(() -> Examples.ofSequence(2, 4, stored(256, 1 << 16, 12)))
                .hasMessage("examples: found 12 values, expected 2 x 4");
        assertThatThrownBy(() -> Examples.ofReals(1, 1, new float[1]).sequence())
                .isInstanceOf(IllegalStateException.class);
    }
}
