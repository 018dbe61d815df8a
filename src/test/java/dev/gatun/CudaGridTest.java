package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.family.DataSpec;
import dev.gatun.file.Safetensors;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.SamplingRun;
import dev.gatun.graph.GridPlan;
import dev.gatun.tensor.Precision;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Cached sampling of images on a device: the emulated one, or the first of the library that tests are started with. */
@ExtendWith(EmulatedDevice.class)
class CudaGridTest {
    private static final Device DEVICE = EmulatedDevice.DEVICE;
    private static final int COUNT = 5;

    static List<GoldenCase> images() throws IOException, URISyntaxException {
        List<GoldenCase> images = new ArrayList<>();
        for (GoldenCase golden : GoldenCase.all()) {
            try (Model model = Model.load(golden.model(), Device.cpu(1))) {
                if (model.plan(model.config().data().length().orElse(9)) instanceof GridPlan) {
                    images.add(golden);
                }
            }
        }
        return images;
    }

    private static Condition condition(GoldenCase golden) throws IOException {
        try (Safetensors recorded = golden.open()) {
            return GoldenCase.condition(recorded).slice(0, 1).repeated(COUNT);
        }
    }

    /** All values of samples that are drawn in pieces, and once more from the beginning. */
    private static int[] drawn(Model model, SampleOptions options, Condition condition, Known known) {
        int length = model.config().data().length().orElseThrow();
        try (Sampler sampler = model.sampler(options, condition, known);
                Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate((long) COUNT * length * Integer.BYTES, Integer.BYTES);
            sampler.advance(1);
            sampler.advance(length / 2);
            sampler.drawPositions(values);
            int[] first = values.toArray(ValueLayout.JAVA_INT);
            sampler.restart();
            sampler.drawPositions(values);
            assertThat(values.toArray(ValueLayout.JAVA_INT)).containsExactly(first);
            return first;
        }
    }

    private static void assertTheSame(
            GoldenCase golden, Precision precision, SampleOptions options, Condition condition, Known known)
            throws IOException {
        try (Model here = Model.load(golden.model(), Device.cpu(1), precision);
                Model there = Model.load(golden.model(), DEVICE, precision)) {
            assertThat(drawn(there, options, condition, known)).containsExactly(drawn(here, options, condition, known));
        }
    }

    @Test
    void allFamiliesOfImagesAreThere() throws IOException, URISyntaxException {
        assertThat(images().stream().map(golden -> golden.toString().replaceAll("-.*", "")))
                .contains("pixelcnn", "gated_pixelcnn", "row_lstm", "diagonal_bilstm", "pixelcnn_pp");
    }

    @ParameterizedTest
    @MethodSource("images")
    void samplesAreTheProcessors(GoldenCase golden) throws IOException {
        SampleOptions options = SampleOptions.count(COUNT).withSeed(11);
        assertTheSame(golden, Precision.F32, options, condition(golden), Known.nothing());
    }

    @ParameterizedTest
    @MethodSource("images")
    void otherNoiseAndRoundedWeightsAreTheProcessors(GoldenCase golden) throws IOException {
        SampleOptions options = SampleOptions.count(COUNT).withSeed(3).withFirstSample(1L << 40);
        assertTheSame(golden, Precision.BF16, options.withTemperature(0.7f), condition(golden), Known.nothing());
        assertTheSame(golden, Precision.INT8, options.withMode(true), condition(golden), Known.nothing());
    }

    /** Whichever of steps and passes over forecasts turned out the sooner done, in pieces. */
    @ParameterizedTest
    @MethodSource("images")
    void whatIsFasterDrawsTheSame(GoldenCase golden) throws IOException {
        SampleOptions options = SampleOptions.count(COUNT).withSeed(6);
        try (Model here = Model.load(golden.model(), Device.cpu(1));
                Model there = Model.load(golden.model(), DEVICE)) {
            int[] expected = drawn(here, options, condition(golden), Known.nothing());
            for (SampleOptions.Method method : List.of(SampleOptions.Method.AUTO, SampleOptions.Method.PREDICTIVE)) {
                assertThat(drawn(there, options.withMethod(method), condition(golden), Known.nothing()))
                        .as("%s", method)
                        .containsExactly(expected);
            }
        }
    }

    /** Of every third pixel, and of the upper half. */
    @ParameterizedTest
    @MethodSource("images")
    void completionsAreTheProcessors(GoldenCase golden) throws IOException {
        SampleOptions options = SampleOptions.count(COUNT).withSeed(4);
        Examples others;
        int pixels;
        try (Model model = Model.load(golden.model(), Device.cpu(1));
                Sampler sampler = model.sampler(options.withSeed(5), condition(golden))) {
            others = sampler.draw();
            DataSpec.Image image = (DataSpec.Image) model.config().data();
            pixels = image.height() * image.width();
        }
        boolean[] scattered = new boolean[others.length()];
        boolean[] beginning = new boolean[others.length()];
        for (int i = 0; i < others.length(); i++) {
            scattered[i] = i % pixels % 3 == 0;
            beginning[i] = i % pixels < pixels / 2;
        }
        for (boolean[] given : List.of(scattered, beginning)) {
            assertTheSame(golden, Precision.F32, options, condition(golden), Known.of(others, given));
        }
    }

    /** A run may be asked for log-probabilities, and for its state and times; the latter are not a device's. */
    @Test
    void logProbabilitiesAreTheProcessorsAndStatesAreRefused() throws IOException, URISyntaxException {
        for (GoldenCase golden : images()) {
            float[][] found = new float[2][];
            for (int i = 0; i < 2; i++) {
                try (Model model = Model.load(golden.model(), i == 0 ? Device.cpu(1) : DEVICE);
                        Arena arena = Arena.ofConfined()) {
                    found[i] = logProbabilities(model, condition(golden), arena, i == 1);
                }
            }
            assertThat(found[1]).as(golden.toString()).containsExactly(found[0]);
        }
    }

    private static float[] logProbabilities(Model model, Condition condition, Arena arena, boolean device) {
        int length = model.config().data().length().orElseThrow();
        NativeDistribution distribution = model.distribution();
        NativeDistribution.Values values = new NativeDistribution.Values(arena, distribution.real(), COUNT, length);
        MemorySegment logProb = arena.allocate((long) COUNT * length * Float.BYTES, Float.BYTES);
        NativeDistribution.Noise noise = new NativeDistribution.Noise(arena, 5, 0, 1, false);
        SamplingRun run = model.compiled(0, length, arena)
                .program()
                .start(model.context(), arena, COUNT, noise, values, condition.in(arena), null, logProb);
        if (device) {
            List.<Runnable>of(() -> run.resume(model.context(), 0), () -> run.state(0), () -> run.meter(null))
                    .forEach(refused -> assertThatThrownBy(refused::run)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("found a CUDA device, expected this machine's processor"));
        }
        IntStream.range(0, length).limit(7).forEach(i -> run.advance(model.context(), 1));
        run.advance(model.context(), length - Math.min(length, 7));
        return logProb.toArray(ValueLayout.JAVA_FLOAT);
    }
}
