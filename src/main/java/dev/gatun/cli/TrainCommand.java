package dev.gatun.cli;

import dev.gatun.Device;
import dev.gatun.Forecast;
import dev.gatun.Likelihood;
import dev.gatun.MaskTraining;
import dev.gatun.Model;
import dev.gatun.Products;
import dev.gatun.TrainingDraws;
import dev.gatun.data.DataSet;
import dev.gatun.data.DataSets;
import dev.gatun.data.Reading;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import dev.gatun.train.ExampleSet;
import dev.gatun.train.ExampleSource;
import dev.gatun.train.ForecastObjective;
import dev.gatun.train.ModelObjective;
import dev.gatun.train.ProgressListener;
import dev.gatun.train.TrainedObjective;
import dev.gatun.train.Trainer;
import dev.gatun.train.TrainerOptions;
import dev.gatun.train.TrainingResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains a model. */
@Command(
        name = "train",
        sortOptions = false,
        description =
                "Trains a model by maximum likelihood. Ctrl-C saves and ends; the same command with --resume goes on.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  gatun train digits --out my.safetensors",
            "  gatun train digits --family mlp_arm --set context=16 --set hidden=[256,256] --out mlp.safetensors",
            "  gatun train book.txt --config lstm.json --bptt 100 --streams 64 --out lstm.safetensors",
            "  gatun train recordings.zip --config wavenet.json --window 4000 --batch 8 --out wavenet.safetensors",
            "  gatun train images.npz --family causal_conv_arm --config model.json --log log.csv --out m.safetensors",
            "  gatun train mnist --config gated.json --condition labels --out m.safetensors --samples s.png --page p.html",
            "  gatun train digits --forecast digits --horizon 8 --out heads.safetensors",
            "",
            "The state of training is kept beside the model, in MODEL.state.",
        })
final class TrainCommand implements Callable<Integer> {
    /** Of values that are said to be learned from more slowly as they are. */
    private static final int MANY_LEVELS = 32;

    private final Console console;

    @Parameters(paramLabel = "DATA", description = DataOptions.SOURCES)
    private String source = "";

    @Mixin
    private final ReadingOptions reading = new ReadingOptions();

    @Mixin
    private final ConfigOptions configuration = new ConfigOptions();

    @Option(
            names = "--out",
            paramLabel = "MODEL",
            required = true,
            description = "The model file to write; with --forecast the file of forecasting heads.")
    private String out = "";

    @Option(
            names = "--resume",
            description = "Go on from MODEL.state, to the very bits of a run that was never interrupted.")
    private boolean resume;

    @Option(
            names = "--validation",
            paramLabel = "V",
            description =
                    "A file, or the fraction of the examples, the last ones, that training is stopped by, 0 for none."
                            + " Where the data have no split for it: 0.1.")
    private @Nullable String validation;

    @Option(
            names = "--also",
            paramLabel = "DATA",
            description =
                    "Learn from these data too, such as samples of a better model: from their training part, where"
                            + " they are divided. It may be given several times.")
    private List<String> also = new ArrayList<>();

    @Option(
            names = "--length",
            paramLabel = "L",
            description =
                    "Cut examples of text, audio and series into pieces of this length; what is left over is dropped.")
    private int length;

    @Mixin
    private final StreamOptions streams = new StreamOptions();

    @Mixin
    private final WindowOptions windows = new WindowOptions();

