package dev.gatun.cli;

import dev.gatun.Condition;
import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.code.Compressor;
import dev.gatun.family.ModelConfig;
import dev.gatun.file.Json;
import dev.gatun.train.ExampleSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Codes data without loss. */
@Command(
        name = "compress",
        sortOptions = false,
        description = {
            "Codes data without loss by a model: into as many bits as its likelihood says. What is coded are the levels of",
            "the examples; 'decompress' with the same model gives them back, on every machine."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  gatun compress digits --data digits --split test --out digits.gtn",
            "  gatun compress pixelcnn.safetensors --data mnist --split test --out mnist.gtn --json",
            "  gatun compress lstm.safetensors --data book.txt --out book.gtn",
            "  gatun compress wavenet.safetensors --data fsdd --length 1000 --global labels --keep-labels --out digits.gtn",
        })
final class CompressCommand implements Callable<Integer> {
    private static final double NANOS = 1e9;

    private final Console console;

    @Parameters(paramLabel = "MODEL", description = "A model file, or the name of a bundled model (digits).")
    private String name = "";

    @Mixin
    private final DataOptions data = new DataOptions();

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N examples, or as many as there are.")
    private @Nullable Integer limit;

    @Option(
            names = "--length",
            paramLabel = "L",
            description =
                    "Cut examples of text and audio into pieces of this length, which are decoded side by side; what is"
                            + " left over of each is dropped.")
    private int length;

    @Option(names = "--out", paramLabel = "Y.gtn", required = true, description = "The file to write.")
    private String out = "";

    @Option(
            names = "--keep-labels",
            description = "Write the classes that the model is conditioned on into the file, too: 'decompress' is then"
                    + " not given any. A few bits for each example.")
    private boolean keepLabels;

    @Option(
            names = "--json",
            description =
                    "Print one JSON object: examples, dimensions, bytes, model_bytes (-log2 p in bytes), bits_per_dimension,"
                            + " seconds.")
    private boolean json;

    @Mixin
    private final ConditionOptions conditions = new ConditionOptions();

    @Mixin
    private final PrecisionOptions precision = new PrecisionOptions();

    @Mixin
    private final CommonOptions common = new CommonOptions();

    CompressCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (limit != null) {
            ScaleOptions.atLeast("--limit", limit, 1);
        }
        Path file = SampleFiles.outFile(out);
        try (Model model = Models.open(name, common.device(console), precision)) {
            ExampleSet set = TrainingData.Reader.of(model.config(), conditions, length)
                    .read(data.choose(console), limit, "--data");
            if (keepLabels && !isClassesAlone(model.config(), set.examples().length())) {
                throw new UsageException("--keep-labels: is for models that are conditioned on a class alone");
            }
            long begin = System.nanoTime();
            Compressor.Summary summary = compress(model, set.examples(), set.condition(), file);
            report(set.examples(), summary, (System.nanoTime() - begin) / NANOS);
        }
        return 0;
    }

    private static boolean isClassesAlone(ModelConfig config, int length) {
        List<Wanted> wanted = Wanted.of(config, length);
        return wanted.size() == 1 && wanted.getFirst().classes() > 0;
    }

    private Compressor.Summary compress(Model model, Examples examples, Condition condition, Path file)
            throws IOException {
        try (Watch watch = new Watch(console, "examples", examples.count(), 1)) {
            return keepLabels
                    ? Compressor.compressWithClasses(model, examples, condition.toClasses(), file, watch::done)
                    : Compressor.compress(model, examples, condition, file, watch::done);
        }
    }

    private void report(Examples examples, Compressor.Summary summary, double seconds) {
        double dimensions = (double) examples.count() * examples.length();
        double perDimension = summary.bytes() * (double) Byte.SIZE / dimensions;
        double modelBytes = summary.bits() / Byte.SIZE;
        if (json) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("examples", examples.count());
            values.put("dimensions", examples.length());
            values.put("bytes", summary.bytes());
            values.put("model_bytes", modelBytes);
            values.put("bits_per_dimension", perDimension);
            values.put("seconds", seconds);
            console.out().println(Json.write(values));
            return;
        }
        console.out()
                .println(out + ": " + Numbers.grouped(examples.count()) + " examples of "
                        + Numbers.grouped(examples.length()) + " dimensions in " + Numbers.grouped(summary.bytes())
                        + " bytes, " + Numbers.fixed(perDimension, 4) + " bits per dimension, in "
                        + Numbers.time(seconds) + "; the model asks for "
                        + Numbers.grouped((long) Math.ceil(modelBytes)) + " bytes");
    }
}
