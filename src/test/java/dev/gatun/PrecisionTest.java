package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.family.ModelConfig;
import dev.gatun.family.ModelFile;
import dev.gatun.file.Safetensors;
import dev.gatun.foreign.StepKind;
import dev.gatun.graph.Node;
import dev.gatun.graph.Plan;
import dev.gatun.op.Affine;
import dev.gatun.tensor.Parameters;
import dev.gatun.tensor.Precision;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Models of rounded weights: what the weights are, and that all paths compute with these to the bit. */
class PrecisionTest {
    private static final int COUNT = 7;
    private static final List<Precision> FEWER = List.of(Precision.BF16, Precision.INT8, Precision.INT8_DYNAMIC);

    static Stream<Arguments> cases() throws IOException, URISyntaxException {
        return GoldenCase.all().stream().flatMap(golden -> FEWER.stream().map(few -> Arguments.of(golden, few)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void samplesAreThoseOfFullPasses(GoldenCase golden, Precision precision) throws IOException {
        Set<List<Integer>> all = new LinkedHashSet<>();
        for (Device device : List.of(Device.cpu(2), Device.cpu(1).withIsa("baseline"))) {
            try (Model model = Model.load(golden.model(), device, precision);
                    Safetensors recorded = golden.open()) {
                Condition condition = GoldenCase.condition(recorded).slice(0, 1).repeated(COUNT);
                SampleOptions options = SampleOptions.count(COUNT)
                        .withSeed(5)
                        .withLength(model.config().data().length().orElse(9));
                all.add(bits(model, options.withMethod(SampleOptions.Method.CACHED), condition));
                all.add(bits(model, options.withMethod(SampleOptions.Method.FULL), condition));
                List<Integer> single = new ArrayList<>();
                for (int n = 0; n < COUNT; n++) {
                    SampleOptions one =
                            new SampleOptions(1, 5, n, 1, false, options.length(), SampleOptions.Method.CACHED);
                    single.addAll(bits(model, one, condition.slice(n, n + 1)));
                }
                all.add(single);
            }
        }
        assertThat(all).hasSize(1);
    }

    private static List<Integer> bits(Model model, SampleOptions options, Condition condition) {
        try (Sampler sampler = model.sampler(options, condition)) {
            Examples drawn = sampler.draw();
            List<Integer> bits = new ArrayList<>();
            if (drawn.real()) {
                for (float value : drawn.reals()) {
                    bits.add(Float.floatToRawIntBits(value));
                }
            } else {
                Arrays.stream(drawn.levels()).forEach(bits::add);
            }
            return bits;
        }
    }

    /** A WaveNet as wide as kernels' groups of outputs, drawn in calls of a step and of many. */
    @Test
    void wideOnesToo() {
        for (Precision precision : FEWER) {
            Set<List<Integer>> all = new LinkedHashSet<>();
            for (String isa : List.of("best", "baseline")) {
                try (Model model = Model.create(wavenet(), 3, Device.cpu(2).withIsa(isa), precision)) {
                    SampleOptions options = SampleOptions.count(3).withSeed(1).withLength(40);
                    all.add(bits(model, options.withMethod(SampleOptions.Method.FULL), Condition.none()));
                    all.add(bits(model, options.withMethod(SampleOptions.Method.CACHED), Condition.none()));
                    try (Sampler sampler = model.sampler(options)) {
                        for (int i = 0; i < 11; i++) {
                            sampler.advance(1);
                        }
                        all.add(Arrays.stream(sampler.draw().levels()).boxed().toList());
                    }
                }
            }
            assertThat(all).as("%s", precision).hasSize(1);
        }
    }

    private static ModelConfig wavenet() {
        Map<String, Object> data = Map.of("kind", "audio", "sample_rate", 8000L, "levels", 64L, "companding", "mu-law");
        return ModelConfig.parse(Map.ofEntries(
                Map.entry("format", 1L),
                Map.entry("architecture", "wavenet"),
                Map.entry("data", data),
                Map.entry("input", "one_hot"),
                Map.entry("distribution", Map.of("type", "categorical")),
                Map.entry("residual_channels", 37L),
                Map.entry("dilation_channels", 48L),
                Map.entry("skip_channels", 80L),
                Map.entry("head_channels", 67L),
                Map.entry("kernel_size", 3L),
                Map.entry("dilations", List.of(1L, 2L, 4L, 8L)),
                Map.entry("first_kernel_size", 2L)));
    }

    /** The outputs are those of a model in float32 whose weights somebody else has rounded. */
    @ParameterizedTest
    @MethodSource("cases")
    void weightsAreRoundedAsDefined(GoldenCase golden, Precision precision) throws IOException {
        try (Arena arena = Arena.ofConfined();
                Model model = Model.load(golden.model(), Device.cpu(1), precision);
                Safetensors recorded = golden.open()) {
            ModelFile.Loaded loaded = ModelFile.load(golden.model(), arena);
            for (String name : loaded.parameters().names()) {
                round(loaded.parameters(), name, precision);
                assertThat(model.parameter(name)).as(name).containsExactly(values(loaded.parameters(), name));
            }
            Examples x = GoldenCase.examples(recorded, "x");
            Condition condition = GoldenCase.condition(recorded);
            try (Model plain = Model.of(loaded.config(), loaded.parameters(), Device.cpu(1))) {
                assertThat(plain.precision()).isEqualTo(Precision.F32);
                assertThat(model.precision()).isEqualTo(precision);
                float[] found = model.outputs(x, condition).values();
                float[] expected = plain.outputs(x, condition).values();
                if (model.bound().roundsInputs()) {
                    assertThat(precision).isEqualTo(Precision.INT8_DYNAMIC);
                    assertThat(found).isNotEqualTo(expected);
                    assertThat(model.fingerprint()).isNotEqualTo(plain.fingerprint());
                    double nats = mean(plain.logLikelihood(x, condition));
                    assertThat(mean(model.logLikelihood(x, condition)))
                            .isCloseTo(nats, within(0.01 * Math.abs(nats) + 0.05));
                } else {
                    assertThat(found).containsExactly(expected);
                    assertThat(model.fingerprint()).isEqualTo(plain.fingerprint());
                }
            }
        }
    }

    private static double mean(Likelihood likelihood) {
        return Arrays.stream(likelihood.nats()).average().orElseThrow();
    }

    /** What is computed at each position of a sequence from what was computed before; nothing of images. */
    @Test
    void inputsAreRoundedWhereTheGraphSaysSo() throws IOException, URISyntaxException {
        assertThat(rounding("wavenet-conditions"))
                .contains("layers.0.dilated", "layers.0.skip", "head.0", "head.1")
                .doesNotContain("input", "layers.0.local", "layers.0.global");
        assertThat(rounding("rnn_arm-lstm-stacked")).containsExactly("rnn.ih_l1", "rnn.ih_l2", "output");
        assertThat(rounding("mlp_arm-series")).isNotEmpty().doesNotContain("layers.0");
        for (String name : List.of("pixelcnn-rgb", "row_lstm-rgb", "made-onehot", "nade-one", "linear_ar-3")) {
            assertThat(rounding(name)).as(name).isEmpty();
        }
    }

    private static List<String> rounding(String name) throws IOException, URISyntaxException {
        try (Model model = Model.load(golden(name).model(), Device.cpu(1), Precision.INT8_DYNAMIC)) {
            return model.graph().nodes().stream()
                    .filter(node -> node.operation() instanceof Affine)
                    .filter(node -> model.bound().stepCode(node).getFirst().precision() == Precision.INT8_DYNAMIC)
                    .map(Node::label)
                    .toList();
        }
    }

    /** Window by window, behind first positions that went by in a pass, and position by position: the same outputs. */
    @Test
    void roundedInputsAreTheSameInWindowsPrefixesAndSteps() {
        int length = 40;
        try (Model model = Model.create(wavenet(), 3, Device.cpu(2), Precision.INT8_DYNAMIC)) {
            SampleOptions options = SampleOptions.count(2).withSeed(4).withLength(length);
            Examples drawn;
            try (Sampler sampler = model.sampler(options)) {
                drawn = sampler.draw();
            }
            boolean[] first = new boolean[length];
            Arrays.fill(first, 0, 27, true);
            try (Sampler sampler = model.sampler(options, Condition.none(), Known.of(drawn, first))) {
                assertThat(sampler.draw().levels()).containsExactly(drawn.levels());
            }
            try (Evaluation whole = new Evaluation(model, drawn, Condition.none());
                    LongLikelihood windows = new LongLikelihood(model, drawn, Condition.none(), 17)) {
                assertThat(windows.map().nats()).containsExactly(whole.map().nats());
            }
            float[] outputs = model.outputs(drawn).values();
            float[] step = new float[outputs.length / 2 / length];
            try (Conditionals conditionals = model.conditionals(2, length, Condition.none())) {
                for (int i = 0; i < length; i++) {
                    for (int n = 0; n < 2; n++) {
                        conditionals.outputs(n, step, 0);
                        float[] expected = new float[step.length];
                        for (int k = 0; k < step.length; k++) {
                            expected[k] = outputs[(n * step.length + k) * length + i];
                        }
                        assertThat(step).containsExactly(expected);
                    }
                    conditionals.take(drawn.levels()[i], drawn.levels()[length + i]);
                }
            }
        }
    }

    @Test
    void roundedInputsAreTheProcessorsAlone() {
        assertThatThrownBy(() -> Model.create(wavenet(), 3, Device.cuda(0), Precision.INT8_DYNAMIC))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("precision int8-dynamic on cuda:0: the processor alone does that; use the CPU");
    }

    private static float[] values(Parameters parameters, String name) {
        return parameters.get(name).toArray(ValueLayout.JAVA_FLOAT);
    }

    private static void round(Parameters parameters, String name, Precision precision) {
        int[] shape = parameters.shape(name);
        float[] values = values(parameters, name);
        if (shape.length < 2) {
            return;
        }
        boolean transposed = name.startsWith("grow."); // the only ones with their inputs before their outputs
        int outputs = shape[transposed ? 1 : 0];
        int behind = values.length / shape[0] / (transposed ? shape[1] : 1);
        for (int output = 0; output < outputs; output++) {
            List<Integer> own = new ArrayList<>();
            for (int i = 0; i < values.length; i++) {
                if (i / behind % outputs == output) {
                    own.add(i);
                }
            }
            double scale = precision == Precision.BF16 ? 0 : scale(values, own);
            own.forEach(i -> values[i] = precision == Precision.BF16 ? bf16(values[i]) : int8(values[i], scale));
        }
        MemorySegment.copy(values, 0, parameters.get(name), ValueLayout.JAVA_FLOAT, 0, values.length);
    }

    /** The nearer of the two neighbours of eight bits. */
    private static float bf16(float value) {
        float toZero = Float.intBitsToFloat(Float.floatToRawIntBits(value) & 0xffff0000);
        float away = Float.intBitsToFloat((Float.floatToRawIntBits(value) & 0xffff0000) + 0x10000);
        double near = Math.abs((double) value - toZero);
        double far = Math.abs((double) value - away);
        boolean even = (Float.floatToRawIntBits(toZero) & 0x10000) == 0;
        return near < far || (near == far && even) ? toZero : away;
    }

    private static double scale(float[] values, List<Integer> own) {
        double most = own.stream().mapToDouble(i -> Math.abs(values[i])).max().orElseThrow();
        double best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int percent = 100; percent >= 50; percent -= 5) {
            float whole = (float) most / 127 * (percent / 100f);
            double unit = Math.ulp(whole) * 256;
            double scale = Math.floor(whole / unit) * unit;
            double squares = 0;
            for (int i : own) {
                squares += Math.pow((double) values[i] - int8(values[i], scale), 2);
            }
            if (squares < least) {
                least = squares;
                best = scale;
            }
        }
        return best;
    }

    /** The nearest of all multiples. */
    private static float int8(float value, double scale) {
        int best = 0;
        for (int whole = -127; whole <= 127; whole++) {
            double better = Math.abs(value - best * scale) - Math.abs(value - whole * scale);
            if (better > 0 || (better == 0 && whole % 2 == 0)) {
                best = whole;
            }
        }
        return (float) (best * scale);
    }

    private static GoldenCase golden(String name) throws IOException, URISyntaxException {
        return GoldenCase.all().stream()
                .filter(one -> one.toString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Of sequences all precisions, of images bfloat16 alone. */
    @Test
    void plansKeepWeightsInFewBits() throws IOException, URISyntaxException {
        for (Precision precision : Precision.values()) {
            assertThat(kept("wavenet-conditions", precision))
                    .contains(precision)
                    .containsOnly(precision, precision.weights());
            Precision ofImages = precision == Precision.BF16 ? Precision.BF16 : Precision.F32;
            for (String name : List.of("pixelcnn_pp-rgb", "gated_pixelcnn-class-rgb", "diagonal_bilstm-rgb")) {
                assertThat(kept(name, precision)).as(name).containsOnly(ofImages);
            }
        }
    }

    private static List<Precision> kept(String name, Precision precision) throws IOException, URISyntaxException {
        try (Model model = Model.load(golden(name).model(), Device.cpu(1), precision)) {
            Plan plan = model.plan();
            return plan.steps().stream()
                    .filter(step -> step.code().kind().isPacked() || step.code().kind() == StepKind.AFFINE)
                    .map(plan::precision)
                    .toList();
        }
    }

    @Test
    void whatIsRoundedIsNotTrained(@TempDir Path folder) throws IOException {
        Path saved = folder.resolve("rounded.safetensors");
        try (Model model = Model.create(wavenet(), 3, Device.cpu(1), Precision.INT8)) {
            assertThatThrownBy(() -> new TrainingPass(model, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("training: found weights rounded to int8, expected f32");
            model.save(saved);
            // A second time nothing changes.
            for (Precision precision : List.of(Precision.F32, Precision.INT8)) {
                try (Model again = Model.load(saved, Device.cpu(1), precision)) {
                    assertThat(again.fingerprint()).isEqualTo(model.fingerprint());
                }
            }
        }
    }
}
