package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.file.Safetensors;
import dev.gatun.foreign.StepKind;
import dev.gatun.graph.Plan;
import dev.gatun.graph.StepPlan;
import dev.gatun.op.Concat;
import dev.gatun.op.Sum;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.List;
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
                boolean part =
                        step.code().kind() == StepKind.COPY || step.code().kind() == StepKind.SUM;
                assertThat(part || written.add(step.label()))
                        .as("%s once", step.label())
                        .isTrue();
            }
            long summed = model.graph().nodes().stream()
                    .filter(node -> node.operation() instanceof Sum || node.operation() instanceof Concat)
                    .count();
            assertThat(written.size() + summed)
                    .isGreaterThanOrEqualTo(model.graph().nodes().size());
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