    @Mixin
    private final RunOptions run = new RunOptions();

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "0",
            converter = SeedConverter.class,
            description = "Seed of the initial weights and of the order of examples (${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--masks",
            paramLabel = "M",
            defaultValue = "average",
            converter = MasksConverter.class,
            description =
                    "Of made's masks a step takes: average, all of them; cycle, one after the other; resample, one"
                            + " whose hidden degrees are drawn for the step; resample-orders, and whose order is (${DEFAULT-VALUE}).")
    private MaskTraining masks = MaskTraining.AVERAGE;

    @Option(
            names = "--dropout",
            paramLabel = "P",
            defaultValue = "0",
            description =
                    "The probability that a step drops a feature, in families with places for it: rnn_arm, between"
                            + " layers and before the outputs; pixelcnn_pp, in its blocks (${DEFAULT-VALUE}).")
    private double dropout;

    @Option(
            names = "--products",
            paramLabel = "P",
            defaultValue = "own",
            converter = ProductsConverter.class,
            description =
                    "Who computes the products and convolutions of steps: own, Gatun's kernels; onednn, oneDNN for each shape"
                            + " where it is measured to be faster, with sums in other orders, so that results differ by"
                            + " rounding from run to run; onednn-always, wherever it can; tf32 or bf16, the tensor cores of a CUDA"
                            + " device, of factors rounded to these, with sums and all else in float32 (${DEFAULT-VALUE}).")
    private Products products = Products.OWN;

    @Mixin
    private final NormOptions norm = new NormOptions();

    @Mixin
    private final ChangeOptions changes = new ChangeOptions();

    @Mixin
    private final ConditionOptions conditions = new ConditionOptions();

    @Mixin
    private final ForecastOptions forecasts = new ForecastOptions();

    @Mixin
    private final FollowOptions follow = new FollowOptions();

    @Mixin
    private final CommonOptions common = new CommonOptions();

    TrainCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Path file = SampleFiles.outFile(out);
        follow.check();
        Device device = device();
        Reading how = reading.reading(changes.onReading(), console);
        if (!also.isEmpty() && (streams.given() || windows.given())) {
            throw new UsageException("--also: takes neither --bptt nor --window");
        }
        DataSet set = DataSets.open(source, how);
        if (forecasts.given()) {
            return forecasts(set, device, how, file);
        }
        ModelConfig config = configuration.config(set);
        TrainingData.Reader reader =
                new TrainingData.Reader(config, changes.before(config.data()), conditions, length, how);
        if (windows.given()) {
            return windows(set, reader, device, file);
        }
        TrainingData data = streams.given()
                ? streams.read(set, reader, validation)
                : TrainingData.read(set, reader, validation).with(others(how), reader);
        TrainerOptions options = run.options(data.valid() != null, seed, device.threads());
        try (Model start = Model.create(config, seed, device)) {
            describe(start, set, data);
            return train(start, set, data, options, file);
        }
    }

    private Device device() {
        Device device = common.device(console);
        boolean cuda = device.cuda() >= 0;
        if (!products.isOn(cuda)) {
            throw new UsageException(
                    "--products: found " + products.text() + " beside --device " + (cuda ? "cuda" : "cpu")
                            + ", expected " + String.join(", ", Products.names(cuda))
                            + (cuda ? ": oneDNN computes on the processor" : ": tensor cores are a CUDA device's"));
        }
        return device.withProducts(products);
    }

    private List<DataSet> others(Reading how) throws IOException {
        List<DataSet> others = new ArrayList<>();
        for (String name : also) {
            others.add(DataSets.open(name, how));
        }
        return others;
    }

    /** Trains the forecasting heads of a model that is there. */
    private int forecasts(DataSet set, Device device, Reading how, Path file) throws IOException {
        if (configuration.given() || streams.given() || windows.given() || norm.given() || follow.given()) {
            throw new UsageException(
                    "--forecast: the model is there already, so that --family, --config, --set, --bptt,"
                            + " --window, --weight-norm, --log, --samples and --page are not taken beside it");
        }
        try (Model model = Models.open(forecasts.model(), device, new PrecisionOptions())) {
            ModelConfig config = model.config();
            TrainingData.Reader reader =
                    new TrainingData.Reader(config, changes.before(config.data()), conditions, length, how);
            TrainingData data = TrainingData.read(set, reader, validation).with(others(how), reader);
            List<ExampleSource.Change> made = changes.changes(config.data(), seed);
            ExampleSource train = new ExampleSource(data.train(), made);
            ExampleSource valid = data.valid() == null ? null : new ExampleSource(data.valid(), made);
            Forecast start = forecasts.create(model, seed);
            console.out()
                    .println("forecasts " + start.horizon() + " positions ahead: "
                            + Numbers.grouped(start.parameterCount()) + " parameters; " + set.name() + ": "
                            + count("train", data.train()) + count(", validation", data.valid()) + " examples");
            TrainerOptions options = run.options(valid != null, seed, device.threads());
            int atOnce = run.atOnce(train.count());
            Path state = file.resolveSibling(file.getFileName() + ".state");
            try (ForecastObjective objective = new ForecastObjective(
                    model, start, train, valid, atOnce, data.train().length())) {
                Trainer trainer = new Trainer(objective, options, state);
                TrainingResult result = saved().go(
                                trainer,
                                file,
                                new ArrayList<>(),
                                to -> objective.trained().save(to));
                saved().summarise(result, objective.dimensions());
            }
        }
        console.out().println("saved: " + file);
        return 0;
    }

    private int windows(DataSet set, TrainingData.Reader reader, Device device, Path file) throws IOException {
        if (streams.given() || changes.made()) {
            throw new UsageException("--window: takes neither --bptt nor changes of examples");
        }
        try (Model start = Model.create(reader.config(), seed, device)) {
            WindowOptions.Sources sources = windows.read(set, reader, start, validation, seed);
            console.out()
                    .println(start.config().architecture() + ": " + Numbers.grouped(start.parameterCount())
                            + " parameters; " + set.name() + ": " + sources.note());
            TrainerOptions options = run.options(sources.valid() != null, seed, device.threads());
            int atOnce = run.atOnce(sources.train().count());
            Path state = file.resolveSibling(file.getFileName() + ".state");
            try (TrainedObjective objective = normed(
                    new ModelObjective(start, sources.train(), sources.valid(), atOnce, draws(), run.recompute()),
                    options)) {
                List<ProgressListener> listeners = follow.listeners(start, objective, null, set.name(), seed);
                TrainingResult result = go(objective, new Trainer(objective, options, state), file, listeners);
                summarise(objective, result);
                try (Model trained = objective.trained()) {
                    Double test = WindowOptions.test(set, reader, trained);
                    saved().line("test", test == null ? Double.NaN : test, 1);
                }
            }
        }
        console.out().println("saved: " + file);
        return 0;
    }

    private void describe(Model model, DataSet set, TrainingData data) {
        console.out()
                .println(model.config().architecture() + ": " + Numbers.grouped(model.parameterCount())
                        + " parameters; " + set.name() + ": " + count("train", data.train())
                        + count(", validation", data.valid())
                        + count(", test", data.test()) + " examples of "
                        + data.train().length() + " dimensions");
        if (data.note() != null) {
            console.out().println(data.note());
        }
        int levels = model.config().data().levels();
        if (model.config().input() == InputEncoding.RAW && levels > MANY_LEVELS) {
            console.out()
                    .println("values enter the network as they are, 0 to " + (levels - 1)
                            + ": --set input=scaled (-1 to 1) is learned from far sooner");
        }
    }

    private void describeMemory(TrainedObjective objective, int atOnce) {
        long bytes = objective.mapBytes();
        if (bytes > 0) {
            console.out()
                    .println("memory of maps: " + Numbers.grouped(Math.ceilDiv(bytes, 1_000_000)) + " MB, "
                            + Numbers.grouped(atOnce) + " examples at once");
        }
    }

    private static String count(String name, @Nullable ExampleSet examples) {
        return examples == null ? "" : name + " " + Numbers.grouped(examples.count());
    }

    private int train(Model start, DataSet set, TrainingData data, TrainerOptions options, Path file)
            throws IOException {
        Path state = file.resolveSibling(file.getFileName() + ".state");
        // A step of streams is a window of all of them.
        TrainerOptions made = streams.given() ? options.toBuilder().batchSize(1).build() : options;
        ExampleSet shown = data.valid() == null ? data.train() : data.valid();
        try (TrainedObjective objective = objective(start, data, made)) {
            describeMemory(objective, run.atOnce(data.train().count()));
            List<ProgressListener> listeners = follow.listeners(start, objective, shown, set.name(), seed);
            TrainingResult result = go(objective, new Trainer(objective, made, state), file, listeners);
            summarise(objective, result, data, file);
        }
        return 0;
    }

    private TrainedObjective objective(Model start, TrainingData data, TrainerOptions options) {
        List<ExampleSource.Change> made = changes.changes(start.config().data(), seed);
        if (streams.given()) {
            if (!made.isEmpty()) {
                throw new UsageException("--bptt: takes no changes of examples");
            }
            if (norm.given() || run.recompute()) {
                throw new UsageException((norm.given() ? "--weight-norm" : "--recompute")
                        + ": found beside --bptt, expected one of them");
            }
            return streams.objective(start, data, draws());
        }
        ExampleSource train = new ExampleSource(data.train(), made);
        ExampleSource valid = data.valid() == null ? null : new ExampleSource(data.valid(), made);
        return normed(
                new ModelObjective(start, train, valid, run.atOnce(train.count()), draws(), run.recompute()), options);
    }

    private TrainedObjective normed(ModelObjective objective, TrainerOptions options) {
        return norm.of(objective, options.batchSize(), seed, resume);
    }

    private TrainingDraws draws() {
        if (!(dropout >= 0 && dropout < 1)) {
            throw new UsageException("--dropout: found " + dropout + ", expected 0 to below 1");
        }
        return new TrainingDraws(masks, dropout, seed);
    }

    private TrainingResult go(TrainedObjective objective, Trainer trainer, Path file, List<ProgressListener> listeners)
            throws IOException {
        return saved().go(trainer, file, listeners, to -> {
            try (Model model = objective.trained()) {
                model.save(to);
            }
        });
    }

    private SavedRun saved() {
        return new SavedRun(console, resume);
    }

    private void summarise(TrainedObjective objective, TrainingResult result, TrainingData data, Path file) {
        summarise(objective, result);
        if (data.test() != null && !changes.made()) {
            try (Model model = objective.trained()) {
                Likelihood likelihood =
                        model.logLikelihood(data.test().examples(), data.test().condition());
                saved().line("test", likelihood.meanNats(), data.test().length());
            }
        }
        console.out().println("saved: " + file);
    }

    private void summarise(TrainedObjective objective, TrainingResult result) {
        if (common.verbose()) {
            objective.productChoices().forEach(line -> console.err().println("products: " + line));
        }
        saved().summarise(result, objective.dimensions());
    }
}
