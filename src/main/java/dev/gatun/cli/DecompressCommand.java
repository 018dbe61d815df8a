package dev.gatun.cli;

import dev.gatun.Condition;
import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.code.Compressed;
import dev.gatun.data.AudioLevels;
import dev.gatun.data.Vocabulary;
import dev.gatun.family.DataSpec;
import dev.gatun.file.AtomicFile;
import dev.gatun.file.Json;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import dev.gatun.file.Wav;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

/** Gives back what was coded. */
@Command(
        name = "decompress",
        sortOptions = false,
        description = {
            "Gives back the examples that 'compress' coded, by the same model. A file that is cut off, altered, or of another",
            "model is refused, and nothing is written."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  gatun decompress digits.gtn --model digits --out digits.npy",
            "  gatun decompress mnist.gtn --model pixelcnn.safetensors --item 17 --out image.npy",
            "  gatun decompress book.gtn --model lstm.safetensors --out book.txt",
        })
final class DecompressCommand implements Callable<Integer> {
    private static final double NANOS = 1e9;

    private final Console console;

    @Parameters(paramLabel = "Y.gtn", description = "What 'compress' wrote.")
    private Path file = Path.of("");

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            required = true,
            description = "The model that it was coded by: a file, or the name of a bundled one (digits).")
    private String name = "";

    @Option(
            names = "--out",
            paramLabel = "X",
            required = true,
            description = "Where to: .npy (any data), .txt (one text) or .wav (one sound).")
    private String out = "";

    @Option(
            names = "--item",
            paramLabel = "I",
            description = "Only this example, from 0: the chunk that holds it is decoded, not the others.")
    private @Nullable Integer item;

    @Option(names = "--json", description = "Print one JSON object: examples, dimensions, seconds.")
    private boolean json;

    @Mixin
    private final ConditionOptions conditions = new ConditionOptions();

    @Mixin
    private final PrecisionOptions precision = new PrecisionOptions();

    @Mixin
    private final CommonOptions common = new CommonOptions();

    DecompressCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Path target = SampleFiles.outFile(out);
        Compressed.Shape shape = Compressed.shape(file);
        if (item != null && (item < 0 || item >= shape.count())) {
            throw new UsageException("--item: found " + item + ", expected 0 to " + (shape.count() - 1));
        }
        int from = item == null ? 0 : item;
        int to = item == null ? shape.count() : item + 1;
        try (Model model = Models.open(name, common.device(console), precision)) {
            DataSpec spec = model.config().data();
            requireFits(spec, to - from);
            Condition condition = shape.classes() && !conditions.given()
                    ? Condition.none()
                    : conditions.read(model.config(), shape.count(), shape.length());
            long begin = System.nanoTime();
            Examples examples = read(model, condition, from, to);
            double seconds = (System.nanoTime() - begin) / NANOS;
            write(spec, examples, target);
            report(examples, seconds);
        }
        return 0;
    }

    private String ending() {
        return out.substring(Math.max(0, out.lastIndexOf('.'))).toLowerCase(Locale.ROOT);
    }

    private void requireFits(DataSpec spec, int count) {
        boolean fits = switch (ending()) {
            case ".npy" -> true;
            case ".txt" -> spec instanceof DataSpec.Text && count == 1;
            case ".wav" -> spec instanceof DataSpec.Audio && count == 1;
            default -> false;
        };
        if (!fits) {
            throw new UsageException("--out: found '" + out + "' for " + count + " examples of kind \"" + spec.kind()
                    + "\", expected a file that ends in .npy, or .txt for one text, .wav for one sound");
        }
    }

    private Examples read(Model model, Condition condition, int from, int to) throws IOException {
        try (Compressed compressed = Compressed.open(file, model, condition);
                Watch watch = new Watch(console, "examples", to - from, 1)) {
            return compressed.read(from, to, watch::done);
        }
    }

    private void write(DataSpec spec, Examples examples, Path target) throws IOException {
        int[] levels = examples.levels();
        switch (ending()) {
            case ".txt" -> {
                String text = new Vocabulary((DataSpec.Text) spec).decode(levels, 0, levels.length);
                AtomicFile.write(target, to -> to.write(text.getBytes(StandardCharsets.UTF_8)));
            }
            case ".wav" -> {
                DataSpec.Audio audio = (DataSpec.Audio) spec;
                Wav.write(target, AudioLevels.amplitudes(audio, levels, 0, levels.length), audio.sampleRate());
            }
            default -> Npy.write(target, NpyArray.ofInts(shape(spec, examples), levels));
        }
    }

    /** The shape of an array of examples. */
    static int[] shape(DataSpec spec, Examples examples) {
        int[] example = spec.exampleShape(examples.length());
        int[] shape = new int[example.length + 1];
        shape[0] = examples.count();
        System.arraycopy(example, 0, shape, 1, example.length);
        return shape;
    }

    private void report(Examples examples, double seconds) {
        if (json) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("examples", examples.count());
            values.put("dimensions", examples.length());
            values.put("seconds", seconds);
            console.out().println(Json.write(values));
            return;
        }
        console.out()
                .println(out + ": " + Numbers.grouped(examples.count()) + " examples of "
                        + Numbers.grouped(examples.length()) + " dimensions in " + Numbers.time(seconds));
    }
}
