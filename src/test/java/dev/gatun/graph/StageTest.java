package dev.gatun.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.op.Footprint.Groups;
import dev.gatun.op.Tap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When what is computed at one stage can be read. */
class StageTest {
    @ParameterizedTest
    @EnumSource(Stage.class)
    void rowsAboveAreKnownWhenARowBegins(Stage stage) {
        for (Groups groups : Groups.values()) {
            assertThat(stage.read(new Tap(-1, 2), groups, true)).isEqualTo(Stage.ROW_BEGIN);
        }
        assertThatThrownBy(() -> stage.read(new Tap(1, 0), Groups.ALL, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a row below");
    }

    @Test
    void pixelsOnTheLeftAreKnownAtAPixel() {
        for (Stage stage : new Stage[] {Stage.PIXEL, Stage.BEFORE_GROUP, Stage.AFTER_GROUP, Stage.AFTER_PIXEL}) {
            assertThat(stage.read(Tap.back(1), Groups.ALL, true)).isEqualTo(Stage.PIXEL);
            assertThat(stage.read(Tap.back(-1), Groups.ALL, true)).isEqualTo(Stage.ROW_END);
        }
        assertThat(Stage.ROW_BEGIN.read(Tap.back(-1), Groups.ALL, true)).isEqualTo(Stage.ROW_BEGIN);
        assertThat(Stage.ROW_END.read(Tap.back(1), Groups.ALL, true)).isEqualTo(Stage.ROW_END);
    }

    @Test
    void groupsOfAPixelAreKnownOneAfterTheOther() {
        assertThat(Stage.AFTER_GROUP.read(Tap.HERE, Groups.EARLIER, true)).isEqualTo(Stage.BEFORE_GROUP);
        assertThat(Stage.AFTER_GROUP.read(Tap.HERE, Groups.UP_TO_OWN, true)).isEqualTo(Stage.AFTER_GROUP);
        assertThat(Stage.BEFORE_GROUP.read(Tap.HERE, Groups.UP_TO_OWN, true)).isEqualTo(Stage.BEFORE_GROUP);
        assertThat(Stage.BEFORE_GROUP.read(Tap.HERE, Groups.ALL, true)).isEqualTo(Stage.AFTER_PIXEL);
        assertThat(Stage.PIXEL.read(Tap.HERE, Groups.ALL, true)).isEqualTo(Stage.PIXEL);
    }

    /** Of one group nothing comes before its own. */
    @Test
    void aMaskThatHidesTheOnlyGroupHidesThePixel() {
        assertThat(Stage.AFTER_PIXEL.read(Tap.HERE, Groups.EARLIER, false)).isEqualTo(Stage.ROW_BEGIN);
    }
}
