package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Recurrent layers: gradients against differences of the loss, a state that reaches all positions. */
class RecurrentTest {
    private static final int LEVELS = 5;
    private static final int LENGTH = 7;

    private static Model model(String cell, int layers, int hidden, InputEncoding input, DistributionSpec.Type type) {
        DistributionSpec distribution = type == DistributionSpec.Type.DISCRETIZED_LOGISTIC_MIXTURE
                ? DistributionSpec.mixture(2)
                : DistributionSpec.of(type);
        DataSpec data = type == DistributionSpec.Type.GAUSSIAN
                ? new DataSpec.Series()
                : new DataSpec.Sequence(LENGTH, type == DistributionSpec.Type.BERNOULLI ? 2 : LEVELS);
        Map<String, Object> options = Map.of("cell", cell, "layers", (long) layers, "hidden", (long) hidden);
        return Model.create(new ModelConfig("rnn_arm", data, input, distribution, options), 3, Device.cpu(2));
    }

    static Stream<Arguments> models() {
        return Stream.of("tanh", "gru", "lstm")
                .flatMap(cell -> Stream.of(
                        Arguments.of(cell, 1, 6, InputEncoding.ONE_HOT, DistributionSpec.Type.CATEGORICAL),
                        Arguments.of(cell, 3, 17, InputEncoding.SCALED, DistributionSpec.Type.CATEGORICAL),
                        Arguments.of(
                                cell, 2, 5, InputEncoding.UNIT, DistributionSpec.Type.DISCRETIZED_LOGISTIC_MIXTURE),
                        Arguments.of(cell, 2, 4, InputEncoding.ONE_HOT, DistributionSpec.Type.BERNOULLI),
                        Arguments.of(cell, 1, 1, InputEncoding.RAW, DistributionSpec.Type.GAUSSIAN)));
    }

    private static Examples examples(Model model) {
        Random random = new Random(5);
        int count = 3;
        int levels = model.config().data().levels();
        if (levels == 0) {
            float[] reals = new float[count * LENGTH];
            for (int i = 0; i < reals.length; i++) {
                reals[i] = (float) random.nextGaussian();
            }
            return Examples.ofReals(count, LENGTH, reals);
        }
        return Examples.ofLevels(
                count, LENGTH, random.ints((long) count * LENGTH, 0, levels).toArray());
    }

    @ParameterizedTest
    @MethodSource("models")
    void gradientsAreTheLossesSlopes(
            String cell, int layers, int hidden, InputEncoding input, DistributionSpec.Type type) {
        try (Model model = model(cell, layers, hidden, input, type);
                TrainingPass pass = new TrainingPass(model, 2)) {
            Examples x = examples(model);
            int[] all = {0, 1, 2};
            pass.lossAndGradient(x, all);
            Random random = new Random(11);
            for (String name : model.parameterNames()) {
                float[] gradient = pass.gradient(name);
                MemorySegment values = pass.parameters().get(name);
                for (int tries = 0; tries < 8; tries++) {
                    int i = random.nextInt(gradient.length);
                    double slope = (lossAt(pass, x, values, i, 0.01f) - lossAt(pass, x, values, i, -0.01f)) / 0.02;
                    assertThat((double) gradient[i])
                            .as("%s[%d]", name, i)
                            .isCloseTo(slope, within(1e-3 * (1 + Math.abs(slope))));
                }
            }
        }
    }

    private static double lossAt(TrainingPass pass, Examples x, MemorySegment values, int i, float step) {
        float before = values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        values.setAtIndex(ValueLayout.JAVA_FLOAT, i, before + step);
        double loss = pass.loss(x);
        values.setAtIndex(ValueLayout.JAVA_FLOAT, i, before);
        return loss;
    }

    @Test
    void aBatchAfterALongerOneIsThatOfAFreshPass() {
        try (Model model = model("lstm", 2, 9, InputEncoding.ONE_HOT, DistributionSpec.Type.CATEGORICAL);
                TrainingPass pass = new TrainingPass(model, 3);
                TrainingPass fresh = new TrainingPass(model, 3)) {
            Examples x = examples(model);
            pass.lossAndGradient(x, new int[] {0, 1, 2});
            double again = pass.lossAndGradient(x, new int[] {2});
            assertThat(again).isEqualTo(fresh.lossAndGradient(x, new int[] {2}));
            for (String name : model.parameterNames()) {
                assertThat(pass.gradient(name)).containsExactly(fresh.gradient(name));
            }
        }
    }

    @Test
    void theFieldIsUnbounded() {
        for (String cell : List.of("tanh", "gru", "lstm")) {
            try (Model model = model(cell, 1, 2, InputEncoding.RAW, DistributionSpec.Type.CATEGORICAL)) {
                assertThat(model.graph().receptiveField().unbounded()).isTrue();
            }
        }
    }
}
