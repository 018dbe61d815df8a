package dev.gatun.cli;

import dev.gatun.Condition;
import dev.gatun.Examples;
import dev.gatun.Forecast;
import dev.gatun.Model;
import dev.gatun.SampleOptions;
import dev.gatun.Sharing;
import dev.gatun.family.DataSpec;
import dev.gatun.family.ModelConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Draws samples and writes them to a file. */
@Command(
        name = "sample",
        sortOptions = false,
        description = "Draws samples from a model.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  gatun sample digits --count 64 --seed 1 --out digits.png",
            "  gatun sample my.safetensors --count 1000 --seed 0x9e3779b97f4a7c15 --out samples.npy",
            "  gatun sample text.safetensors --length 200 --temperature 0.8 --prime-text 'ROMEO:'",
            "  gatun sample wavenet.safetensors --seconds 5 --out - | aplay",
            "  gatun sample wavenet.safetensors --seconds 5 --prime beginning.wav --out whole.wav",
            "  gatun sample digits --prime halves.npy --count 16 --out completed.png",
            "  gatun sample by-class.safetensors --class 3 --count 16 --out threes.png",
            "  gatun sample by-class.safetensors --class all --count 10 --out classes.png",
            "  gatun sample my.safetensors --count 100 --method auto --explain --out samples.npy",
            "  gatun sample digits --method predictive --forecast heads.safetensors --explain --out digit.png",
            "",
            "A sample depends on the model, the seed, its number and the temperature alone: not on how many are drawn,",
            "on threads or on the method.",
        })
final class SampleCommand implements Callable<Integer> {
    private static final double NANOS = 1e9;

    private final Console console;

