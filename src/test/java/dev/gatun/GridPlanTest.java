package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.foreign.NativeGridProgram;
import dev.gatun.foreign.StepKind;
import dev.gatun.graph.GridPlan;
import dev.gatun.graph.Node;
import dev.gatun.graph.StepPlan;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The step programs of images: each value once, rows at a time where that is possible, and no more rows kept than are read. */
class GridPlanTest {
    static List<GoldenCase> cases() throws IOException, URISyntaxException {
        List<GoldenCase> found = new ArrayList<>();
        for (GoldenCase golden : GoldenCase.all()) {
            try (Model model = Model.load(golden.model())) {
                if (model.plan() instanceof GridPlan) {
                    found.add(golden);
                }
            }
        }
        assertThat(found).isNotEmpty();
        return found;
    }

    /** Not only all of them together: every node costs what it costs in a forward pass. */
    @ParameterizedTest
    @MethodSource("cases")
    void everyNodeIsComputedOnce(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model())) {
            int length = model.config().data().length().orElseThrow();
            GridPlan plan = (GridPlan) model.plan();
            Map<String, Long> found = plan.flopsByNode();
            Map<String, Long> expected = new HashMap<>();
            for (Node node : model.graph().nodes()) {
                long flops = node.operation().flops(model.graph().positions(node, length));
                expected.merge(node.label(), flops, Long::sum);
            }
            expected.values().removeIf(flops -> flops == 0);
            found.values().removeIf(flops -> flops == 0);
            assertThat(found).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void tapsOnRowsAboveAreNotReadAtThePixel(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model())) {
            for (StepPlan.Step step : model.plan().steps()) {
                boolean product =
                        step.code().kind() == StepKind.AFFINE || step.code().kind() == StepKind.LOOKUP;
                if (product && step.when().startsWith("for each pixel")) {
                    assertThat(step.code().taps()).as(step.label()).allMatch(tap -> tap.row() == 0);
                }
            }
        }
    }

    @Test
    void rowsAreKeptAsFarAsTheyAreRead() throws IOException, URISyntaxException {
        GoldenCase binary = cases().stream()
                .filter(golden -> golden.toString().equals("pixelcnn-binary"))
                .findFirst()
                .orElseThrow();
        try (Model model = Model.load(binary.model())) {
            GridPlan plan = (GridPlan) model.plan();
            Map<String, NativeGridProgram.Slot> slots = new HashMap<>();
            IntStream.range(0, plan.slots().size())
                    .forEach(i -> slots.put(plan.slotLabel(i), plan.slots().get(i)));
            int first = model.config().integer("first_kernel_size") / 2;
            int other = model.config().integer("kernel_size") / 2;
            assertThat(slots.get("data").rows()).isEqualTo(first + 1);
            assertThat(slots.get("blocks.0.relu.1").rows()).isEqualTo(other + 1);
            assertThat(slots.get("input#chains").rows()).isEqualTo(1);
            // What its pixel alone reads is not even kept for a row.
            assertThat(slots.get("blocks.0.relu.0").scale()).isEqualTo(Node.ALL_POSITIONS);
        }
    }
}
