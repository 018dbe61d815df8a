package dev.gatun.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.Condition;
import dev.gatun.Examples;
import dev.gatun.LongSequence;
import dev.gatun.family.DataSpec;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Examples that are changed whenever they are taken. */
class ChangesTest {
    private static final DataSpec.Image IMAGE = new DataSpec.Image(2, 3, 1, 256);

    @Test
    void imagesAreFlippedRowByRowByADrawOfSeedStepAndExample() {
        int[] levels = IntStream.range(0, 6 * 200).map(i -> i % 6).toArray();
        ExampleSet set = new ExampleSet(
                Examples.ofLevels(200, 6, levels),
                Condition.ofClasses(IntStream.range(0, 200).toArray()));
        ExampleSource source = new ExampleSource(set, List.of(Changes.flips(IMAGE, 3)));
        int[] chosen = IntStream.range(0, 200).toArray();

        int[] first = source.batch(chosen, 0).examples().levels();

        int flipped = 0;
        for (int n = 0; n < 200; n++) {
            int[] example = Arrays.copyOfRange(first, 6 * n, 6 * n + 6);
            flipped += example[0] == 2 ? 1 : 0;
            assertThat(example).isIn(new int[] {0, 1, 2, 3, 4, 5}, new int[] {2, 1, 0, 5, 4, 3});
        }
        assertThat(flipped).isBetween(70, 130);
        assertThat(source.batch(chosen, 0).examples().levels()).containsExactly(first);
        assertThat(source.batch(chosen, 1).examples().levels()).isNotEqualTo(first);
        assertThat(source.batch(new int[] {7}, 0).examples().levels())
                .containsExactly(Arrays.copyOfRange(first, 42, 48));
        assertThat(source.fixed(chosen).examples().levels()).containsExactly(levels);
    }

    @Test
    void ofASequenceNoMoreIsReadThanIsAskedFor() {
        int[] levels = IntStream.range(0, 40_000).map(i -> i % 5).toArray();
        LongSequence stored = LongSequence.of(levels);
        AtomicLong read = new AtomicLong();
        LongSequence counted = new LongSequence() {
            @Override
            public long length() {
                return stored.length();
            }

            @Override
            public void read(long from, int[] to, int offset, int count) {
                read.addAndGet(count);
                stored.read(from, to, offset, count);
            }
        };
        ExampleSet set = ExampleSet.of(Examples.ofSequence(4000, 10, counted));
        ExampleSource source = new ExampleSource(set, List.of(Changes.flips(new DataSpec.Image(1, 10, 1, 5), 3)));

        source.batch(new int[] {7, 3000}, 0);
        assertThat(read.getAndSet(0)).isEqualTo(20);
        assertThat(ExampleSource.of(set).fingerprint())
                .isEqualTo(ExampleSource.of(ExampleSet.of(Examples.ofLevels(4000, 10, levels)))
                        .fingerprint());
        assertThat(read.get()).isEqualTo(40_000);
    }

    @Test
    void conditionsFollowTheirExamples() {
        ExampleSet set = new ExampleSet(Examples.ofLevels(3, 6, new int[18]), Condition.ofClasses(4, 5, 6));
        ExampleSource source = new ExampleSource(set, List.of(Changes.flips(IMAGE, 3)));

        BatchSource.Batch batch = source.batch(new int[] {2, 0}, 5);

        assertThat(batch.chosen()).containsExactly(0, 1);
        assertThat(batch.condition().fingerprint())
                .isEqualTo(Condition.ofClasses(6, 4).fingerprint());
    }

    @Test
    void greyLevelsAreInkAsOftenAsTheyAreHigh() {
        int count = 3000;
        int[] levels = IntStream.range(0, 3 * count)
                .map(i -> new int[] {0, 64, 255}[i % 3])
                .toArray();
        ExampleSource source = new ExampleSource(
                ExampleSet.of(Examples.ofLevels(count, 3, levels)), List.of(Changes.stochasticBinarization(255, 1)));
        int[] chosen = IntStream.range(0, count).toArray();

        int[] ink = new int[3];
        int[] drawn = source.batch(chosen, 9).examples().levels();
        for (int i = 0; i < drawn.length; i++) {
            assertThat(drawn[i]).isBetween(0, 1);
            ink[i % 3] += drawn[i];
        }

        assertThat(ink[0]).isZero();
        assertThat((double) ink[1] / count).isCloseTo(64 / 255.0, within(0.04));
        assertThat(ink[2]).isEqualTo(count);
        assertThat(source.batch(chosen, 10).examples().levels()).isNotEqualTo(drawn);
        int[] valid = source.fixed(chosen).examples().levels();
        assertThat(Arrays.stream(valid).max()).hasValue(1);
        assertThat(source.fixed(chosen).examples().levels()).containsExactly(valid);
    }

    @Test
    void theFingerprintTellsChangesApart() {
        ExampleSet set = ExampleSet.of(Examples.ofLevels(2, 6, new int[12]));
        List<String> prints = List.of(
                ExampleSource.of(set).fingerprint(),
                new ExampleSource(set, List.of(Changes.flips(IMAGE, 3))).fingerprint(),
                new ExampleSource(set, List.of(Changes.flips(IMAGE, 4))).fingerprint(),
                new ExampleSource(set, List.of(Changes.stochasticBinarization(255, 3))).fingerprint());
        assertThat(prints).doesNotHaveDuplicates();
    }
}
