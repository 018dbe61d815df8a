package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.Isa;
import dev.gatun.foreign.NativeCondition;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.SamplingRun;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models and samplers: what they give, who owns them, what they refuse. */
class ModelTest {
    private static ModelConfig config(DataSpec data) {
        return config(data, InputEncoding.SCALED);
    }

    private static ModelConfig config(DataSpec data, InputEncoding input) {
        return new ModelConfig(
                "causal_conv_arm",
                data,
                input,
                DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                Map.of("channels", List.of(20L, 9L), "kernel_size", 3L, "dilations", List.of(1L, 2L, 4L)));
    }

    private static Model model() {
        return Model.create(config(new DataSpec.Sequence(12, 5)), 3);
    }

    private static Examples examples() {
        int[] levels = new int[7 * 12];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = i * i % 5;
        }
        return Examples.ofLevels(7, 12, levels);
    }

    @Test
    void aSavedModelIsTheSameModel(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("model.safetensors");
        try (Model model = model()) {
            model.save(file);
            try (Model again = Model.load(file)) {
                assertThat(again.config()).isEqualTo(model.config());
                assertThat(again.logLikelihood(examples()).nats())
                        .containsExactly(model.logLikelihood(examples()).nats());
                assertThat(again.parameter("layers.1.weight")).containsExactly(model.parameter("layers.1.weight"));
            }
        }
    }

    @Test
    void aModelThatCannotBeSavedLeavesTheOldFile(@TempDir Path folder) throws IOException {
        Path file = Files.createDirectory(folder.resolve("model.safetensors"));
        try (Model model = model()) {
            assertThatThrownBy(() -> model.save(file)).isInstanceOf(IOException.class);
            assertThat(file).isEmptyDirectory();
            try (var left = Files.list(folder)) {
                assertThat(left).hasSize(1);
            }
        }
    }

    @Test
    void likelihoodIsThatOfAUniformModelWhenAllOutputsAreEqual() {
        ModelConfig markov = new ModelConfig(
                "markov",
                new DataSpec.Sequence(12, 5),
                InputEncoding.RAW,
                DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                Map.of());
        try (Model model = Model.create(markov, 1)) {
            Likelihood likelihood = model.logLikelihood(examples());
            assertThat(likelihood.meanNats()).isCloseTo(12 * Math.log(5), org.assertj.core.data.Offset.offset(1e-5));
            assertThat(likelihood.bitsPerDimension())
                    .isCloseTo(Math.log(5) / Math.log(2), org.assertj.core.data.Offset.offset(1e-6));
            assertThat(likelihood.dimensions()).isEqualTo(12);
        }
    }

    @Test
    void aClosedModelIsAnErrorEverywhere() {
        Model model = model();
        Sampler sampler = model.sampler(SampleOptions.count(2));
        model.close();
        model.close();
        assertClosed(() -> model.outputs(examples()));
        assertClosed(() -> model.logLikelihood(examples()));
        assertClosed(() -> model.sampler(SampleOptions.count(1)));
        assertClosed(() -> model.save(Path.of("nowhere.safetensors")));
        assertClosed(() -> model.parameter("layers.0.weight"));
        assertClosed(model::plan);
        assertClosed(() -> sampler.advance(1));
        assertClosed(sampler::restart);
        sampler.close();
        sampler.close();
        assertThatThrownBy(sampler::draw)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("sampler is closed")
                .hasStackTraceContaining("closed here");
    }

    private static void assertClosed(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the model is closed")
                .hasStackTraceContaining("closed here");
    }

    @Test
    void aModelClosedWhileOthersComputeWaitsForThem() throws Exception {
        for (int round = 0; round < 20; round++) {
            Model model = model();
            CountDownLatch started = new CountDownLatch(3);
            try (ExecutorService pool = Executors.newFixedThreadPool(3)) {
                List<Future<Integer>> calls = java.util.stream.IntStream.range(0, 3)
                        .mapToObj(_ -> pool.submit(() -> untilClosed(model, started)))
                        .toList();
                started.await();
                model.close();
                for (Future<Integer> call : calls) {
                    assertThat(call.get()).isPositive();
                }
            }
        }
    }

    private static int untilClosed(Model model, CountDownLatch started) {
        double[] expected = model.logLikelihood(examples()).nats();
        started.countDown();
        for (int calls = 1; ; calls++) {
            try (Sampler sampler = model.sampler(SampleOptions.count(3))) {
                sampler.draw();
                assertThat(model.logLikelihood(examples()).nats()).containsExactly(expected);
            } catch (IllegalStateException e) {
                assertThat(e).hasMessageContaining("the model is closed");
                return calls;
            }
        }
    }

    @Test
    void twoThreadsOnOneSamplerAreAnError() throws InterruptedException {
        try (Model model = model();
                Sampler sampler = model.sampler(SampleOptions.count(2))) {
            AtomicReference<Throwable> seen = new AtomicReference<>();
            for (Runnable call :
                    List.<Runnable>of(() -> sampler.advance(1), sampler::draw, sampler::restart, sampler::close)) {
                Thread other = new Thread(call);
                other.setUncaughtExceptionHandler((_, failure) -> seen.set(failure));
                other.start();
                other.join();
                assertThat(seen.getAndSet(null))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("each thread makes its own");
            }
            assertThat(sampler.draw().levels()).hasSize(24);
        }
    }

    @Test
    void samplersHandOutValuesAsTheyAreDrawn() {
        try (Model model = model();
                Sampler sampler = model.sampler(SampleOptions.count(2).withSeed(5));
                Sampler whole = model.sampler(SampleOptions.count(2).withSeed(5));
                Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(2L * 12 * Integer.BYTES);
            whole.drawPositions(memory);
            for (int position = 0; position < 12; position++) {
                int next = position;
                assertThatThrownBy(() -> sampler.level(0, next)).isInstanceOf(IndexOutOfBoundsException.class);
                sampler.advance(1);
                for (int sample = 0; sample < 2; sample++) {
                    int expected = memory.getAtIndex(ValueLayout.JAVA_INT, sample * 12L + position);
                    assertThat(sampler.level(sample, position)).isEqualTo(expected);
                }
            }
            assertThatThrownBy(() -> sampler.advance(1)).hasMessageContaining("1 steps at position 12 of 12");
            int[] drawn = sampler.draw().levels();
            sampler.restart();
            assertThat(sampler.position()).isZero();
            assertThat(sampler.draw().levels()).containsExactly(drawn);
            assertThatThrownBy(() -> sampler.drawPositions(arena.allocate(5)))
                    .hasMessageContaining("found 5 bytes, expected 96");
        }
    }

    @Test
    void aSampleIsThatOfItsNumber() {
        try (Model model = model()) {
            SampleOptions options = SampleOptions.count(6).withSeed(9);
            int[] six = draw(model, options);
            int[] lastTwo = draw(model, options.withFirstSample(4));
            assertThat(java.util.Arrays.copyOf(lastTwo, 24)).containsExactly(java.util.Arrays.copyOfRange(six, 48, 72));
        }
    }

    private static int[] draw(Model model, SampleOptions options) {
        try (Sampler sampler = model.sampler(options)) {
            return sampler.draw().levels();
        }
    }

    @Test
    void examplesThatDoNotFitAreRefused() {
        try (Model model = model()) {
            refuse(model, Examples.ofLevels(1, 11, new int[11]), "found a length of 11, expected 12");
            refuse(model, Examples.ofReals(1, 12, new float[12]), "found reals, expected levels (sequence)");
            int[] high = new int[24];
            high[14] = 5;
            refuse(model, Examples.ofLevels(2, 12, high), "found level 5 at value 2 of example 1, expected 0..4");
            high[14] = -1;
            refuse(model, Examples.ofLevels(2, 12, high), "found level -1");
            assertThatThrownBy(() -> Examples.ofLevels(2, 12, new int[23]))
                    .hasMessageContaining("found 23 values, expected 2 x 12");
            assertThat(model.logLikelihood(Examples.ofLevels(0, 12, new int[0])).nats())
                    .isEmpty();
        }
    }

    private static void refuse(Model model, Examples examples, String words) {
        assertThatThrownBy(() -> model.logLikelihood(examples))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(words);
        assertThatThrownBy(() -> model.outputs(examples)).hasMessageContaining(words);
    }

    @Test
    void wholePassesInGroupsDrawWhatStepsDraw() {
        // More samples than a pass takes at once, and not a multiple of that.
        SampleOptions options = SampleOptions.count(300).withSeed(4).withFirstSample(7);
        SampleOptions whole = options.withMethod(SampleOptions.Method.FULL);
        try (Model model = model();
                Sampler sampler = model.sampler(whole)) {
            int[] drawn = sampler.draw().levels();
            assertThat(drawn).containsExactly(draw(model, options));
            sampler.restart();
            assertThat(sampler.draw().levels()).containsExactly(drawn);
        }
    }

    @Test
    void outputsThatNoArrayHoldsAreRefused() {
        try (Model model = Model.create(config(new DataSpec.Sequence(12, 4096)), 3)) {
            Examples many = Examples.ofLevels(43_691, 12, new int[43_691 * 12]);
            assertThatThrownBy(() -> model.outputs(many))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("found 43691 examples x 4096 outputs x 12 positions");
        }
    }

    @Test
    void stepsRefuseMemoryThatIsGone() {
        try (Model model = model();
                Context context = Context.of(Isa.BEST, 1);
                Arena arena = Arena.ofConfined()) {
            Arena given = Arena.ofConfined();
            SamplingRun run = model.program(0, 12, arena)
                    .start(
                            context,
                            arena,
                            1,
                            new NativeDistribution.Noise(arena, 1, 0, 1, false),
                            new NativeDistribution.Values(arena, false, 1, 12),
                            new NativeCondition(arena, null, null, 0, 0),
                            given.allocate(12),
                            null);
            run.advance(context, 3);
            given.close();
            assertThatThrownBy(() -> run.advance(context, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("known: memory that was given back");
            assertThat(run.position()).isEqualTo(3);
        }
    }

    @Test
    void devicesAreNamedInLowerCase() {
        assertThat(Device.cpu(1).withIsa("BASELINE")).isEqualTo(Device.cpu(1).withIsa("baseline"));
        assertThat(Device.cpu(1).withIsa("Baseline").isaInUse()).isEqualTo("baseline");
    }

    @Test
    void samplesAreReadAsWhatTheyAre() {
        try (Model model = model();
                Sampler sampler = model.sampler(SampleOptions.count(1))) {
            sampler.advance(1);
            assertThatThrownBy(() -> sampler.real(0, 0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("levels, not reals");
        }
        try (Model model = Model.create(series(), 1);
                Sampler sampler = model.sampler(SampleOptions.count(1).withLength(2))) {
            sampler.advance(1);
            assertThat(sampler.real(0, 0)).isFinite();
            assertThatThrownBy(() -> sampler.level(0, 0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("reals, not levels");
        }
    }

    private static ModelConfig series() {
        return new ModelConfig(
                "linear_ar",
                new DataSpec.Series(),
                InputEncoding.RAW,
                DistributionSpec.of(DistributionSpec.Type.GAUSSIAN),
                Map.of("order", 2L));
    }

    @Test
    void realsMustBeFinite() {
        try (Model model = Model.create(series(), 1)) {
            refuse(model, Examples.ofReals(1, 3, new float[] {0, Float.NaN, 0}), "found NaN at value 1 of example 0");
            refuse(model, Examples.ofLevels(1, 3, new int[3]), "found levels, expected reals");
            assertThatThrownBy(() -> model.sampler(SampleOptions.count(1)))
                    .hasMessageContaining("length: series has no length");
        }
    }

    @Test
    void optionsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> SampleOptions.count(0)).hasMessageContaining("count: found 0");
        assertThatThrownBy(() -> SampleOptions.count(1).withTemperature(0))
                .hasMessageContaining("temperature: found 0.0");
        assertThatThrownBy(() -> SampleOptions.count(1).withTemperature(Float.NaN))
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> SampleOptions.count(1).withLength(-1)).hasMessageContaining("length: found -1");
        assertThatThrownBy(() -> Device.cpu(0)).hasMessageContaining("threads: found 0");
        assertThatThrownBy(() -> Device.cpu(1).withIsa("mmx")).hasMessageContaining("isa: found 'mmx'");
        try (Model model = model()) {
            assertThatThrownBy(() -> model.sampler(SampleOptions.count(1).withLength(13)))
                    .hasMessageContaining("length: found 13, expected 12");
        }
    }

    @Test
    void levelsThatChangeAfterTheyWereCheckedReachNoKernel() {
        int[] levels = new int[3 * 12];
        Examples examples = Examples.ofLevels(3, 12, levels);
        try (Model model = Model.create(config(new DataSpec.Sequence(12, 5), InputEncoding.ONE_HOT), 3);
                TrainingPass pass = new TrainingPass(model, 2)) {
            double before = pass.lossAndGradient(examples, new int[] {0, 1, 2});
            for (int level : new int[] {-1, 5, Integer.MAX_VALUE}) {
                levels[2 * 12 + 7] = level;
                assertThatThrownBy(() -> pass.lossAndGradient(examples, new int[] {0, 1, 2}))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("found level " + level + " at value 7 of example 2, expected 0..4");
            }
            levels[2 * 12 + 7] = 0;
            assertThat(pass.lossAndGradient(examples, new int[] {0, 1, 2})).isEqualTo(before);
        }
    }
}
