package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gatun.family.DataSpec;
import dev.gatun.file.Safetensors;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.SamplingRun;
import dev.gatun.graph.Prefix;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Known first positions in one pass leave a program where steps would have left it. */
class PrimerTest {
    private static final int COUNT = 5;
    private static final int LENGTH = 41;
    private static final Set<String> DENSE = Set.of("fvsbn", "nade", "made");

    static List<GoldenCase> cases() throws IOException, URISyntaxException {
        return GoldenCase.all();
    }

    /** The rest of what a program draws behind known values: with what it keeps from steps, or from a pass. */
    private static final class Rest implements AutoCloseable {
        private final Arena arena = Arena.ofConfined();
        private final Model model;
        private final Condition condition;
        private final NativeDistribution.Values values;
        private final MemorySegment marks;
        private final SamplingRun run;
        private final Prefix prefix;

        Rest(Model model, Condition condition, Examples known, int length) {
            this.model = model;
            this.condition = condition;
            Programs.Compiled compiled = model.compiled(0, length, arena);
            prefix = Objects.requireNonNull(compiled.prefix());
            values = new NativeDistribution.Values(arena, model.distribution().real(), COUNT, length);
            NativeDistribution.Noise noise = new NativeDistribution.Noise(arena, 5, 0, 1, false);
            Known.of(known, everything(length)).write(model.config().data(), values.data());
            marks = Known.marks(arena, everything(length), COUNT, length);
            run = compiled.program()
                    .start(model.context(), arena, COUNT, noise, values, condition.in(arena), marks, null);
        }

        private static boolean[] everything(int length) {
            boolean[] all = new boolean[length];
            Arrays.fill(all, true);
            return all;
        }

        /** Has the positions from one on be drawn. */
        private void forget(int known) {
            for (int s = 0; s < COUNT; s++) {
                for (int i = known; i < values.positions(); i++) {
                    long at = (long) s * values.positions() + i;
                    marks.set(ValueLayout.JAVA_BYTE, at, (byte) 0);
                    values.data().setAtIndex(ValueLayout.JAVA_INT, at, 0);
                }
            }
        }

        int[] drawn(int known, int window) {
            forget(known);
            if (window > 0) {
                new Primer(prefix, condition, values, known, window).prime(model.context(), run, COUNT);
                assertThat(run.position()).isEqualTo(known);
            } else {
                run.advance(model.context(), known);
            }
            run.advance(model.context(), values.positions() - known);
            return values.data().toArray(ValueLayout.JAVA_INT);
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    private static Condition condition(GoldenCase golden) throws IOException {
        try (Safetensors recorded = golden.open()) {
            return GoldenCase.condition(recorded).slice(0, 1).repeated(COUNT);
        }
    }

    private static Examples other(Model model, Condition condition, int length) {
        SampleOptions options = SampleOptions.count(COUNT).withSeed(77).withLength(length);
        try (Sampler sampler = model.sampler(options, condition)) {
            return sampler.draw();
        }
    }

    private static int[] rest(Model model, Condition condition, Examples values, int known, int window) {
        try (Rest rest = new Rest(model, condition, values, values.length())) {
            return rest.drawn(known, window);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void drawsTheSameFromThereOn(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model())) {
            Condition condition = condition(golden);
            int length = model.config().data().length().orElse(condition.frameCount() > 0 ? 9 : LENGTH);
            Prefix prefix = prefix(model, length);
            assertThat(prefix == null).isEqualTo(DENSE.contains(model.config().architecture()));
            assumeTrue(prefix != null, "goes step by step");
            Examples values = other(model, condition, length);
            Set<Integer> begins = new TreeSet<>();
            IntStream.rangeClosed(1, length).forEach(known -> begins.add(prefix.positions(known)));
            begins.remove(0);
            assertThat(begins).isNotEmpty();
            for (int known : begins) {
                assertThat(rest(model, condition, values, known, known))
                        .as("%d known", known)
                        .containsExactly(rest(model, condition, values, known, 0));
            }
        }
    }

    private static Prefix prefix(Model model, int length) {
        try (Arena arena = Arena.ofConfined()) {
            return model.compiled(0, length, arena).prefix();
        }
    }

    /** Windows hand on what the next ones read. */
    @ParameterizedTest
    @MethodSource("cases")
    void windowByWindow(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model())) {
            DataSpec data = model.config().data();
            Condition condition = condition(golden);
            boolean any = data.length().isEmpty() && condition.frameCount() == 0;
            assumeTrue(any && prefix(model, LENGTH) != null, "of one length, or under frames");
            Examples values = other(model, condition, LENGTH);
            int least = Math.max(1, model.bound().farthest());
            for (int known : List.of(least + 1, LENGTH - 1, LENGTH)) {
                for (int window = least; window < known; window += 3) {
                    assertThat(rest(model, condition, values, known, window))
                            .as("%d known, windows of %d", known, window)
                            .containsExactly(rest(model, condition, values, known, 0));
                }
            }
        }
    }

    /** A sampler is as far as it was asked to be, wherever its program stands. */
    @Test
    void aSamplerPassesKnownPositionsAsItIsAsked() throws IOException {
        try (Model model = Model.bundled("digits")) {
            SampleOptions options = SampleOptions.count(2).withSeed(3);
            Examples values;
            try (Sampler free = model.sampler(options)) {
                values = free.draw();
            }
            boolean[] marks = new boolean[64];
            Arrays.fill(marks, 0, 40, true);
            try (Sampler sampler = model.sampler(options, Condition.none(), Known.of(values, marks))) {
                sampler.advance(0);
                assertThat(sampler.position()).isZero();
                sampler.advance(7);
                assertThat(sampler.position()).isEqualTo(7);
                assertThat(sampler.level(1, 6)).isEqualTo(values.levels()[64 + 6]);
                sampler.advance(34);
                assertThat(sampler.position()).isEqualTo(41);
                assertThat(sampler.draw().levels()).isEqualTo(values.levels());
                sampler.restart();
                assertThat(sampler.position()).isZero();
                assertThat(sampler.draw().levels()).isEqualTo(values.levels());
            }
        }
    }
}
