package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gatun.file.Safetensors;
import dev.gatun.graph.GridPlan;
import dev.gatun.tensor.Precision;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Cached sampling of all but images row by row on a device: the emulated one, or the first of the library that tests are started
 * with.
 */
@ExtendWith(EmulatedDevice.class)
class CudaStepsTest {
    private static final Device DEVICE = EmulatedDevice.DEVICE;
    private static final int COUNT = 33;
    private static final int LENGTH = 20; // as far as recorded frames go

    static List<GoldenCase> cases() throws IOException, URISyntaxException {
        List<GoldenCase> cases = new ArrayList<>();
        for (GoldenCase golden : GoldenCase.all()) {
            try (Model model = Model.load(golden.model(), Device.cpu(1))) {
                if (!(model.plan(length(model)) instanceof GridPlan)) {
                    cases.add(golden);
                }
            }
        }
        return cases;
    }

    private static int length(Model model) {
        return model.config().data().length().orElse(LENGTH);
    }

    private static Condition condition(GoldenCase golden) throws IOException {
        try (Safetensors recorded = golden.open()) {
            return GoldenCase.condition(recorded).slice(0, 1).repeated(COUNT);
        }
    }

    /** All values of samples that are drawn in pieces, and once more from the beginning, as bits. */
    private static int[] drawn(Model model, SampleOptions options, Condition condition, Known known) {
        int length = length(model);
        try (Sampler sampler = model.sampler(options.withLength(length), condition, known);
                Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate((long) COUNT * length * Integer.BYTES, Integer.BYTES);
            sampler.advance(Math.min(1, length));
            sampler.advance(length / 2);
            sampler.drawPositions(values);
            int[] first = values.toArray(ValueLayout.JAVA_INT);
            sampler.restart();
            sampler.drawPositions(values);
            assertThat(values.toArray(ValueLayout.JAVA_INT)).containsExactly(first);
            return first;
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void samplesAreTheProcessors(GoldenCase golden) throws IOException {
        SampleOptions plain = SampleOptions.count(COUNT).withSeed(11);
        try (Model here = Model.load(golden.model(), Device.cpu(1));
                Model there = Model.load(golden.model(), DEVICE)) {
            for (SampleOptions options :
                    List.of(plain, plain.withFirstSample(1L << 40).withTemperature(0.7f), plain.withMode(true))) {
                assertThat(drawn(there, options, condition(golden), Known.nothing()))
                        .containsExactly(drawn(here, options, condition(golden), Known.nothing()));
            }
        }
    }

    /** A device keeps weights of bfloat16 as such, and others as floats. */
    @ParameterizedTest
    @MethodSource("cases")
    void samplesOfRoundedWeightsAreTheProcessors(GoldenCase golden) throws IOException {
        SampleOptions options = SampleOptions.count(COUNT).withSeed(12);
        for (Precision precision : List.of(Precision.BF16, Precision.INT8)) {
            try (Model here = Model.load(golden.model(), Device.cpu(1), precision);
                    Model there = Model.load(golden.model(), DEVICE, precision)) {
                assertThat(drawn(there, options, condition(golden), Known.nothing()))
                        .as("%s", precision)
                        .containsExactly(drawn(here, options, condition(golden), Known.nothing()));
            }
        }
    }

    /** Of every third value, and of the first ones. */
    @ParameterizedTest
    @MethodSource("cases")
    void completionsAreTheProcessors(GoldenCase golden) throws IOException {
        SampleOptions options = SampleOptions.count(COUNT).withSeed(4);
        try (Model here = Model.load(golden.model(), Device.cpu(1));
                Model there = Model.load(golden.model(), DEVICE)) {
            assumeTrue(here.masks() == 1, "which mask a sample has depends on what is known of it");
            int length = length(here);
            Examples others;
            try (Sampler sampler = here.sampler(options.withLength(length).withSeed(5), condition(golden))) {
                others = sampler.draw();
            }
            boolean[] scattered = new boolean[length];
            boolean[] beginning = new boolean[length];
            for (int i = 0; i < length; i++) {
                scattered[i] = i % 3 == 0;
                beginning[i] = i < length / 2;
            }
            for (boolean[] given : List.of(scattered, beginning)) {
                Known known = Known.of(others, given);
                assertThat(drawn(there, options, condition(golden), known))
                        .containsExactly(drawn(here, options, condition(golden), known));
            }
        }
    }
}
