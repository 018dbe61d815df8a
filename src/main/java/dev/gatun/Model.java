package dev.gatun;

import dev.gatun.family.Distributions;
import dev.gatun.family.Families;
import dev.gatun.family.Initialization;
import dev.gatun.family.InvalidModelException;
import dev.gatun.family.ModelConfig;
import dev.gatun.family.ModelFile;
import dev.gatun.file.FormatException;
import dev.gatun.file.Safetensors;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.CudaDevice;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.SamplingProgram;
import dev.gatun.graph.BoundGraph;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Plan;
import dev.gatun.tensor.Parameters;
import dev.gatun.tensor.Precision;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model: a configuration, its parameters, and the graph that they make. Immutable, and shared between threads: any may
 * evaluate it and make {@linkplain #sampler samplers}. Its owner closes it; calls under way then finish first, later ones are
 * an {@link IllegalStateException}. Between evaluations it keeps the memory of the last one's maps, 32 MB of them at most.
 */
public final class Model implements AutoCloseable {
    private static final List<String> BUNDLED = List.of("digits", "mnist", "mnist-classes");

    private final ModelConfig config;
    private final Device device;
    private final Precision precision;
    private final @Nullable CudaDevice cuda;
    private final Context context;
    private final Lifetime lifetime;
    private final Parameters parameters;
    private final List<BoundGraph> bounds;
    private final List<Programs> programs;
    private final KeptPasses kept = new KeptPasses();

    private Model(
            ModelConfig config,
            Parameters parameters,
            Arena arena,
            Device device,
            Context context,
            Precision precision) {
        this.config = config;
        this.precision = precision;
        this.device = device;
        this.context = context;
        this.parameters = parameters;
        if (precision == Precision.INT8_DYNAMIC) {
            device.requireCpu("precision " + precision.text());
        }
        this.lifetime = new Lifetime("the model", () -> {
            kept.close();
            arena.close();
            context.close();
        });
        cuda = device.open(arena);
        NativeDistribution distribution = Distributions.of(config, arena);
        bounds = Families.graphs(config, parameters.integers()).stream()
                .map(graph -> new BoundGraph(context, arena, graph, parameters, distribution, false))
                .toList();
        int length = config.data().length().orElse(Integer.MAX_VALUE);
        programs = bounds.stream()
                .map(bound -> new Programs(bound, context, arena, length, cuda))
                .toList();
    }

    /** The families whose models can be computed. */
    public static List<String> computed() {
        return Families.names().stream().filter(Families::computes).toList();
    }

    /** Makes the parameters in an arena that a model will own. */
    private interface Source {
        ModelFile.Loaded into(Arena arena) throws IOException;
    }

    private static Model make(Device device, Precision precision, Source source) throws IOException {
        Arena arena = Arena.ofShared();
        try {
            ModelFile.Loaded loaded = source.into(arena);
            loaded.config().family().layout(loaded.config()).round(loaded.parameters(), precision);
            return with(loaded, arena, device, precision);
        } catch (Throwable failure) {
            arena.close();
            throw failure;
        }
    }

    private static Model with(ModelFile.Loaded loaded, Arena arena, Device device, Precision precision) {
        Context context = device.context();
        try {
            return new Model(loaded.config(), loaded.parameters(), arena, device, context, precision);
        } catch (Throwable failure) {
            context.close();
            throw failure;
        }
    }

    /** Loads a model file, to be computed on all cores. */
    public static Model load(Path file) throws IOException {
        return load(file, Device.cpu());
    }

    /** Loads a model file. */
    public static Model load(Path file, Device device) throws IOException {
        return load(file, device, Precision.F32);
    }

    /**
     * Loads a model file, its weights rounded to a precision.
     *
     * @throws FormatException if it is not a valid model file, or of a family that this version does not compute; the message
     *     names the file, then the key or tensor
     * @throws IOException if it cannot be read
     */
    public static Model load(Path file, Device device, Precision precision) throws IOException {
        try {
            return make(device, precision, arena -> ModelFile.load(file, arena));
        } catch (InvalidModelException e) {
            throw (FormatException) new FormatException(file, String.valueOf(e.getMessage())).initCause(e);
        }
    }

    /**
     * The names that {@link #bundled} knows: {@code digits}, 8x8 handwritten digits of 17 levels; {@code mnist}, 28x28 black and
     * white ones; {@code mnist-classes}, such ones of a class 0..9.
     */
    public static List<String> bundledNames() {
        return BUNDLED;
    }

    /** A model that comes with the library, computed on all cores. */
    public static Model bundled(String name) {
        return bundled(name, Device.cpu());
    }

    /** A model that comes with the library. */
    public static Model bundled(String name, Device device) {
        return bundled(name, device, Precision.F32);
    }

    /**
     * A model that comes with the library, its weights rounded to a precision.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Model bundled(String name, Device device, Precision precision) {
        if (!BUNDLED.contains(name)) {
            throw new IllegalArgumentException("no model '" + name + "' is bundled; there are " + BUNDLED);
        }
        String resource = name + ".safetensors";
        try (InputStream in = Model.class.getResourceAsStream("models/" + resource)) {
            if (in == null) {
                throw new IOException("the library was built without " + resource);
            }
            byte[] bytes = in.readAllBytes();
            return make(device, precision, arena -> {
                try (Safetensors file = Safetensors.of(Path.of(resource), bytes)) {
                    return ModelFile.load(file, arena);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A model with initial weights, drawn by a seed, to be computed on all cores. */
    public static Model create(ModelConfig config, long seed) {
        return create(config, seed, Device.cpu());
    }

    /** A model with initial weights, drawn by a seed. */
    public static Model create(ModelConfig config, long seed, Device device) {
        return create(config, seed, device, Precision.F32);
    }

    /** A model with initial weights, drawn by a seed, rounded to a precision. */
    public static Model create(ModelConfig config, long seed, Device device, Precision precision) {
        return unchecked(device, precision, arena -> {
            Parameters parameters = config.family().layout(config).allocate(arena);
            Initialization.initialise(config, parameters, seed);
            return new ModelFile.Loaded(config, parameters);
        });
    }

    /** A model of parameters that are copied. */
    public static Model of(ModelConfig config, Parameters parameters, Device device) {
        return unchecked(device, Precision.F32, arena -> new ModelFile.Loaded(config, parameters.copy(arena)));
    }

    private static Model unchecked(Device device, Precision precision, Source source) {
        try {
            return make(device, precision, source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Saves the model, its weights as they are, in float32, whatever they were rounded to, replacing the file whole or not at all.
     *
     * @throws IOException if it cannot be written; what was there is then intact
     */
    public void save(Path file) throws IOException {
        begin();
        try {
            ModelFile.save(file, config, parameters);
        } finally {
            end();
        }
    }

    /** The configuration. */
    public ModelConfig config() {
        return config;
    }

    /** What computes it. */
    public Device device() {
        return device;
    }

    /** What its weights were rounded to when it was made. */
    public Precision precision() {
        return precision;
    }

    /** The graph; of an ensemble its first mask's. */
    public Graph graph() {
        return bound().graph();
    }

    /** How many graphs it has: the masks of an ensemble, else 1. */
    public int masks() {
        return bounds.size();
    }

    /** The names of the parameters. */
    public Set<String> parameterNames() {
        return parameters.names();
    }

    /** The number of scalars in all parameters. */
    public long parameterCount() {
        return parameters.count();
    }

    /** The shape of a parameter. */
    public int[] parameterShape(String name) {
        return parameters.shape(name);
    }

    /** A copy of a parameter's values, row-major. */
    public float[] parameter(String name) {
        begin();
        try {
            MemorySegment values = parameters.get(name);
            return values.toArray(ValueLayout.JAVA_FLOAT);
        } finally {
            end();
        }
    }

    /**
     * A digest of the configuration, of all values that count, and of whether inputs are rounded on the way: SHA-256. The same model has the same on every machine, wherever
     * its file came from.
     */
    public byte[] fingerprint() {
        begin();
        try {
            return Fingerprint.of(config, parameters, bound().roundsInputs());
        } finally {
            end();
        }
    }

    /**
     * The network's outputs at every position.
     *
     * @throws IllegalArgumentException if the examples are not of this model's kind, length or levels
     */
    public Outputs outputs(Examples examples) {
        return outputs(examples, Condition.none());
    }

    /** As {@link #outputs(Examples)}, under a condition, a row for each example. */
    public Outputs outputs(Examples examples, Condition condition) {
        begin();
        try (Evaluation evaluation = new Evaluation(this, examples, condition)) {
            return evaluation.outputs();
        } finally {
            end();
        }
    }

    /**
     * How the outputs of one place of the chain change with what the others hold, on random inputs.
     *
     * @param length of an example: the data's own, if they have one
     * @param place whose outputs are meant, in the order of the chain
     * @param inputs how many, at least 1
     * @param seed of the inputs
     */
    public Sensitivity sensitivity(int length, int place, int inputs, long seed) {
        if (length < 1 || place < 0 || place >= length || inputs < 1) {
            throw new IllegalArgumentException("sensitivity: found place " + place + " of " + length + " and " + inputs
                    + " inputs, expected one of them and at least 1");
        }
        begin();
        try {
            return Sensitivity.of(this, length, place, inputs, seed);
        } finally {
            end();
        }
    }

    /**
     * {@code -ln p(x)} of each example. Long sequences are taken window by window, with the same bits, so that memory does not
     * grow with their length.
     *
     * @throws IllegalArgumentException if the examples are not of this model's kind, length or levels
     */
    public Likelihood logLikelihood(Examples examples) {
        return logLikelihood(examples, Condition.none());
    }

    /** As {@link #logLikelihood(Examples)}, under a condition, a row for each example. */
    public Likelihood logLikelihood(Examples examples, Condition condition) {
        begin();
        try {
            int window = window(examples.length());
            return window < examples.length()
                    ? likelihoodByWindows(examples, condition, window)
                    : likelihoodAtOnce(examples, condition);
        } finally {
            end();
        }
    }

    /**
     * {@code -ln p} of some positions of each example, given those before them.
     *
     * @param scored ranges of one length
     * @throws IllegalArgumentException if examples are not of this model's kind or of fixed length, or the ranges differ in length
     */
    public Likelihood logLikelihood(Examples examples, Condition condition, Scored scored) {
        int positions = scored.length();
        begin();
        try (Evaluation evaluation = new Evaluation(this, examples, condition)) {
            return new Likelihood(evaluation.scored(scored).likelihood().nats(), positions);
        } finally {
            end();
        }
    }

    /**
     * {@code -ln p(x)} of each example, and {@code -ln p} of each of its positions given those before it. Long sequences are taken
     * window by window.
     *
     * @throws IllegalArgumentException if the examples are not of this model's kind, length or levels, the model is an ensemble of
     *     masks, or the positions are more than an array holds
     */
    public LikelihoodMap likelihoodMap(Examples examples, Condition condition) {
        begin();
        try {
            int window = window(examples.length());
            if (window < examples.length()) {
                try (LongLikelihood evaluation = new LongLikelihood(this, examples, condition, window)) {
                    return evaluation.map();
                }
            }
            try (Evaluation evaluation = new Evaluation(this, examples, condition)) {
                return evaluation.map();
            }
        } finally {
            end();
        }
    }

    /** Positions of which a likelihood is computed at once. */
    private int window(int length) {
        return LongLikelihood.window(this, length);
    }

    private Likelihood likelihoodAtOnce(Examples examples, Condition condition) {
        try (Evaluation evaluation = new Evaluation(this, examples, condition)) {
            return evaluation.likelihood();
        }
    }

    private Likelihood likelihoodByWindows(Examples examples, Condition condition, int window) {
        try (LongLikelihood evaluation = new LongLikelihood(this, examples, condition, window)) {
            return evaluation.likelihood();
        }
    }

    /**
     * A sampler of the calling thread. The caller closes it.
     *
     * @throws IllegalArgumentException if the length is none that the model's data can have
     */
    public Sampler sampler(SampleOptions options) {
        return sampler(options, Condition.none());
    }

    /** As {@link #sampler(SampleOptions)}, under a condition, a row for each sample. */
    public Sampler sampler(SampleOptions options, Condition condition) {
        return sampler(options, condition, Known.nothing());
    }

    /**
     * As {@link #sampler(SampleOptions, Condition)}, of samples of which some values are known: these are kept, and the others
     * drawn given all before them.
     *
     * @throws IllegalArgumentException if what is known is none of this model's data, or the model is an ensemble of masks
     */
    public Sampler sampler(SampleOptions options, Condition condition, Known known) {
        return sampler(options, condition, known, null);
    }

    /**
     * As {@link #sampler(SampleOptions, Condition, Known)}, with learned forecasts, where the method makes passes over these.
     *
     * @param forecast this model's, or null for what passes drew
     * @throws IllegalArgumentException also if they are another model's, or the method is none that takes them
     */
    public Sampler sampler(SampleOptions options, Condition condition, Known known, @Nullable Forecast forecast) {
        if (forecast != null) {
            if (!options.method().forecasts()) {
                throw new IllegalArgumentException("forecasts: found method "
                        + options.method().text() + ", expected one that makes passes over forecasts");
            }
            forecast.check(this);
        }
        begin();
        try {
            int own = config.data().length().orElse(0);
            int length = options.length() == 0 ? own : options.length();
            if (length == 0) {
                throw new IllegalArgumentException(
                        "length: " + config.data().kind() + " has no length of its own, say which");
            }
            if (own != 0 && length != own) {
                throw new IllegalArgumentException("length: found " + length + ", expected " + own);
            }
            condition.check(graph(), options.count(), length);
            known.check(config, masks(), options.count(), length);
            return new Sampler(this, options, condition, known, forecast, length);
        } finally {
            end();
        }
    }

    /**
     * What hands out the distributions of values, position by position, for some examples side by side; the calling thread's, which
     * closes it.
     *
     * @param count examples
     * @param length of each: the data's own, or any where they have none
     * @param condition a row for each
     * @throws IllegalArgumentException if the length is none that the model's data can have, or the model is an ensemble, whose
     *     values have a distribution only as the mean of its masks' over whole examples
     */
    public Conditionals conditionals(int count, int length, Condition condition) {
        begin();
        try {
            checkWalks("conditionals", count, length, condition);
            return new Conditionals(this, count, length, condition);
        } finally {
            end();
        }
    }

    /**
     * Demands that some examples can be gone through position by position.
     *
     * @param what wants to
     */
    void checkWalks(String what, int count, int length, Condition condition) {
        int own = config.data().length().orElse(length);
        if (length != own || length < 1 || count < 1) {
            throw new IllegalArgumentException(what + ": found " + count + " examples of " + length
                    + " positions, expected at least one of " + Math.max(1, own));
        }
        if (masks() > 1) {
            throw new IllegalArgumentException(
                    what + ": found an ensemble of " + masks() + " masks, expected a model of one");
        }
        condition.check(graph(), count, length);
    }

    /**
     * Measures what the model's time goes into.
     *
     * @param batch examples at once, at least 1
     * @param length positions of each: the data's own, or any where they have none
     * @param runs how often a batch is drawn and computed, at least 1; times are medians of these
     * @param condition a row for each example
     * @throws IllegalArgumentException if the length is none that the model's data can have
     */
    public Profile profile(int batch, int length, int runs, Condition condition) {
        device.requireCpu("profiles");
        int own = config.data().length().orElse(length);
        if (batch < 1 || runs < 1 || length < 1 || length != own) {
            throw new IllegalArgumentException("profile: found " + runs + " runs of " + batch + " examples of " + length
                    + " positions, expected at least one of one of " + Math.max(1, own));
        }
        begin();
        try {
            condition.check(graph(), batch, length);
            return new Profiling(this, batch, length, runs, condition).measure();
        } finally {
            end();
        }
    }

    /**
     * What draws streams, in the calling thread, which closes it.
     *
     * @throws IllegalArgumentException if the model is none of a sequence: images row by row, and layers of masked units, have their
     *     size
     */
    public StreamSampler streamSampler(StreamOptions options) {
        begin();
        try {
            return new StreamSampler(this, options);
        } finally {
            end();
        }
    }

    /**
     * Streams for subscribers of any thread, drawn by a thread of their own. The caller closes it.
     *
     * @throws IllegalArgumentException as {@link #streamSampler}
     */
    public StreamService streamService(StreamOptions options) {
        begin();
        try {
            return new StreamService(this, options);
        } finally {
            end();
        }
    }

    /** The step program's plan for samples of the data's own length, or of any where they have none. */
    public Plan plan() {
        return plan(config.data().length().orElse(Integer.MAX_VALUE));
    }

    /**
     * The step program's plan: what cached sampling computes at each position; of an ensemble for its first mask.
     *
     * @param positions of the longest sample
     */
    public Plan plan(int positions) {
        begin();
        try {
            return Programs.plan(bound(), positions);
        } finally {
            end();
        }
    }

    /**
     * A mask's program for samples of a length: the model's, or where taps reach farther back than that, one of the sampler's
     * own.
     */
    SamplingProgram program(int mask, int length, Arena samplers) {
        return compiled(mask, length, samplers).program();
    }

    /** The same, and how it passes known first positions. */
    Programs.Compiled compiled(int mask, int length, Arena samplers) {
        return programs.get(mask).program(length, samplers);
    }

    /** Whether threads share the steps of a sample that is drawn alone. */
    boolean shares(SamplingProgram program) {
        if (cuda != null || device.threads() == 1) {
            return false;
        }
        return switch (device.sharing()) {
            case APART -> false;
            case TOGETHER -> true;
            case AUTO -> program.stepTimes(context).sharingPays();
        };
    }

    /** What computes, for use between {@link #begin} and {@link #end}. */
    Context context() {
        return context;
    }

    /** The CUDA device that it is computed on, or null. */
    @Nullable
    CudaDevice cuda() {
        return cuda;
    }

    /** The graph with its weights; of an ensemble its first mask's. */
    BoundGraph bound() {
        return bounds.getFirst();
    }

    /** The graphs with their weights, one for each mask. */
    List<BoundGraph> bounds() {
        return bounds;
    }

    /** Maps from evaluation to evaluation. */
    KeptPasses kept() {
        return kept;
    }

    NativeDistribution distribution() {
        return bound().distribution();
    }

    void begin() {
        lifetime.begin();
    }

    void end() {
        lifetime.end();
    }

    /** Gives the memory back as soon as no call is under way; a second time does nothing. */
    @Override
    public void close() {
        lifetime.close();
    }
}
