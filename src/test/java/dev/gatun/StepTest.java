package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.family.Companding;
import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import dev.gatun.file.Safetensors;
import dev.gatun.foreign.StepKind;
import dev.gatun.graph.Node;
import dev.gatun.graph.Plan;
import dev.gatun.graph.StepPlan;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Step programs: each value once, one forward pass a sample, nothing allocated. */
class StepTest {
    static List<GoldenCase> cases() throws IOException, URISyntaxException {
        return GoldenCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aSampleCostsOneForwardPass(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model())) {
            Plan plan = model.plan();
            int own = model.config().data().length().orElse(0);
            for (int length : own > 0 ? new int[] {own} : new int[] {1, 7, 64}) {
                assertThat(plan.flops(length)).isEqualTo(model.graph().flops(length));
            }
            if (!(plan instanceof StepPlan)) {
                return; // layers of units, and rows of images, are computed in parts
            }
            assertThat(plan.steps().stream().filter(step -> step.code().kind() == StepKind.DRAW))
                    .hasSize(1);
            Set<String> written = new HashSet<>();
            for (StepPlan.Step step : plan.steps()) {
                // A product and what follows it are one instruction, whose sum may be that of other products, too.
                String[] parts = step.label().split(" \\+ ", -1);
                for (String part : parts) {
                    boolean inParts = step.code().kind() == StepKind.COPY
                            || step.code().kind() == StepKind.SUM
                            || (step.code().kind() == StepKind.PACKED && !part.equals(parts[0]));
                    boolean once = written.add(part);
                    assertThat(inParts || once).as("%s once", part).isTrue();
                }
            }
            assertThat(written)
                    .containsAll(model.graph().nodes().stream().map(Node::label).toList());
        }
    }

    @Test
    void ringsAreAsDeepAsTheirReadersReachBack() throws IOException, URISyntaxException {
        GoldenCase dilated = cases().stream()
                .filter(golden -> golden.toString().equals("causal_conv_arm-dilated"))
                .findFirst()
                .orElseThrow();
        try (Model model = Model.load(dilated.model())) {
            // Kernels of 2 with dilations 2 (from the position before), 1, 4, 30; activations between; 11 positions.
            assertThat(((StepPlan) model.plan()).slots().stream().map(slot -> slot.depth()))
                    .containsExactly(4, 1, 2, 1, 5, 1, 12, 1);
        }
    }

    private static ModelConfig wavenet(Map<String, Object> conditions) {
        Map<String, Object> hyper = new HashMap<>(conditions);
        hyper.putAll(Map.of(
                "residual_channels", 24L,
                "dilation_channels", 48L,
                "skip_channels", 20L,
                "head_channels", 17L,
                "kernel_size", 2L,
                "dilations", List.of(1L, 2L, 4L),
                "residual_scale", 0.7));
        return new ModelConfig(
                "wavenet",
                new DataSpec.Audio(8000, 7, Companding.MU_LAW),
                InputEncoding.ONE_HOT,
                DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                hyper);
    }

    /** Gates of whole vectors, residual and skip sums and activations go with the products before them, and the bits stay. */
    @Test
    void productsAndWhatFollowsThemAreOneInstruction() {
        SampleOptions options = SampleOptions.count(7).withSeed(3).withLength(50);
        for (String isa : List.of("best", "baseline")) {
            try (Model model = Model.create(wavenet(Map.of()), 1, Device.cpu(2).withIsa(isa));
                    Sampler cached = model.sampler(options);
                    Sampler full = model.sampler(options.withMethod(SampleOptions.Method.FULL))) {
                List<StepPlan.Step> steps = model.plan(50).steps();
                assertThat(steps.stream().map(StepPlan.Step::label))
                        .contains(
                                "layers.1.dilated + layers.1.gate",
                                "layers.1.skip + skips",
                                "layers.2.skip + skips + head.relu.0",
                                "layers.1.residual + layers.1.sum",
                                "head.0 + head.relu.1");
                assertThat(steps.stream().map(step -> step.code().kind()))
                        .contains(StepKind.PACKED, StepKind.PACKED_GATE)
                        .doesNotContain(StepKind.AFFINE, StepKind.GATE, StepKind.SUM, StepKind.ACTIVATION);
                assertThat(steps.stream()
                                .filter(step -> step.code().kind() == StepKind.PACKED_GATE)
                                .map(step -> step.around().lead()))
                        .as("taps that are known two steps ahead or more")
                        .containsExactly(0, 1, 1);
                assertThat(cached.draw().levels()).containsExactly(full.draw().levels());
            }
        }
    }

    @Test
    void conditionsAreAddedBeforeTheGate() {
        Map<String, Object> conditions = Map.of(
                "local_condition", Map.of("channels", 3L, "hop", 4L),
                "global_condition", Map.of("classes", 5L, "channels", 2L));
        float[] frames = new float[2 * 13 * 3];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = (i * 37 % 11 - 5) / 5f;
        }
        Condition condition = Condition.ofClasses(4, 1).withFrames(frames, 3, 13);
        SampleOptions options = SampleOptions.count(2).withSeed(3).withLength(50);
        try (Model model = Model.create(wavenet(conditions), 1, Device.cpu(1));
                Sampler cached = model.sampler(options, condition);
                Sampler full = model.sampler(options.withMethod(SampleOptions.Method.FULL), condition)) {
            List<StepPlan.Step> gates = model.plan(50).steps().stream()
                    .filter(step -> step.code().kind() == StepKind.PACKED_GATE)
                    .toList();
            assertThat(gates).hasSize(3).allSatisfy(step -> {
                assertThat(step.around().base()).isNotNegative();
                assertThat(step.around().second()).isNotNegative();
            });
            assertThat(cached.draw().levels()).containsExactly(full.draw().levels());
        }
    }

    @Test
    void stepsAllocateNothing() throws IOException, URISyntaxException {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (GoldenCase golden : cases()) {
            try (Model model = Model.load(golden.model(), Device.cpu(1));
                    Safetensors recorded = golden.open()) {
                Condition one = GoldenCase.condition(recorded).slice(0, 1);
                int length = model.config().data().length().orElse(15);
                try (Sampler sampler = model.sampler(SampleOptions.count(1).withLength(length), one)) {
                    // The first rounds load classes and let the compiler do away with what escapes nowhere.
                    long least = Long.MAX_VALUE;
                    for (int round = 0; round < 20_000 && least > 0; round++) {
                        sampler.restart();
                        long before = threads.getCurrentThreadAllocatedBytes();
                        for (int position = 0; position < length; position++) {
                            sampler.advance(1);
                        }
                        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
                    }
                    assertThat(least)
                            .as("%s: bytes for %d steps", golden, length)
                            .isZero();
                }
            }
        }
    }
}
