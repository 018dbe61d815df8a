package dev.gatun;

import dev.gatun.family.DataSpec;
import dev.gatun.file.Safetensors;
import dev.gatun.graph.StepPlan;
import dev.gatun.graph.UnitsPlan;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Random;

/** A recorded model of a sequence, and streams of it. */
record StreamCase(GoldenCase golden) {
    static List<StreamCase> all() throws IOException, URISyntaxException {
        return GoldenCase.all().stream()
                .map(StreamCase::new)
                .filter(StreamCase::isSequence)
                .toList();
    }

    static StreamCase of(String name) throws IOException, URISyntaxException {
        return all().stream()
                .filter(one -> one.toString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private boolean isSequence() {
        try (Model model = open(Device.cpu(1))) {
            return StepPlan.fits(model.graph()) && !UnitsPlan.fits(model.graph());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    Model open(Device device) throws IOException {
        return Model.load(golden.model(), device);
    }

    /** A length that a stream may have: the data's own, which for images is all there is, or some. */
    static int length(Model model, int most) {
        DataSpec data = model.config().data();
        int own = data.length().orElse(most);
        return data instanceof DataSpec.Image ? own : Math.min(own, most);
    }

    /** Some recorded row. */
    Condition condition(int row) throws IOException {
        try (Safetensors recorded = golden.open()) {
            Condition all = GoldenCase.condition(recorded);
            return all.rows() == 0 ? all : all.slice(row % all.rows(), row % all.rows() + 1);
        }
    }

    /** A stream's values as bits, drawn alone by a sampler. */
    static int[] alone(Model model, StreamStart start, int length) {
        int whole = model.config().data().length().orElse(length);
        SampleOptions options = SampleOptions.count(1)
                .withSeed(start.seed())
                .withFirstSample(start.sample())
                .withLength(whole);
        try (Sampler sampler = model.sampler(options, start.condition())) {
            sampler.advance(length);
            int[] bits = new int[length];
            boolean real = model.config().data().levels() == 0;
            for (int i = 0; i < length; i++) {
                bits[i] = real ? Float.floatToRawIntBits(sampler.real(0, i)) : sampler.level(0, i);
            }
            return bits;
        }
    }

    /** Examples of one row of values. */
    static Examples example(Model model, int[] bits, int count) {
        if (model.config().data().levels() > 0) {
            return Examples.ofLevels(1, count, java.util.Arrays.copyOf(bits, count));
        }
        float[] reals = new float[count];
        for (int i = 0; i < count; i++) {
            reals[i] = Float.intBitsToFloat(bits[i]);
        }
        return Examples.ofReals(1, count, reals);
    }

    static int bits(StreamChunk chunk, int i) {
        return chunk.real() ? Float.floatToRawIntBits(chunk.real(i)) : chunk.level(i);
    }

    /** Values of any kind that a model's data can have. */
    static int[] someBits(Model model, int length, Random random) {
        int levels = model.config().data().levels();
        int[] bits = new int[length];
        for (int i = 0; i < length; i++) {
            bits[i] = levels == 0 ? Float.floatToRawIntBits(random.nextFloat() - 0.5f) : random.nextInt(levels);
        }
        return bits;
    }

    @Override
    public String toString() {
        return golden.toString();
    }
}
