package dev.gatun.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.Examples;
import dev.gatun.family.Companding;
import dev.gatun.family.DataSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class PiecesTest {
    @Test
    void whatIsLeftOfEachExampleIsDropped() {
        Examples cut = Pieces.cut(Examples.ofLevels(2, 5, new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), 2);

        assertThat(cut.count()).isEqualTo(4);
        assertThat(cut.levels()).containsExactly(0, 1, 2, 3, 5, 6, 7, 8);
        Examples reals = Examples.ofReals(1, 3, new float[] {1, 2, 3});
        assertThat(Pieces.cut(reals, 3).reals()).containsExactly(1, 2, 3);
        assertThatThrownBy(() -> Pieces.cut(reals, 4)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void partsAreJoinedInTheirOrder() {
        Examples one = Examples.ofReals(1, 2, new float[] {1, 2});
        Examples two = Examples.ofReals(2, 2, new float[] {3, 4, 5, 6});

        assertThat(Pieces.join(List.of(one, two)).reals()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(Pieces.join(List.of(one, two)).count()).isEqualTo(3);
    }

    /** Companding as the definition has it, from amplitude to level. */
    private static int level(DataSpec.Audio data, double x) {
        double mu = data.levels() - 1;
        double y = data.companding() == Companding.LINEAR
                ? x
                : Math.signum(x) * Math.log(1 + mu * Math.abs(x)) / Math.log(1 + mu);
        return (int) Math.floor((y + 1) / 2 * mu + 0.5);
    }

    @Test
    void amplitudesGoBackToTheirLevels() {
        for (Companding companding : Companding.values()) {
            DataSpec.Audio data = new DataSpec.Audio(8000, 256, companding);
            int[] levels = new int[256];
            for (int i = 0; i < levels.length; i++) {
                levels[i] = i;
            }
            float[] amplitudes = AudioLevels.amplitudes(data, levels, 0, 256);

            assertThat(amplitudes[0]).isEqualTo(-1);
            assertThat(amplitudes[255]).isEqualTo(1);
            for (int i = 0; i < levels.length; i++) {
                assertThat(level(data, amplitudes[i])).isEqualTo(i);
            }
        }
        DataSpec.Audio data = new DataSpec.Audio(8000, 256, Companding.MU_LAW);
        assertThat(level(data, 0)).as("silence").isEqualTo(128);
        assertThat(AudioLevels.amplitudes(data, new int[] {1, 128, 2}, 1, 2)).hasSize(1);
        assertThat(AudioLevels.amplitudes(data, new int[] {128}, 0, 1)[0]).isBetween(0f, 1e-4f);
    }
}
