package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.Families;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import dev.gatun.foreign.NativeGridProgram;
import dev.gatun.graph.Graph;
import dev.gatun.graph.GridPlan;
import dev.gatun.graph.Node;
import dev.gatun.graph.StepPlan;
import dev.gatun.op.Dropout;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** PixelCNN++ over three scales: cached samples of maps that have odd sides, one position, one channel or three. */
class PixelCnnPpTest {
    /** Configurations whose coarse maps are 1 x 1 to 5 positions a side. */
    static Stream<ModelConfig> configs() {
        return Stream.of(
                config(new DataSpec.Image(4, 4, 1, 4), InputEncoding.SCALED, 1, 0),
                config(new DataSpec.Image(12, 4, 1, 3), InputEncoding.ONE_HOT, 2, 0),
                config(new DataSpec.Image(4, 20, 3, 8), InputEncoding.SCALED, 1, 3),
                config(new DataSpec.Image(12, 8, 3, 3), InputEncoding.ONE_HOT, 1, 2));
    }

    private static ModelConfig config(DataSpec.Image image, InputEncoding encoding, long blocks, int classes) {
        Map<String, Object> options = new LinkedHashMap<>(Map.of("features", 5L, "resnet_blocks", blocks));
        if (classes > 0) {
            options.put("condition", Map.of("type", "class", "classes", (long) classes));
        }
        return new ModelConfig("pixelcnn_pp", image, encoding, DistributionSpec.mixture(2), options);
    }

    @ParameterizedTest
    @MethodSource("configs")
    void cachedSamplesAreThoseOfFullPasses(ModelConfig config) {
        int[] first = null;
        for (Device device : List.of(Device.cpu(1), Device.cpu(2), Device.cpu(2).withIsa("baseline"))) {
            try (Model model = Model.create(config, 3, device)) {
                SampleOptions options = SampleOptions.count(5).withSeed(11);
                int[] cached = drawn(model, options.withMethod(SampleOptions.Method.CACHED), 0);
                assertThat(drawn(model, options.withMethod(SampleOptions.Method.FULL), 0))
                        .containsExactly(cached);
                int each = cached.length / options.count();
                for (int n = 0; n < options.count(); n++) {
                    SampleOptions one =
                            new SampleOptions(1, 11, n, 1, false, options.length(), SampleOptions.Method.CACHED);
                    assertThat(drawn(model, one, n))
                            .containsExactly(java.util.Arrays.copyOfRange(cached, n * each, (n + 1) * each));
                }
                first = first == null ? cached : first;
                assertThat(cached).as("%s", device).containsExactly(first);
            }
        }
    }

    private static int[] drawn(Model model, SampleOptions options, int first) {
        Condition condition = Condition.none();
        if (model.config().object("condition") != null) {
            int classes = model.config().integer("condition.classes");
            condition = Condition.ofClasses(IntStream.range(first, first + options.count())
                    .map(n -> n % classes)
                    .toArray());
        }
        try (Sampler sampler = model.sampler(options, condition)) {
            return sampler.draw().levels();
        }
    }

    @Test
    void coarseMapsAreComputedOncePerPlace() {
        try (Model model = Model.create(config(new DataSpec.Image(8, 12, 3, 8), InputEncoding.SCALED, 1, 0), 1)) {
            GridPlan plan = (GridPlan) model.plan();
            for (StepPlan.Step step : plan.steps()) {
                if (step.label().startsWith("up.1.") || step.label().startsWith("down.1.")) {
                    assertThat(step.every()).as(step.label()).isEqualTo(2);
                }
                if (step.label().startsWith("up.2.") || step.label().startsWith("down.0.")) {
                    assertThat(step.every()).as(step.label()).isEqualTo(4);
                }
            }
        }
    }

    /** A row of a coarse map serves two of the finer one; the next is made of the one above and itself. */
    @Test
    void rowsAreKeptAsFarAsTheyAreRead() {
        try (Model model = Model.create(config(new DataSpec.Image(8, 12, 3, 8), InputEncoding.SCALED, 1, 0), 1)) {
            GridPlan plan = (GridPlan) model.plan();
            Map<String, NativeGridProgram.Slot> slots = new HashMap<>();
            IntStream.range(0, plan.slots().size())
                    .forEach(i -> slots.put(plan.slotLabel(i), plan.slots().get(i)));
            assertThat(slots.get("down.0.0.horizontal").rows()).isEqualTo(1);
            assertThat(slots.get("down.0.0.horizontal").columns()).isEqualTo(3);
            assertThat(slots.get("up.1.0.horizontal.elu.0").rows()).isEqualTo(2);
            assertThat(slots.get("up.1.0.horizontal.elu.0").columns()).isEqualTo(6);
            assertThat(slots.get("up.2.0.horizontal.gate").scale()).isEqualTo(Node.ALL_POSITIONS);
        }
    }

