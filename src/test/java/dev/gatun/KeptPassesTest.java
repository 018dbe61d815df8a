package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Evaluations find the memory of those before them: what these left there must not show. */
class KeptPassesTest {
    private static final int LEVELS = 5;

    private static Model model(InputEncoding input) {
        return Model.create(
                new ModelConfig(
                        "causal_conv_arm",
                        new DataSpec.Text("abcde"),
                        input,
                        DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                        Map.of("channels", List.of(8L, 8L), "kernel_size", 3L, "dilations", List.of(1L, 2L, 4L))),
                3);
    }

    private static Examples examples(int count, int length) {
        SplittableRandom random = new SplittableRandom(count * 1000L + length);
        return Examples.ofLevels(
                count, length, random.ints((long) count * length, 0, LEVELS).toArray());
    }

    /** Of a model that has evaluated nothing else. */
    private static double[] fresh(InputEncoding input, Examples examples) {
        try (Model model = model(input)) {
            return model.logLikelihood(examples).nats();
        }
    }

    @Test
    void otherLengthsAndBatchesBeforeDoNotShow() {
        int[][] sizes = {{9, 5}, {300, 11}, {1, 11}, {300, 11}, {3, 40}, {2, 11}, {9, 5}, {0, 5}, {601, 5}};
        for (InputEncoding input : List.of(InputEncoding.ONE_HOT, InputEncoding.UNIT)) {
            try (Model model = model(input)) {
                for (int[] size : sizes) {
                    Examples examples = examples(size[0], size[1]);
                    assertThat(model.logLikelihood(examples).nats())
                            .as("%d x %d", size[0], size[1])
                            .containsExactly(fresh(input, examples));
                }
            }
        }
    }

    @Test
    void whatWasScoredBeforeDoesNotShow() {
        Examples examples = examples(6, 14);
        double[] wanted = fresh(InputEncoding.UNIT, examples);
        try (Model model = model(InputEncoding.UNIT)) {
            double[] behind = model.logLikelihood(examples, Condition.none(), Scored.after(9, examples))
                    .nats();
            assertThat(behind[0]).isLessThan(wanted[0]);
            assertThat(model.logLikelihood(examples).nats()).containsExactly(wanted);
        }
    }

    @Test
    void outputsAndMapsAreThoseOfTheirOwnExamples() {
        try (Model model = model(InputEncoding.UNIT);
                Model other = model(InputEncoding.UNIT)) {
            float[] outputs = other.outputs(examples(4, 10)).values();
            model.logLikelihood(examples(20, 10));
            assertThat(model.outputs(examples(4, 10)).values()).containsExactly(outputs);
        }
    }

    @Test
    void aRefusedEvaluationLeavesTheNextOneWhole() {
        Examples examples = examples(6, 14);
        Examples wrong = Examples.ofLevels(1, 14, new int[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, LEVELS});
        try (Model model = model(InputEncoding.UNIT)) {
            model.logLikelihood(examples);
            assertThatThrownBy(() -> model.logLikelihood(wrong)).hasMessageContaining("found level 5 at value 13");
            assertThat(model.logLikelihood(examples).nats()).containsExactly(fresh(InputEncoding.UNIT, examples));
        }
    }

    @Test
    void threadsHaveMemoryOfTheirOwn() throws Exception {
        List<Examples> all = new ArrayList<>();
        List<double[]> wanted = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            all.add(examples(10 + i, 6 + i % 3));
            wanted.add(fresh(InputEncoding.UNIT, all.get(i)));
        }
        try (Model model = model(InputEncoding.UNIT);
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int round = 0; round < 10; round++) {
                List<Future<double[]>> found = all.stream()
                        .map(examples -> threads.submit(
                                () -> model.logLikelihood(examples).nats()))
                        .toList();
                for (int i = 0; i < found.size(); i++) {
                    assertThat(found.get(i).get()).containsExactly(wanted.get(i));
                }
            }
        }
    }
}