    @Parameters(
            paramLabel = "MODEL",
            description = "A model file, or the name of a bundled model (digits, mnist," + " mnist-classes).")
    private String name = "";

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many (${DEFAULT-VALUE}); with --class all, of each class.")
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
            description = "Below 1: more likely samples; above: more varied ones (${DEFAULT-VALUE}).")
    private float temperature;

    @Option(names = "--mode", description = "Take the most likely value of each position in place of a draw.")
    private boolean mode;

    @Option(
            names = "--length",
            paramLabel = "L",
            description =
                    "Values to draw of a sample; needed where the model's data have no length of their own. Sequences may"
                            + " be longer than the data.")
    private int length;

    @Option(names = "--seconds", paramLabel = "T", description = "The same in seconds, for audio models.")
    private double seconds;

    @Mixin
    private final PrimeOptions primes = new PrimeOptions();

    @Option(
            names = "--method",
            paramLabel = "M",
            defaultValue = "cached",
            converter = MethodConverter.class,
            description = MethodConverter.METHODS)
    private SampleOptions.Method method = SampleOptions.Method.CACHED;

    @Option(
            names = "--sharing",
            paramLabel = "S",
            defaultValue = "auto",
            converter = SharingConverter.class,
            description = "Of a single sample: apart, one thread draws it; together, all threads share each step; auto,"
                    + " together where that was measured to be faster (${DEFAULT-VALUE}). The same bytes.")
    private Sharing sharing = Sharing.AUTO;

    @Option(
            names = "--forecast",
            paramLabel = "HEADS",
            description =
                    "Forecast by these heads of the model, which train --forecast made, with --method predictive or"
                            + " auto: fewer passes, the same bytes.")
    private @Nullable Path heads;

    @Option(
            names = "--explain",
            description = "Say by which method the samples were drawn and why, how many passes a sample took, what of"
                    + " whole ones these computed, and the time.")
    private boolean explain;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "Where to: .npy (any data), .png (images), .wav (audio), .txt (text), - (text and WAV, to standard output"
                            + " while they are drawn, which is where text goes if this is not given)."
                            + " Several sounds or texts become FILE-0, FILE-1 and so on.")
    private @Nullable String out;

    @Mixin
    private final PictureOptions pictures = new PictureOptions();

    @Mixin
    private final ConditionOptions conditions = new ConditionOptions();

    @Mixin
    private final PrecisionOptions precision = new PrecisionOptions();

    @Mixin
    private final CommonOptions common = new CommonOptions();

    SampleCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        checkNumbers();
        try (Model model = Models.open(name, common.device(console).withSharing(sharing), precision)) {
            int classes = conditions.allClasses(model.config());
            int all = classes == 0 ? count : ofAll(classes);
            Examples prime = primes.read(model.config().data(), all);
            int whole = wholeLength(model.config(), prime == null ? 0 : prime.length());
            SampleOptions options = new SampleOptions(all, seed, 0, temperature, mode, whole, method);
            int columns = classes == 0 ? 0 : count;
            SampleFile file = SampleFiles.of(
                    target(model.config()), model.config().data(), all, columns, whole, pictures, console);
            Condition condition = conditions.read(model.config(), all, whole);
            Samples samples = new Samples(model, options, condition, prime, console);
            samples.forecastBy(heads == null ? null : Forecast.load(heads, model));
            long begin = System.nanoTime();
            file.write(samples);
            if (explain) {
                explain(samples, (System.nanoTime() - begin) / NANOS);
            }
        }
        return 0;
    }

    private void explain(Samples samples, double seconds) {
        console.err()
                .println("method " + samples.explanation() + "; "
                        + Numbers.fixed((double) samples.passes() / samples.count(), 2) + " passes, as much as "
                        + Numbers.fixed(samples.wholePasses() / samples.count(), 2) + " over all positions, and "
                        + Numbers.fixed(seconds / samples.count() * 1e3, 2) + " ms a sample of " + samples.length()
                        + " positions");
    }

    private int ofAll(int classes) {
        if (count > Integer.MAX_VALUE / classes) {
            throw new UsageException("--count: found " + count + ", expected at most " + Integer.MAX_VALUE / classes
                    + " of each of the " + classes + " classes");
        }
        return count * classes;
    }

    private String target(ModelConfig config) {
        if (out != null) {
            return out;
        }
        if (config.data() instanceof DataSpec.Text) {
            return SampleFiles.STANDARD;
        }
        throw new UsageException(
                "--out: is needed, for only text is printed if no file is named, and the model's data are of"
                        + " kind \"" + config.data().kind() + "\"");
    }

    private void checkNumbers() {
        if (count < 1) {
            throw new UsageException("--count: found " + count + ", expected at least 1");
        }
        if (!(temperature > 0) || Float.isInfinite(temperature)) {
            throw new UsageException("--temperature: found " + temperature + ", expected a number above 0");
        }
        if (primes.given() && method != SampleOptions.Method.CACHED) {
            throw new UsageException("--prime: is for --method cached, found --method " + method.text());
        }
        if (heads != null && method != SampleOptions.Method.PREDICTIVE && method != SampleOptions.Method.AUTO) {
            throw new UsageException("--forecast: is for --method predictive or auto, found --method " + method.text());
        }
        if (length < 0) {
            throw new UsageException("--length: found " + length + ", expected at least 1");
        }
    }

    /** Values of a sample, those that it begins with among them. */
    private int wholeLength(ModelConfig config, int primed) {
        int drawn = drawnLength(config.data());
        int own = config.data().length().orElse(0);
        boolean free = config.data() instanceof DataSpec.Sequence && method == SampleOptions.Method.CACHED;
        if (own == 0 || (drawn != 0 && free)) {
            return whole(drawn, primed, config.data());
        }
        if (drawn != 0 && drawn != own) {
            throw new UsageException(
                    "--length: found " + drawn + ", expected " + own + ", the length of the model's data");
        }
        if (primed >= own) {
            throw new UsageException("--prime: found " + primed + " values, expected fewer than " + own
                    + ", the length of the model's data, or --length as well");
        }
        return own;
    }

    private static int whole(int drawn, int primed, DataSpec data) {
        if (drawn == 0) {
            throw new UsageException("--length: is needed" + (data instanceof DataSpec.Audio ? ", or --seconds" : "")
                    + ", for data of kind \"" + data.kind() + "\" have no length of their own");
        }
        if (drawn > Integer.MAX_VALUE - primed) {
            throw new UsageException("--length: found " + drawn + ", expected at most " + (Integer.MAX_VALUE - primed));
        }
        return drawn + primed;
    }

    private int drawnLength(DataSpec data) {
        if (seconds == 0) {
            return length;
        }
        if (!(data instanceof DataSpec.Audio audio)) {
            throw new UsageException(
                    "--seconds: is for audio models, and this model's data are of kind \"" + data.kind() + "\"");
        }
        if (length != 0) {
            throw new UsageException("--length and --seconds: expected one of them");
        }
        double values = Math.rint(seconds * audio.sampleRate());
        if (!(values >= 1 && values <= Integer.MAX_VALUE)) {
            throw new UsageException("--seconds: found " + seconds + ", expected at least one value at "
                    + audio.sampleRate() + " a second, and at most " + Integer.MAX_VALUE);
        }
        return (int) values;
    }
}