    /** Where the paper has it: before the second convolution of each block of each stream. */
    @Test
    void dropoutIsInBlocksAlone() {
        ModelConfig config = config(new DataSpec.Image(8, 8, 1, 4), InputEncoding.SCALED, 2, 0);
        Graph graph = Families.graphs(config, Map.of(), 0.5).getFirst();
        List<Node> drops = graph.nodes().stream()
                .filter(node -> node.operation() instanceof Dropout)
                .toList();
        int blocks = 3 * 2 + 2 + 3 + 3;
        assertThat(drops).hasSize(2 * blocks);
        assertThat(drops)
                .extracting(node -> ((Dropout) node.operation()).number())
                .doesNotHaveDuplicates();
        for (Node drop : drops) {
            assertThat(graph.nodes().stream().filter(node -> node.inputs().contains(drop)))
                    .singleElement()
                    .matches(reader -> reader.label().endsWith(".conv_out"));
        }
    }

    @Test
    void dropoutIsForStepsAlone() {
        ModelConfig config = config(new DataSpec.Image(8, 8, 1, 4), InputEncoding.SCALED, 1, 0);
        int[] levels = IntStream.range(0, 2 * 64).map(i -> i * i % 4).toArray();
        Examples x = Examples.ofLevels(2, 64, levels);
        int[] all = {0, 1};
        TrainingDraws draws = new TrainingDraws(MaskTraining.AVERAGE, 0.5, 1);
        try (Model model = Model.create(config, 3);
                TrainingPass plain = new TrainingPass(model, 2);
                TrainingPass pass = new TrainingPass(model, 2, draws)) {
            double first = pass.lossAndGradient(x, Condition.none(), all, null, 0);
            assertThat(pass.loss(x)).isEqualTo(plain.loss(x));
            assertThat(pass.lossAndGradient(x, Condition.none(), all, null, 1)).isNotEqualTo(first);
            assertThat(pass.lossAndGradient(x, Condition.none(), all, null, 0)).isEqualTo(first);
        }
    }

    @Test
    void valuesThatAreComputedAgainGiveTheSameGradientInLessMemory() {
        ModelConfig config = config(new DataSpec.Image(8, 12, 1, 4), InputEncoding.SCALED, 3, 2);
        int[] levels = IntStream.range(0, 3 * 96).map(i -> i * i % 4).toArray();
        Examples x = Examples.ofLevels(3, 96, levels);
        Condition condition = Condition.ofClasses(0, 1, 1);
        TrainingDraws draws = new TrainingDraws(MaskTraining.AVERAGE, 0.5, 1);
        try (Model model = Model.create(config, 3);
                TrainingPass kept = new TrainingPass(model, 2, draws);
                TrainingPass again = new TrainingPass(model, 2, draws, true)) {
            for (int step = 0; step < 2; step++) {
                int[] chosen = {2, 0, 1};
                double loss = kept.lossAndGradient(x, condition, chosen, null, step);
                assertThat(again.lossAndGradient(x, condition, chosen, null, step))
                        .isEqualTo(loss);
                assertThat(again.gradient().toArray(ValueLayout.JAVA_FLOAT))
                        .containsExactly(kept.gradient().toArray(ValueLayout.JAVA_FLOAT));
                assertThat(again.loss(x, condition)).isEqualTo(kept.loss(x, condition));
            }
            assertThat(again.mapBytes(96)).isLessThan(kept.mapBytes(96) * 6 / 10);
        }
    }

    @Test
    void otherFamiliesHaveNothingToComputeAgain() {
        ModelConfig config = new ModelConfig(
                "markov",
                new DataSpec.Text("ab"),
                InputEncoding.RAW,
                DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                Map.of());
        try (Model model = Model.create(config, 3)) {
            assertThatThrownBy(() -> new TrainingPass(model, 2, TrainingDraws.NONE, true))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("recompute: found family 'markov', expected one with parts");
        }
    }
}
