package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Conditions: immutable, and looked at when they are made. */
class ConditionTest {
    @Test
    void arraysAreCopied() {
        int[] classes = {1, 2};
        float[] frames = {1, 2, 3, 4};
        Condition condition = Condition.ofClasses(classes).withFrames(frames, 1, 2);
        classes[0] = 7;
        frames[0] = Float.NaN;
        assertThat(condition.classes()).containsExactly(1, 2);
        assertThat(condition.frames()).containsExactly(1, 2, 3, 4);
    }

    @Test
    void framesMustBeFiniteAndFit() {
        refuse(() -> Condition.ofFrames(new float[] {0, Float.NaN}, 1, 2), "found NaN in a frame");
        refuse(() -> Condition.ofFrames(new float[5], 2, 2), "found 5 features, expected examples x 2 channels x 2");
        refuse(() -> Condition.ofFrames(new float[0], 1 << 16, 1 << 16), "x 65536 channels x 65536 frames");
    }

    @Test
    void rangesAndRepetitionsThatCannotBeAreRefused() {
        Condition two = Condition.ofClasses(0, 1);
        assertThat(two.repeated(2).classes()).containsExactly(0, 1, 0, 1);
        refuse(() -> two.repeated(1 << 30), "found 2 classes to be repeated 1073741824 times");
        refuse(() -> two.repeated(-1), "to be repeated -1 times");
        refuse(() -> two.slice(1, 3), "found rows 1 to 3, expected a range of its 2");
        refuse(() -> two.slice(-1, 1), "found rows -1 to 1");
    }

    private static void refuse(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String words) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(words);
    }
}
