package dev.gatun.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DataSpecTest {
    @Test
    void anImagesPositionsGoByRowsThenColumnsThenChannels() {
        DataSpec.Image image = new DataSpec.Image(2, 4, 3, 256);
        int size = image.length().orElseThrow();
        assertThat(size).isEqualTo(24);
        int[] layout = IntStream.range(-2, size).toArray(); // begins with two that are another's
        int[] positions = new int[size + 1];
        image.toPositions(layout, 2, positions, 1);
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < 2; i++) {
                for (int j = 0; j < 4; j++) {
                    assertThat(positions[1 + (i * 4 + j) * 3 + c]).isEqualTo((c * 2 + i) * 4 + j);
                }
            }
        }
        int[] back = {-2, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        image.toLayout(positions, 1, back, 2);
        assertThat(back).isEqualTo(layout);
    }

    @Test
    void realValuesGoTheSameWay() {
        DataSpec.Image image = new DataSpec.Image(1, 2, 3, 2);
        float[] positions = new float[6];
        image.toPositions(new float[] {1, 2, 3, 4, 5, 6}, 0, positions, 0, 6);
        assertThat(positions).containsExactly(1, 3, 5, 2, 4, 6);
        float[] back = new float[6];
        image.toLayout(positions, 0, back, 0, 6);
        assertThat(back).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void otherDataKeepTheirOrder() {
        int[] positions = new int[3];
        new DataSpec.Series().toPositions(new int[] {9, 7, 8, 6}, 1, positions, 0, 3);
        assertThat(positions).containsExactly(7, 8, 6);
        int[] layout = new int[2];
        new DataSpec.Sequence(2, 9).toLayout(positions, 1, layout, 0);
        assertThat(layout).containsExactly(8, 6);
    }

    @Test
    void knowsItsShape() {
        assertThat(new DataSpec.Image(2, 4, 3, 256).exampleShape(24)).containsExactly(3, 2, 4);
        assertThat(new DataSpec.Sequence(5, 2).exampleShape(5)).containsExactly(5);
        assertThat(new DataSpec.Series().exampleShape(11)).containsExactly(11);
        assertThatThrownBy(() -> new DataSpec.Sequence(5, 2).exampleShape(6))
                .hasMessageContaining("6 positions, expected 5");
        assertThatThrownBy(() -> new DataSpec.Image(2, 4, 3, 256).exampleShape(8))
                .hasMessageContaining("expected 24");
        assertThatThrownBy(() -> new DataSpec.Series().toPositions(new int[1], 0, new int[1], 0))
                .hasMessageContaining("series has no length of its own");
    }

    @Test
    void countsCodePointsNotChars() {
        DataSpec.Text text = new DataSpec.Text("a😀é");
        assertThat(text.levels()).isEqualTo(3);
        assertThatThrownBy(() -> new DataSpec.Text("😀b😀"))
                .isInstanceOf(InvalidModelException.class)
                .hasMessage("data.vocabulary: found \"😀\" twice, expected different code points");
        assertThatThrownBy(() -> new DataSpec.Text("😀"))
                .hasMessageStartingWith("data.vocabulary: found 1 code points");
        assertThatThrownBy(() -> new DataSpec.Text("ab\ud83d")).hasMessageContaining("unpaired surrogate");
    }

    @Test
    void refusesImagesWhosePositionsCannotBeCounted() {
        assertThatThrownBy(() -> new DataSpec.Image(65536, 65536, 1, 2))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageStartingWith("data.height: found 65536 rows of 65536 pixels");
        assertThatThrownBy(() -> new DataSpec.Image(Integer.MAX_VALUE, Integer.MAX_VALUE, 3, 2))
                .isInstanceOf(InvalidModelException.class);
    }
}
