package dev.gatun.cli;

import dev.gatun.Condition;
import dev.gatun.Examples;
import dev.gatun.Known;
import dev.gatun.Model;
import dev.gatun.SampleOptions;
import dev.gatun.file.Json;
import dev.gatun.train.ExampleSet;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Draws what is hidden of examples. */
@Command(
        name = "complete",
        sortOptions = false,
        description = "Completes examples: keeps the values that are given and draws the others.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  gatun complete digits --data digits --given top:4 --out completed.png",
            "  gatun complete my.safetensors --data mnist --given top:14 --images 10 --count 6 --seed 1 --out grid.png",
            "  gatun complete my.safetensors --data mnist --given left:14 --first 100 --out grid.png --json",
            "  gatun complete my.safetensors --data faces.npy --given mask.npy --count 8 --out completed.npy",
            "",
            "A row of the picture is an example: the original, what is given of it, and its completions.",
            "A value is drawn given all before it, in the model's order: with top:ROWS, that is a draw of the rest given",
            "what is known; with left:COLUMNS or a mask, what is known farther down has no say in what is drawn above.",
        })
final class CompleteCommand implements Callable<Integer> {
    private static final double NANOS = 1e9;

    private final Console console;

    @Parameters(
            paramLabel = "MODEL",
            description = "A model file, or the name of a bundled model (digits, mnist," + " mnist-classes).")
    private String name = "";

    @Mixin
    private final DataOptions data = new DataOptions();

    @Option(
            names = "--given",
            paramLabel = "WHAT",
            required = true,
            description =
                    "What is known: top:ROWS, left:COLUMNS, first:VALUES of a sequence, or a .npy file, [H, W] or the"
                            + " shape of an example, 1 where a value is known and 0 elsewhere.")
    private String given = "";

    @Option(
            names = "--first",
            paramLabel = "N",
            defaultValue = "0",
            description = "The first example that is completed, from 0 (${DEFAULT-VALUE}).")
    private int first;

    @Option(
            names = "--images",
            paramLabel = "N",
            defaultValue = "8",
            description = "How many examples, as far as there are (${DEFAULT-VALUE}).")
    private int images;

    @Option(
            names = "--count",
            paramLabel = "K",
            defaultValue = "4",
            description = "Completions of each (${DEFAULT-VALUE}).")
    private int count;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "0",
            converter = SeedConverter.class,
            description = "Seed of the noise, 64 bits, decimal or 0x (${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "1",
            description = "Below 1: more likely completions; above: more varied ones (${DEFAULT-VALUE}).")
    private float temperature;

    @Option(
            names = "--method",
            paramLabel = "M",
            defaultValue = "cached",
            converter = MethodConverter.class,
            description = MethodConverter.METHODS)
    private SampleOptions.Method method = SampleOptions.Method.CACHED;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            required = true,
            description = "Where to: .png (images), or .npy, [examples, K] and the shape of an example.")
    private String out = "";

    @Option(
            names = "--json",
            description = "Print one JSON object: examples, completions of each, given and drawn values of an example,"
                    + " seed, seconds.")
    private boolean json;

    @Mixin
    private final ScaleOptions scale = new ScaleOptions();

    @Mixin
    private final ConditionOptions conditions = new ConditionOptions();

    @Mixin
    private final PrecisionOptions precision = new PrecisionOptions();

    @Mixin
    private final CommonOptions common = new CommonOptions();

    CompleteCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        ScaleOptions.atLeast("--first", first, 0);
        ScaleOptions.atLeast("--images", images, 1);
        ScaleOptions.atLeast("--count", count, 1);
        if (!(temperature > 0) || Float.isInfinite(temperature)) {
            throw new UsageException("--temperature: found " + temperature + ", expected a number above 0");
        }
        try (Model model = Models.open(name, common.device(console), precision)) {
            DataOptions.Chosen chosen = data.choose(console);
            ExampleSet set =
                    some(TrainingData.Reader.of(model.config(), conditions, 0).read(chosen.set(), chosen.split()));
            boolean[] known = GivenValues.parse(given, model.config().data(), set.length());
            SampleFile file = CompletionFile.of(out, model.config().data(), set.examples(), known, count, scale);
            long begin = System.nanoTime();
            file.write(samples(model, set, known));
            report(set.count(), known, (System.nanoTime() - begin) / NANOS);
        }
        return 0;
    }

    /** The examples that are asked for, with their conditions. */
    private ExampleSet some(ExampleSet all) {
        if (first >= all.count()) {
            throw new UsageException(
                    "--first: found " + first + ", expected 0.." + (all.count() - 1) + ", an example of the data");
        }
        return all.range(first, (int) Math.min((long) first + images, all.count()));
    }

    /** All completions, those of an example after those of the one before it. */
    private Samples samples(Model model, ExampleSet set, boolean[] known) {
        int all = Math.multiplyExact(set.count(), count);
        int[] rows = IntStream.range(0, all).map(i -> i / count).toArray();
        Condition condition =
                set.condition().rows() == 0 ? set.condition() : set.condition().chosen(rows);
        SampleOptions options = new SampleOptions(all, seed, 0, temperature, false, set.length(), method);
        return new Samples(model, options, condition, Known.of(repeated(set.examples()), known), console);
    }

    private Examples repeated(Examples examples) {
        int length = examples.length();
        int all = Math.multiplyExact(examples.count(), count);
        if (!examples.real()) {
            int[] levels = new int[Math.multiplyExact(all, length)];
            for (int i = 0; i < all; i++) {
                examples.copyLevels(i / count, levels, i * length);
            }
            return Examples.ofLevels(all, length, levels);
        }
        float[] reals = new float[Math.multiplyExact(all, length)];
        for (int i = 0; i < all; i++) {
            System.arraycopy(examples.reals(), i / count * length, reals, i * length, length);
        }
        return Examples.ofReals(all, length, reals);
    }

    private void report(int examples, boolean[] known, double seconds) {
        int kept = (int) IntStream.range(0, known.length).filter(i -> known[i]).count();
        if (json) {
            Map<String, @Nullable Object> values = new LinkedHashMap<>();
            values.put("examples", examples);
            values.put("completions", count);
            values.put("given", kept);
            values.put("drawn", known.length - kept);
            values.put("seed", Long.toUnsignedString(seed));
            values.put("seconds", seconds);
            console.out().println(Json.write(values));
        }
    }
}
