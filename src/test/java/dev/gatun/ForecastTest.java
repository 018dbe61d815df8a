package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.SampleOptions.Method;
import dev.gatun.family.ModelConfig;
import dev.gatun.file.Json;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What forecasts cost; that they draw the same is tested where all methods are. */
class ForecastTest {
    private static final int LENGTH = 40;
    private static final int LEVELS = 5;

    /** A chain whose next value is the one before and one more, the surer the larger the logit. */
    private static Model chain(float logit) {
        ModelConfig config = ModelConfig.parse(Json.parse("""
                {"format": 1, "architecture": "markov", "data": {"kind": "sequence", "length": 40, "levels": 5},
                 "distribution": {"type": "categorical"}}"""));
        try (Arena arena = Arena.ofConfined()) {
            Parameters parameters = config.family().layout(config).allocate(arena);
            MemorySegment transitions = parameters.get("transition_logits");
            for (int level = 0; level < LEVELS; level++) {
                transitions.setAtIndex(ValueLayout.JAVA_FLOAT, level * LEVELS + (level + 1) % LEVELS, logit);
            }
            return Model.of(config, parameters, Device.cpu(1));
        }
    }

    private static SampleOptions options(Method method) {
        return SampleOptions.count(6).withSeed(3).withMethod(method);
    }

    /** Where nothing depends on what was before it, one pass draws all, and nothing is left for another to confirm. */
    @Test
    void independentValuesTakeTwoPassesAtMost() {
        try (Model model = chain(0);
                Sampler sampler = model.sampler(options(Method.JACOBI))) {
            sampler.draw();
            assertThat(sampler.passes()).isBetween(6L, 12L);
        }
    }

    /** Where a value is surely the one before it and one more, a pass wins about one position. */
    @Test
    void dependentValuesTakeMorePassesButNotMoreThanPositions() {
        try (Model model = chain(30);
                Sampler sampler = model.sampler(options(Method.JACOBI))) {
            sampler.draw();
            assertThat(sampler.passes()).isGreaterThan(12L).isLessThanOrEqualTo(6L * LENGTH);
        }
    }

    /** All methods take fewer passes than positions; windows, which forget what lies behind them, take more and compute less. */
    @Test
    void passesAreCounted() {
        try (Model model = Model.bundled("digits")) {
            long alone = passes(model, Method.PREDICTIVE);
            long together = passes(model, Method.JACOBI);
            assertThat(passes(model, Method.CACHED)).isZero();
            assertThat(passes(model, Method.FULL)).isEqualTo(6L * 64);
            assertThat(alone).isPositive().isLessThan(6L * 64);
            assertThat(together).isLessThanOrEqualTo(passes(model, Method.GS_JACOBI));
            assertThat(together).isLessThan(6L * 64);
            assertThat(together % 6).isZero();
            assertThat(work(model, Method.FULL)).isEqualTo(6.0 * 64);
            assertThat(work(model, Method.JACOBI)).isPositive().isLessThan(0.8 * together);
            assertThat(work(model, Method.PREDICTIVE)).isPositive().isLessThan(0.25 * alone);
        }
    }

    private static double work(Model model, Method method) {
        try (Sampler sampler = model.sampler(options(method))) {
            sampler.draw();
            return sampler.wholePasses();
        }
    }

    private static long passes(Model model, Method method) {
        try (Sampler sampler = model.sampler(options(method))) {
            sampler.draw();
            return sampler.passes();
        }
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void positionsAreThoseThatWereAskedFor(Method method) {
        try (Model model = Model.bundled("digits");
                Sampler cached = model.sampler(options(Method.CACHED));
                Sampler sampler = model.sampler(options(method))) {
            int[] expected = cached.draw().levels();
            int[] steps = {1, 0, 2, 7, 20};
            int done = 0;
            for (int step : steps) {
                sampler.advance(step);
                done += step;
                assertThat(sampler.position()).isEqualTo(done);
                for (int d = 0; d < done; d++) {
                    assertThat(sampler.level(5, d)).isEqualTo(expected[5 * 64 + d]);
                }
                int next = done;
                assertThatThrownBy(() -> sampler.level(5, next)).isInstanceOf(IndexOutOfBoundsException.class);
            }
            assertThatThrownBy(() -> sampler.advance(35)).isInstanceOf(RuntimeException.class);
            assertThatThrownBy(() -> sampler.advance(-1)).isInstanceOf(RuntimeException.class);
            assertThat(sampler.draw().levels()).containsExactly(expected);
            sampler.restart();
            assertThat(sampler.position()).isZero();
            assertThat(sampler.draw().levels()).containsExactly(expected);
        }
    }

    @Test
    void theMethodIsExplained() {
        try (Model model = Model.bundled("digits");
                Sampler sampler = model.sampler(options(Method.AUTO));
                Sampler jacobi = model.sampler(options(Method.GS_JACOBI))) {
            assertThat(jacobi.explanation()).isEqualTo("gs-jacobi: as asked for");
            assertThat(sampler.explanation()).isEqualTo("cached: nothing is drawn yet");
            sampler.draw();
            assertThat(sampler.explanation()).matches("(cached|predictive): \\d+ pass(es)? .* steps take [0-9.]+ ms");
        }
    }
}
