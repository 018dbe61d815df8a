package dev.gatun.cli;

import dev.gatun.Likelihood;
import dev.gatun.LikelihoodMap;
import dev.gatun.Model;
import dev.gatun.Scored;
import dev.gatun.data.Pieces;
import dev.gatun.file.Json;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import dev.gatun.file.NpyArray.DType;
import dev.gatun.train.ExampleSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says how likely data are under a model. */
@Command(
        name = "evaluate",
        sortOptions = false,
        description = "Evaluates the likelihood of data under a model: nats an example, bits per dimension.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  gatun evaluate digits --data digits --split test",
            "  gatun evaluate my.safetensors --data images.npz:test --json",
            "  gatun evaluate my.safetensors --data images.npy --per-example nats.npy",
            "  gatun evaluate my.safetensors --data images.npy --per-position nats.npy",
            "  gatun evaluate my.safetensors --data mnist --map nats.png",
        })
final class EvaluateCommand implements Callable<Integer> {
    /** Examples between two looks at the clock. */
    static final int CHUNK = 256;

    /** Positions of a chunk whose nats are kept one by one. */
    private static final int MOST_POSITIONS = 1 << 22;

    private static final double NANOS = 1e9;

    private final Console console;

    @Parameters(
            paramLabel = "MODEL",
            description = "A model file, or the name of a bundled model (digits, mnist," + " mnist-classes).")
    private String name = "";

    @Mixin
    private final DataOptions data = new DataOptions();

    @Option(
            names = "--batch",
            paramLabel = "B",
            description = "Examples that are computed at once. It does not change the result.")
    private @Nullable Integer batch;

    @Option(
            names = "--length",
            paramLabel = "L",
            description =
                    "Cut examples of text, audio and series into pieces of this length; what is left over is dropped.")
    private int length;

    @Option(
            names = "--spread",
            paramLabel = "N",
            description =
                    "With --length: N such pieces, spread evenly over a text, a sound or a series, not all of them.")
    private @Nullable Integer spread;

    @Option(
            names = "--skip",
            paramLabel = "K",
            defaultValue = "0",
            description = "Do not count the first K positions of each example, which are seen; for sequences.")
    private int skip;

    @Option(names = "--per-example", paramLabel = "N.npy", description = "Write the nats of each example, float32 [N].")
    private @Nullable String perExample;

    @Option(
            names = "--per-position",
            paramLabel = "N.npy",
            description =
                    "Write the nats of each position of each example, float32 [N, D], in the order of the data; where a"
                            + " distribution is over a pixel's channels together, the pixel's are at its last channel.")
    private @Nullable String perPosition;

    @Option(
            names = "--map",
            paramLabel = "MAP",
            description =
                    "Write where the nats come from, the mean over examples: .png, a picture, dark for few and bright for"
                            + " many; .npy, float32, [H, W] of images (channels summed), else [T].")
    private @Nullable String map;

    @Mixin
    private final ScaleOptions scale = new ScaleOptions();

    @Option(
            names = "--json",
            description =
                    "Print one JSON object: examples, dimensions, nats (the mean), bits_per_dimension, seconds, and"
                            + " most_nats_of_a_pixel with --map.")
    private boolean json;

    @Mixin
    private final ConditionOptions conditions = new ConditionOptions();

    @Mixin
    private final PrecisionOptions precision = new PrecisionOptions();

    @Mixin
    private final CommonOptions common = new CommonOptions();

    EvaluateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Path nats = perExample == null ? null : npyFile("--per-example", perExample);
        Path all = perPosition == null ? null : npyFile("--per-position", perPosition);
        SampleFiles.distinct(nats, all, map == null ? null : Path.of(map));
        if (batch != null && batch < 1) {
            throw new UsageException("--batch: found " + batch + ", expected at least 1");
        }
        try (Model model = Models.open(name, common.device(console), precision)) {
            DataOptions.Chosen read = data.choose(console);
            ExampleSet set = TrainingData.Reader.of(model.config(), conditions, spread == null ? length : 0)
                    .read(read.set(), read.split());
            set = spread(set);
            if (skip > 0 && all != null) {
                throw new UsageException("--per-position: writes all positions, found --skip " + skip);
            }
            if (skip < 0 || (skip > 0 && skip >= set.length())) {
                throw new UsageException("--skip: found " + skip + ", expected 0 to below " + set.length());
            }
            NatsMap places = natsMap(model, set.length());
            long begin = System.nanoTime();
            Likelihood likelihood = evaluate(model, set, places, all);
            double seconds = (System.nanoTime() - begin) / NANOS;
            if (nats != null) {
                writeNats(nats, likelihood);
            }
            if (places != null) {
                places.write();
            }
            if (json) {
                console.out().println(Json.write(values(likelihood, seconds, places)));
            } else {
                print(read, likelihood, seconds, places);
            }
        }
        return 0;
    }

    /** A path for an array, checked before the work begins. */
    static Path npyFile(String option, String file) throws IOException {
        if (!file.toLowerCase(java.util.Locale.ROOT).endsWith(".npy")) {
            throw new UsageException(option + ": found '" + file + "', expected a file that ends in .npy");
        }
        return SampleFiles.outFile(file);
    }

    private @Nullable NatsMap natsMap(Model model, int length) throws IOException {
        if (map == null) {
            scale.refuse("--map", "not given");
            return null;
        }
        if (skip > 0) {
            throw new UsageException("--map: shows all positions, found --skip " + skip);
        }
        return NatsMap.of(map, model.config().data(), length, scale);
    }

    /** @param all takes the nats of all positions, or null */
    private Likelihood evaluate(Model model, ExampleSet set, @Nullable NatsMap places, @Nullable Path all)
            throws IOException {
        if (all == null) {
            return evaluate(model, set, places, (NpyRows) null);
        }
        Likelihood[] found = new Likelihood[1];
        int[] shape = {set.count(), set.length()};
        NpyRows.write(all, DType.F32, shape, rows -> found[0] = evaluate(model, set, places, rows));
        return found[0];
    }

    private Likelihood evaluate(Model model, ExampleSet set, @Nullable NatsMap places, @Nullable NpyRows rows)
            throws IOException {
        int chunk = batch == null ? CHUNK : batch;
        if (places != null || rows != null) {
            chunk = Math.clamp(MOST_POSITIONS / Math.max(1, set.length()), 1, chunk);
        }
        double[] nats = nats(console, set, chunk, part -> likelihood(model, part, places, rows));
        return new Likelihood(nats, set.length() - skip);
    }

    /** The likelihood of some examples. */
    interface Scoring {
        Likelihood of(ExampleSet part) throws IOException;
    }

    /**
     * The nats of examples, so many at a time, all of them finite; a bar shows how far it is.
     *
     * @throws IllegalStateException if an example's outputs left the range of numbers
     */
    static double[] nats(Console console, ExampleSet set, int chunk, Scoring scoring) throws IOException {
        double[] nats = new double[set.count()];
        try (Watch watch = new Watch(console, "examples", nats.length, 1)) {
            for (int from = 0; from < nats.length; from += chunk) {
                int to = (int) Math.min((long) from + chunk, nats.length);
                Likelihood part = scoring.of(set.range(from, to));
                requireFinite(part, from);
                System.arraycopy(part.nats(), 0, nats, from, to - from);
                watch.done(to);
            }
        }
        return nats;
    }

    private Likelihood likelihood(Model model, ExampleSet part, @Nullable NatsMap places, @Nullable NpyRows rows)
            throws IOException {
        if (places == null && rows == null) {
            return skip == 0
                    ? model.logLikelihood(part.examples(), part.condition())
                    : model.logLikelihood(part.examples(), part.condition(), Scored.after(skip, part.examples()));
        }
        LikelihoodMap found = model.likelihoodMap(part.examples(), part.condition());
        if (places != null) {
            places.add(found.nats(), part.count());
        }
        if (rows != null) {
            rows.put(found.nats());
        }
        return found.likelihood();
    }

    /** Pieces at places that are spread over one sequence. */
    private ExampleSet spread(ExampleSet set) {
        if (spread == null) {
            return set;
        }
        if (set.count() != 1 || set.condition().rows() > 0 || spread < 1 || length < 1 || length > set.length()) {
            throw new UsageException(
                    "--spread: found " + spread + " pieces of " + length + " of " + set.count() + " examples of "
                            + set.length() + ", expected at least 1, of --length, of one without a condition");
        }
        return ExampleSet.of(Pieces.spread(set.examples(), spread, length));
    }

    /**
     * Demands that no example's outputs left the range of numbers.
     *
     * @param first the number of the first example
     */
    private static void requireFinite(Likelihood likelihood, int first) {
        for (int i = 0; i < likelihood.nats().length; i++) {
            if (!Double.isFinite(likelihood.nats()[i])) {
                throw new IllegalStateException("example " + (first + i) + " has "
                        + likelihood.nats()[i] + " nats: the model's outputs are too large for float32");
            }
        }
    }

    private static void writeNats(Path file, Likelihood likelihood) throws IOException {
        float[] nats = new float[likelihood.nats().length];
        for (int i = 0; i < nats.length; i++) {
            nats[i] = (float) likelihood.nats()[i];
        }
        Npy.write(file, NpyArray.ofFloats(new int[] {nats.length}, nats));
    }

    private static Map<String, Object> values(Likelihood likelihood, double seconds, @Nullable NatsMap places) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("examples", likelihood.nats().length);
        values.put("dimensions", likelihood.dimensions());
        values.put("nats", likelihood.meanNats());
        values.put("bits_per_dimension", likelihood.bitsPerDimension());
        values.put("seconds", seconds);
        if (places != null) {
            values.put("most_nats_of_a_pixel", places.most());
        }
        return values;
    }

    private void print(DataOptions.Chosen read, Likelihood likelihood, double seconds, @Nullable NatsMap places) {
        console.out()
                .println(name + " on " + read.set().name() + " (" + read.split().text() + "): "
                        + Numbers.grouped(likelihood.nats().length) + " examples of "
                        + Numbers.grouped(likelihood.dimensions()) + " dimensions in " + Numbers.time(seconds));
        console.out().println(likelihoodLine(likelihood));
        if (places != null) {
            console.out().println("map: " + map + ", up to " + Numbers.fixed(places.most(), 4) + " nats at one place");
        }
    }

    /** Nats and bits, as people read them. */
    static String likelihoodLine(Likelihood likelihood) {
        return Numbers.fixed(likelihood.meanNats(), 3) + " nats, " + Numbers.fixed(likelihood.bitsPerDimension(), 4)
                + " bits per dimension";
    }
}
