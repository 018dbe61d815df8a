package dev.gatun.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.file.Safetensors;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.Isa;
import dev.gatun.foreign.OptimizerCalls;
import dev.gatun.train.Schedule.Unit;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Clipping, averaging, norms and schedules. */
class DescentTest {
    private static final Context CONTEXT = Context.of(Isa.BEST, 1);

    @Test
    void clippingIsThatOfTorch() throws IOException {
        try (Safetensors recorded = Recorded.open("clip");
                Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < 4; i++) {
                double limit = Double.parseDouble(recorded.metadata().get(i + ".limit"));
                TrainerOptions options =
                        TrainerOptions.builder().gradientClip(limit).build();
                Descent descent = new Descent(CONTEXT, options, null);
                MemorySegment gradient = Recorded.copy(arena, recorded.floats(i + ".gradient"));
                double norm = descent.norm(gradient);
                assertThat(norm).isCloseTo(recorded.floats(i + ".norm")[0], within(1e-6 * norm));
                descent.clip(gradient, norm);
                Recorded.assertClose("clipped " + i, Recorded.array(gradient), recorded.floats(i + ".clipped"));
            }
        }
    }

    @Test
    void noClippingLeavesTheGradientAlone() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment gradient = Recorded.copy(arena, new float[] {3e10f, -4e10f});
            Descent descent = new Descent(CONTEXT, TrainerOptions.builder().build(), null);
            assertThat(descent.norm(gradient)).isEqualTo(5e10, within(1e4));
            descent.clip(gradient, descent.norm(gradient));
            assertThat(Recorded.array(gradient)).containsExactly(3e10f, -4e10f);
        }
    }

    @Test
    void averagesAreThoseOfTorch() throws IOException {
        try (Safetensors recorded = Recorded.open("average");
                Arena arena = Arena.ofConfined()) {
            float[] values = recorded.floats("values");
            int count = values.length / 50;
            double decay = Double.parseDouble(recorded.metadata().get("decay"));
            MemorySegment average = arena.allocate(ValueLayout.JAVA_FLOAT, count);
            for (int step = 1; step <= 50; step++) {
                float[] now = Arrays.copyOfRange(values, (step - 1) * count, step * count);
                OptimizerCalls.average(CONTEXT, step == 1 ? 0 : decay, Recorded.copy(arena, now), average);
                if (Set.of(1, 2, 10, 50).contains(step)) {
                    Recorded.assertClose(
                            "average " + step, Recorded.array(average), recorded.floats("average." + step));
                }
            }
        }
    }

    @Test
    void sumsHaveTheSameBitsOnAllLevelsAndThreads() {
        Random random = new Random(5);
        try (Arena arena = Arena.ofConfined()) {
            for (int count : new int[] {0, 1, 15, 16, 17, 4095, 4096, 4097, 16384, 16385, 100_003}) {
                MemorySegment values =
                        arena.allocate(Math.max(4, count * 4L), 4).asSlice(0, count * 4L);
                double expected = 0;
                for (int i = 0; i < count; i++) {
                    float value = (float) random.nextGaussian();
                    values.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
                    expected += (double) value * value;
                }
                Set<Double> sums = new HashSet<>();
                for (Isa isa : OptimizerTest.levels()) {
                    for (int threads = 1; threads <= 3; threads++) {
                        sums.add(OptimizerCalls.sumOfSquares(Context.of(isa, threads), values));
                    }
                }
                assertThat(sums).as("%s values", count).hasSize(1);
                assertThat(sums.iterator().next()).isCloseTo(expected, within(1e-12 * expected));
            }
        }
    }

    @Test
    void vectorsThatDoNotFitAreRefused() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment two = arena.allocate(8, 4);
            MemorySegment three = arena.allocate(12, 4);
            assertThatThrownBy(() -> OptimizerCalls.average(CONTEXT, 0.5, two, three))
                    .hasMessage("average: found 3 floats, expected 2");
            assertThatThrownBy(() -> OptimizerCalls.sumOfSquares(CONTEXT, MemorySegment.ofArray(new float[2])))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("heap memory of 8 bytes");
            var adam = Descent.settings(Optimizer.Adam.of(0.1));
            assertThatThrownBy(() -> OptimizerCalls.step(CONTEXT, adam, 0.1, 1, two, two, two, MemorySegment.NULL))
                    .hasMessage("second state: found 0 floats, expected 2");
            assertThatThrownBy(() -> OptimizerCalls.step(CONTEXT, adam, 0.1, 0, two, two, two, two))
                    .hasMessage("step: found 0, expected 1 or more");
        }
    }

    @Test
    void schedulesAreThoseOfTorch() throws IOException {
        check("constant", new Schedule.Constant());
        check("step", new Schedule.Step(7, 0.5, Unit.EPOCHS));
        check("cosine", new Schedule.Cosine(40, 0.002, Unit.EPOCHS));
        check("exponential", new Schedule.Exponential(0.97, Unit.EPOCHS));
    }

    private static void check(String name, Schedule schedule) throws IOException {
        try (Safetensors recorded = Recorded.open("schedules")) {
            MemorySegment rates = recorded.raw(name);
            long count = rates.byteSize() / Double.BYTES;
            for (int epoch = 0; epoch < count; epoch++) {
                double expected = rates.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, epoch * 8L);
                assertThat(schedule.rate(0.1, epoch, 1000 + epoch)).as(name).isCloseTo(expected, within(1e-12));
            }
        }
    }

    @Test
    void schedulesCountStepsWhereAsked() {
        assertThat(new Schedule.Step(10, 0.5, Unit.STEPS).rate(8, 0, 29)).isEqualTo(2);
        assertThat(new Schedule.Exponential(0.5, Unit.STEPS).rate(8, 100, 3)).isEqualTo(1);
        assertThat(new Schedule.Cosine(10, 1, Unit.STEPS).rate(3, 0, 5)).isCloseTo(2, within(1e-12));
    }

    @Test
    void warmUpGrowsToWhatTheScheduleSays() {
        Schedule schedule = new Schedule.Warmup(4, new Schedule.Step(2, 0.5, Schedule.Unit.EPOCHS));
        assertThat(schedule.rate(8, 0, 0)).isEqualTo(2);
        assertThat(schedule.rate(8, 0, 2)).isEqualTo(6);
        assertThat(schedule.rate(8, 0, 3)).isEqualTo(8);
        assertThat(schedule.rate(8, 2, 1)).isEqualTo(2);
        assertThat(schedule.rate(8, 2, 100)).isEqualTo(4);
    }

    @Test
    void aCosineStaysAtItsFloor() {
        Schedule cosine = new Schedule.Cosine(10, 0.25, Unit.EPOCHS);
        assertThat(cosine.rate(3, 10, 0)).isEqualTo(0.25);
        assertThat(cosine.rate(3, 17, 0)).isEqualTo(0.25);
    }

    @Test
    void schedulesOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new Schedule.Step(0, 0.5, Unit.EPOCHS))
                .hasMessage("schedule: every: found 0, expected 1 or more");
        assertThatThrownBy(() -> new Schedule.Cosine(0, 0, Unit.EPOCHS))
                .hasMessage("schedule: total: found 0, expected 1 or more");
        assertThatThrownBy(() -> new Schedule.Exponential(0, Unit.EPOCHS))
                .hasMessage("schedule: gamma: found 0.0, expected a number above 0");
    }
}
