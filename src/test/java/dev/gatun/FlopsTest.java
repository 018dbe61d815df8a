package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.graph.StepPlan;
import dev.gatun.op.StepCode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A sample costs the arithmetic of one forward pass, for every family that is computed. */
class FlopsTest {
    static List<GoldenCase> cases() throws IOException, URISyntaxException {
        return GoldenCase.all();
    }

    @Test
    void everyFamilyHasACase() throws IOException, URISyntaxException {
        Set<String> covered = new HashSet<>();
        cases().forEach(golden -> covered.add(golden.toString().split("-", 2)[0]));
        assertThat(covered).containsExactlyInAnyOrderElementsOf(Model.computed());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aSampleCostsOneForwardPass(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model())) {
            int length = model.config().data().length().orElse(500);
            double forward = model.graph().flops(length);
            assertThat((double) model.plan().flops(length)).isBetween(0.95 * forward, 1.05 * forward);
        }
    }

    /** What instructions say they cost is what their sizes make of them: at least a multiplication and an addition a weight. */
    @ParameterizedTest
    @MethodSource("cases")
    void productsCountTheirWeights(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model())) {
            for (StepPlan.Step step : model.plan().steps()) {
                StepCode code = step.code();
                long products = switch (code.kind()) {
                    case AFFINE -> 2L * code.flatInputs() * code.outputs();
                    case CELL_TANH, CELL_GRU, CELL_LSTM -> 2L * code.inputs() * code.outputs();
                    default -> 0;
                };
                assertThat(code.flops()).as(step.label()).isGreaterThanOrEqualTo(products);
            }
        }
    }
}
