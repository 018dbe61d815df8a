package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.family.DataSpec;
import dev.gatun.family.OrderedFamily;
import dev.gatun.file.Safetensors;
import dev.gatun.graph.ChainOrder;
import dev.gatun.op.Tap;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One model gives the same bits on every path: methods, batches, threads, levels. */
class SameBitsTest {
    private static final int COUNT = 64;

    static List<GoldenCase> cases() throws IOException, URISyntaxException {
        return GoldenCase.all();
    }

    /** Every level that this machine has, on one thread and on two. */
    private static List<Device> devices() {
        List<Device> devices = new ArrayList<>();
        for (String isa : List.of("avx512", "avx2", "neon", "baseline")) {
            for (int threads = 1; threads <= 2; threads++) {
                Device device = Device.cpu(threads).withIsa(isa);
                if (isThere(device)) {
                    devices.add(device);
                }
            }
        }
        // The baseline is everywhere.
        assertThat(devices).hasSizeGreaterThanOrEqualTo(2);
        return devices;
    }

    private static boolean isThere(Device device) {
        try {
            return device.isaInUse().equals(device.isa());
        } catch (dev.gatun.foreign.NativeException e) {
            assertThat(e).hasMessageContaining("not supported on this machine");
            return false;
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void samples(GoldenCase golden) throws IOException {
        int[] first = null;
        for (Device device : devices()) {
            try (Model model = Model.load(golden.model(), device);
                    Safetensors recorded = golden.open()) {
                Condition condition = repeated(GoldenCase.condition(recorded), COUNT);
                int length = model.config().data().length().orElse(9);
                SampleOptions options = SampleOptions.count(COUNT)
                        .withSeed(-7)
                        .withLength(length)
                        .withMethod(SampleOptions.Method.CACHED);
                int[] together = bits(model, options, condition);
                int[] full = bits(model, options.withMethod(SampleOptions.Method.FULL), condition);
                assertThat(full).containsExactly(together);
                assertThat(oneByOne(model, options, condition)).containsExactly(together);
                first = first == null ? together : first;
                assertThat(together).as("%s", device).containsExactly(first);
            }
        }
    }

    /** The first example's condition for every sample. */
    private static Condition repeated(Condition one, int count) {
        Condition first = one.slice(0, 1);
        return first.repeated(count);
    }

    private static int[] oneByOne(Model model, SampleOptions options, Condition condition) {
        int[] all = new int[0];
        for (int n = 0; n < options.count(); n++) {
            SampleOptions numbered =
                    new SampleOptions(1, options.seed(), n, 1, false, options.length(), options.method());
            int[] one = bits(model, numbered, condition.slice(n, n + 1));
            all = Arrays.copyOf(all, all.length + one.length);
            System.arraycopy(one, 0, all, all.length - one.length, one.length);
        }
        return all;
    }

    private static int[] bits(Model model, SampleOptions options, Condition condition) {
        try (Sampler sampler = model.sampler(options, condition)) {
            sampler.advance(1);
            return bits(sampler.draw());
        }
    }

    private static int[] bits(Examples examples) {
        if (!examples.real()) {
            return examples.levels();
        }
        float[] reals = examples.reals();
        int[] bits = new int[reals.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(reals[i]);
        }
        return bits;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void likelihoodsAndOutputs(GoldenCase golden) throws IOException {
        double[] nats = null;
        float[] outputs = null;
        for (Device device : devices()) {
            try (Model model = Model.load(golden.model(), device);
                    Safetensors recorded = golden.open()) {
                Examples x = GoldenCase.examples(recorded, "x");
                Condition condition = GoldenCase.condition(recorded);
                double[] together = model.logLikelihood(x, condition).nats();
                for (int n = 0; n < x.count(); n++) {
                    double[] alone = model.logLikelihood(x.range(n, n + 1), condition.slice(n, n + 1))
                            .nats();
                    assertThat(alone).containsExactly(together[n]);
                }
                nats = nats == null ? together : nats;
                assertThat(together).as("%s", device).containsExactly(nats);
                float[] values = model.outputs(x, condition).values();
                outputs = outputs == null ? values : outputs;
                assertThat(values).as("%s", device).containsExactly(outputs);
            }
        }
    }

    /** Gradients need not have the same bits on every level, but on any number of threads. */
    @ParameterizedTest
    @MethodSource("cases")
    void gradients(GoldenCase golden) throws IOException {
        float[][] first = null;
        for (int threads = 1; threads <= 3; threads++) {
            try (Model model = Model.load(golden.model(), Device.cpu(threads));
                    Safetensors recorded = golden.open();
                    TrainingPass pass = new TrainingPass(model, 8)) {
                Examples x = GoldenCase.examples(recorded, "x");
                pass.lossAndGradient(
                        x,
                        GoldenCase.condition(recorded),
                        java.util.stream.IntStream.range(0, x.count()).toArray());
                float[][] found =
                        model.parameterNames().stream().map(pass::gradient).toArray(float[][]::new);
                first = first == null ? found : first;
                assertThat(found).isDeepEqualTo(first);
            }
        }
    }

    /** The universal test: change a value, and every output up to its position keeps its bits. */
    @ParameterizedTest
    @MethodSource("cases")
    void outputsSeeEarlierPositionsOnly(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model());
                Safetensors recorded = golden.open()) {
            Examples x = GoldenCase.examples(recorded, "x").range(0, 1);
            Condition condition = GoldenCase.condition(recorded).slice(0, 1);
            float[] before = model.outputs(x, condition).values();
            boolean[] seen = new boolean[x.length()];
            for (int position = 0; position < x.length(); position++) {
                float[] after =
                        model.outputs(changed(model, x, position), condition).values();
                for (int i = 0; i < after.length; i++) {
                    int mask = i / (after.length / model.masks());
                    ChainOrder order = model.bounds().get(mask).graph().order();
                    if (order.place(lastPosition(model, i, after.length)) <= order.place(position)) {
                        assertThat(Float.floatToRawIntBits(after[i])).isEqualTo(Float.floatToRawIntBits(before[i]));
                    } else if (after[i] != before[i]) {
                        seen[position] = true;
                    }
                }
            }
            if (model.config().family() instanceof OrderedFamily ordered && ordered.masked()) {
                return; // what its degrees let nobody see is not seen
            }
            int reach = model.graph().receptiveField().length();
            for (int place = 0; place < certain(model, x.length()); place++) {
                int position = model.graph().order().position(place);
                boolean visible = isSeenByAny(model, place, x.length());
                assertThat(seen[position])
                        .as("position %d of reach %d", position, reach)
                        .isEqualTo(visible);
            }
        }
    }

    /** The position of the data that an output is of; the last one, of outputs of a whole pixel. */
    private static int lastPosition(Model model, int output, int outputs) {
        if (!(model.config().data() instanceof DataSpec.Image image)
                || !model.config().family().imageOnly()) {
            return output
                    % model.config()
                            .data()
                            .length()
                            .orElse(outputs / model.config().outputs());
        }
        int pixels = image.height() * image.width();
        int ofPixel = outputs / pixels;
        int channel = model.config().rgbPixels() ? 2 : output / pixels / (ofPixel / image.channels());
        return output % pixels * image.channels() + channel;
    }

    /** Of an LSTM's last pixel the channels are seen by few outputs, whose relu may hide them. */
    private static int certain(Model model, int length) {
        boolean recurrent = model.graph().receptiveField().unbounded();
        return recurrent && model.config().data() instanceof DataSpec.Image image
                ? length - image.channels()
                : length - 1;
    }

    private static boolean isSeenByAny(Model model, int position, int length) {
        if (model.graph().receptiveField().unbounded()) {
            return position + 1 < length;
        }
        if (model.config().data() instanceof DataSpec.Image image
                && model.config().family().imageOnly()) {
            return isSeenByAnyPixel(model, image, position);
        }
        return model.graph().receptiveField().positions().stream().anyMatch(tap -> position - tap.column() < length);
    }

    private static boolean isSeenByAnyPixel(Model model, DataSpec.Image image, int position) {
        int row = position / image.channels() / image.width();
        int column = position / image.channels() % image.width();
        boolean last = position % image.channels() == image.channels() - 1;
        for (Tap tap : model.graph().receptiveField().positions()) {
            int i = row - tap.row();
            int j = column - tap.column();
            if (i < image.height() && j >= 0 && j < image.width() && !(last && tap.equals(Tap.HERE))) {
                return true;
            }
        }
        return false;
    }

    /** Images lie channel by channel in an example, their positions pixel by pixel. */
    private static Examples changed(Model model, Examples x, int position) {
        if (x.real()) {
            float[] values = x.reals().clone();
            values[position] += 1;
            return Examples.ofReals(1, x.length(), values);
        }
        int[] positions = new int[x.length()];
        model.config().data().toPositions(x.levels(), 0, positions, 0, x.length());
        positions[position] = (positions[position] + 1) % model.config().data().levels();
        int[] layout = new int[x.length()];
        model.config().data().toLayout(positions, 0, layout, 0, x.length());
        return Examples.ofLevels(1, x.length(), layout);
    }
}
