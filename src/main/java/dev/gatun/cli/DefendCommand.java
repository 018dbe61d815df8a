package dev.gatun.cli;

import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.file.Json;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import dev.gatun.score.Purification;
import dev.gatun.train.ExampleSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Purifies examples. */
@Command(
        name = "defend",
        sortOptions = false,
        description = {
            "Purifies examples (PixelDefend, Song et al. 2018): moves each value, in the model's order, to the likeliest level",
            "within a distance of what it was, given the purified values before it. Costs what cached sampling costs."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  gatun defend pixelcnn.safetensors --data attacked.npy --epsilon 16 --out purified.npy",
            "  gatun defend digits --data noisy.npy --epsilon 2 --out purified.png",
            "  gatun score pixelcnn.safetensors --data purified.npy --reference mnist",
            "",
            "For images, audio and sequences of levels; reals have none, and the characters of texts no order.",
        })
final class DefendCommand implements Callable<Integer> {
    private static final double NANOS = 1e9;

    private final Console console;

    @Parameters(
            paramLabel = "MODEL",
            description = "A model file, or the name of a bundled model (digits, mnist, mnist-classes).")
    private String name = "";

    @Mixin
    private final DataOptions data = new DataOptions();

    @Option(
            names = "--epsilon",
            paramLabel = "E",
            required = true,
            description = "How far a value may be moved, in levels; the paper has 16 of 256 levels.")
    private int epsilon;

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N examples, or as many as there are.")
    private @Nullable Integer limit;

    @Option(
            names = "--length",
            paramLabel = "L",
            description = "Cut examples of audio into pieces of this length; what is left over is dropped.")
    private int length;

    @Option(
            names = "--out",
            paramLabel = "Y",
            required = true,
            description = "Where to: .npy, int32, the shape of the data; .png, pictures side by side.")
    private String out = "";

    @Option(
            names = "--json",
            description = "Print one JSON object: examples, dimensions, epsilon, changed (the share of values),"
                    + " nats_before, nats, seconds (of the purification).")
    private boolean json;

    @Mixin
    private final PictureOptions pictures = new PictureOptions();

    @Mixin
    private final ConditionOptions conditions = new ConditionOptions();

    @Mixin
    private final PrecisionOptions precision = new PrecisionOptions();

    @Mixin
    private final CommonOptions common = new CommonOptions();

    DefendCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        ScaleOptions.atLeast("--epsilon", epsilon, 0);
        if (limit != null) {
            ScaleOptions.atLeast("--limit", limit, 1);
        }
        String ending = out.substring(Math.max(0, out.lastIndexOf('.'))).toLowerCase(Locale.ROOT);
        if (!ending.equals(".npy") && !ending.equals(".png")) {
            throw new UsageException("--out: found '" + out + "', expected a file that ends in .npy or .png");
        }
        Path file = SampleFiles.outFile(out);
        if (ending.equals(".npy")) {
            pictures.refuse(out);
        }
        try (Model model = Models.open(name, common.device(console), precision)) {
            Purification purification = new Purification(model, epsilon);
            ExampleSet set = read(model);
            Picture picture = ending.equals(".npy")
                    ? null
                    : Picture.of(file, model.config().data(), set.count(), 0, set.length(), pictures);
            long begin = System.nanoTime();
            ExampleSet purified = purify(purification, set);
            double seconds = (System.nanoTime() - begin) / NANOS;
            if (picture == null) {
                Npy.write(
                        file,
                        NpyArray.ofInts(
                                DecompressCommand.shape(model.config().data(), purified.examples()),
                                purified.examples().levels()));
            } else {
                picture.write(purified.examples());
            }
            report(model, set, purified, seconds);
        }
        return 0;
    }

    private ExampleSet read(Model model) throws IOException {
        return TrainingData.Reader.of(model.config(), conditions, length).read(data.choose(console), limit, "--data");
    }

    private ExampleSet purify(Purification purification, ExampleSet set) {
        try (Watch watch = new Watch(console, "examples", (long) set.count() * set.length(), set.length())) {
            Examples purified = purification.of(set.examples(), set.condition(), watch::done);
            return new ExampleSet(purified, set.condition());
        }
    }

    private void report(Model model, ExampleSet before, ExampleSet after, double seconds) {
        double first =
                model.logLikelihood(before.examples(), before.condition()).meanNats();
        double second = model.logLikelihood(after.examples(), after.condition()).meanNats();
        double changed = changed(before.examples(), after.examples());
        if (json) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("examples", after.count());
            values.put("dimensions", after.length());
            values.put("epsilon", epsilon);
            values.put("changed", changed);
            values.put("nats_before", first);
            values.put("nats", second);
            values.put("seconds", seconds);
            console.out().println(Json.write(values));
            return;
        }
        console.out()
                .println(out + ": " + Numbers.grouped(after.count()) + " examples of "
                        + Numbers.grouped(after.length()) + " dimensions in " + Numbers.time(seconds) + ", "
                        + Numbers.fixed(100 * changed, 1) + " % of the values moved");
        console.out().println(Numbers.fixed(first, 3) + " nats before, " + Numbers.fixed(second, 3) + " after");
    }

    private static double changed(Examples before, Examples after) {
        int[] from = before.levels();
        int[] to = after.levels();
        long different = 0;
        for (int i = 0; i < to.length; i++) {
            different += from[i] != to[i] ? 1 : 0;
        }
        return (double) different / to.length;
    }
}
