package dev.gatun;

import dev.gatun.family.Distributions;
import dev.gatun.family.Families;
import dev.gatun.family.ModelConfig;
import dev.gatun.family.OrderedFamily;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.CudaDevice;
import dev.gatun.foreign.CudaMemory;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.graph.BoundGraph;
import dev.gatun.graph.Graph;
import dev.gatun.graph.PassKind;
import dev.gatun.tensor.Normed;
import dev.gatun.tensor.Parameters;
import dev.gatun.tensor.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A model while it is trained: parameters that change, the mean negative log-likelihood of batches, its gradient. Belongs to
 * the thread that made it: calls on other threads are an {@link IllegalStateException}, and so are calls after {@link #close}.
 * Gradients have the same bits on any number of threads.
 */
public final class TrainingPass implements AutoCloseable {
    /** Lengths whose maps are kept: those of training and validation. */
    private static final int LENGTHS = 2;

    /** Where a part's number stands above the step's. */
    private static final int PART_SHIFT = 40;

    private final Owner owner = new Owner("training pass");
    private final ModelConfig config;
    private final Context context;
    /** Of steps; the same but for the products that it may have of another library. */
    private final Context training;

    private int choices;
    /** The device's memory with the parameters and the gradient, or null where this machine's processor computes. */
    private final @Nullable CudaMemory memory;

    /** Whether that is ahead of this machine's. */
    private boolean staying;

    private final Arena arena = Arena.ofConfined();
    private final Parameters parameters;
    private final MemorySegment gradient;
    private final List<BoundGraph> bounds;
    private final int batch;
    private final double[] nats;
    private long drawn = -1;
    private final TrainingDraws draws;
    private final PassKind kind;
    /** The least recently used first. */
    private final LinkedHashMap<Integer, Batch> byLength = new LinkedHashMap<>(4, 0.75f, true);

    private final Set<Examples> checked = Collections.newSetFromMap(new WeakHashMap<>());

    /** The maps for examples of one length. */
    private record Batch(Arena arena, MaskPasses passes) {}

    /**
     * A copy of a model's parameters to work on.
     *
     * @param batch examples that are computed at once at most; larger ones are taken in parts
     */
    public TrainingPass(Model model, int batch) {
        this(model, batch, TrainingDraws.NONE);
    }

    /**
     * As {@link #TrainingPass(Model, int)}, of steps that draw.
     *
     * @throws IllegalArgumentException if a step is not to take all masks and the family has none, or the family has no place
     *     for dropout
     */
    public TrainingPass(Model model, int batch, TrainingDraws draws) {
        this(model, batch, draws, false);
    }

    /**
     * As {@link #TrainingPass(Model, int, TrainingDraws)}, in less memory.
     *
     * @param recompute whether values within parts of the model are computed again for their gradients instead of kept; results
     *     have the same bits
     * @throws IllegalArgumentException as there, or if the family has no such parts
     */
    public TrainingPass(Model model, int batch, TrainingDraws draws, boolean recompute) {
        this.draws = draws;
        kind = recompute ? PassKind.GRADIENTS_RECOMPUTED : PassKind.GRADIENTS;
        if (recompute && !model.graph().hasParts()) {
            throw new IllegalArgumentException(
                    "recompute: found family '" + model.config().architecture()
                            + "', expected one with parts to compute again, such as pixelcnn_pp");
        }
        if (batch < 1) {
            throw new IllegalArgumentException("batch: found " + batch + ", expected at least 1");
        }
        if (model.precision() != Precision.F32) {
            throw new IllegalArgumentException(
                    "training: found weights rounded to " + model.precision().text() + ", expected f32");
        }
        this.config = model.config();
        if (draws.masks() != MaskTraining.AVERAGE
                && !(config.family() instanceof OrderedFamily family && family.masked())) {
            throw new IllegalArgumentException("masks: found " + draws.masks() + " and family '" + config.architecture()
                    + "', which has none, expected one with masks, made");
        }
        this.batch = batch;
        nats = new double[batch];
        model.begin();
        context = model.device().context();
        Context steps = null;
        try {
            steps = model.device().trainingContext();
            training = steps;
            CudaDevice cuda = model.device().open(arena);
            parameters = model.bounds().getFirst().parameters().copy(arena);
            gradient = arena.allocate(parameters.all().byteSize(), 64);
            memory = cuda == null ? null : held(cuda);
            NativeDistribution distribution = Distributions.of(config, arena);
            bounds = Families.graphs(config, parameters.integers(), draws.dropout()).stream()
                    .map(graph -> new BoundGraph(context, arena, graph, parameters, distribution, true))
                    .toList();
        } catch (Throwable failure) {
            arena.close();
            context.close();
            if (steps != null) {
                steps.close();
            }
            throw failure;
        } finally {
            model.end();
        }
    }

    private CudaMemory held(CudaDevice cuda) {
        CudaMemory held = new CudaMemory(cuda, arena);
        held.hold(parameters.all());
        held.hold(gradient);
        return held;
    }

    /**
     * Leaves the parameters and the gradient on the device, until what comes back is closed: calls work with what lies there, and
     * what this machine has of them is of no meaning but for what is fetched. Close it before this.
     *
     * @return null where no device computes
     */
    public @Nullable DeviceVectors stay() {
        owner.check();
        if (memory == null) {
            return null;
        }
        return stay(memory);
    }

    /** The same of vectors over other memory, which is over this pass's. */
    DeviceVectors stay(CudaMemory over) {
        staying = true;
        return new DeviceVectors(over, () -> staying = false);
    }

    /** Whether the device's parameters and gradient are ahead of this machine's. */
    boolean isStaying() {
        return staying;
    }

    /** The device's memory with the parameters and the gradient, or null where no device computes. */
    @Nullable
    CudaMemory memory() {
        return memory;
    }

    /** The parameters, to be changed between calls. */
    public Parameters parameters() {
        owner.check();
        return parameters;
    }

    /** The gradient that {@link #lossAndGradient} wrote last, laid out as the parameters. */
    public MemorySegment gradient() {
        owner.check();
        return gradient;
    }

    /**
     * The mean of {@code -ln p} over some examples with the parameters as they are now, in nats, and its gradient.
     *
     * @param data examples of the model's kind
     * @param chosen numbers of examples, at least one
     * @throws IllegalArgumentException if the examples are not of the model's kind, length or levels, or one that is chosen is
     *     not there
     */
    public double lossAndGradient(Examples data, int[] chosen) {
        return lossAndGradient(data, Condition.none(), chosen);
    }

    /** As {@link #lossAndGradient(Examples, int[])}, under a condition, a row for each example of {@code data}. */
    public double lossAndGradient(Examples data, Condition condition, int[] chosen) {
        return lossAndGradient(data, condition, chosen, null, 0);
    }

    /**
     * As {@link #lossAndGradient(Examples, Condition, int[])}, by the masks of a step and of some positions.
     *
     * @param scored which positions of sequences count; the loss is then the mean over them, else null
     * @param step from 0
     */
    public double lossAndGradient(
            Examples data, Condition condition, int[] chosen, @Nullable Scored scored, long step) {
        check(data, condition, chosen);
        checkScored(data, chosen, scored);
        draw(step);
        if (!draws.masks().drawn()) {
            MaskPasses kept = maps(data.length()).passes;
            if (draws.masks() == MaskTraining.CYCLE) {
                kept.useOnly((int) (step % bounds.size()));
            }
            return mean(data, condition, chosen, scored, kept, true);
        }
        try (Arena own = Arena.ofConfined()) {
            return mean(data, condition, chosen, scored, drawn(own, data.length(), step), true);
        }
    }

    /** Chooses what operations draw from now on: for a step, or below 0 nothing. */
    void draw(long step) {
        drawn = step;
        drawPart(0);
    }

    /** The parts of a batch that is not computed at once have draws of their own. */
    private void drawPart(int part) {
        long step = drawn < 0 ? drawn : drawn + ((long) part << PART_SHIFT);
        bounds.forEach(bound -> bound.draw(draws.seed(), step));
    }

    private MaskPasses drawn(Arena own, int length, long step) {
        int mask = (int) (step % bounds.size());
        boolean reorder = draws.masks() == MaskTraining.RESAMPLE_ORDERS;
        Graph graph = Families.drawn(config, parameters.integers(), mask, reorder, draws.seed(), step);
        NativeDistribution distribution = bounds.getFirst().distribution();
        BoundGraph bound = new BoundGraph(context, own, graph, parameters, distribution, true);
        return new MaskPasses(config.data(), List.of(bound), own, batch, length, kind, passes(own));
    }

    /**
     * Scales the weights and sets the biases of layers so that their outputs over some examples have mean 0 and a deviation that is
     * given, layer by layer (data-dependent initialisation, Salimans and Kingma 2016). Layers that are computed in parts are left as
     * they are; of a model with several masks those of the first one count. This machine's processor computes it, of a model on a
     * device, too, whose parameters must not {@link #stay} there meanwhile.
     *
     * @param chosen numbers of examples, at least one; as many of the first of them as are computed at once count
     * @param layers the weights of layers by name
     */
    public void standardise(Examples data, Condition condition, int[] chosen, Map<String, Normed> layers) {
        check(data, condition, chosen);
        draw(-1);
        if (memory == null) {
            standardise(maps(data.length()).passes, data, condition, chosen, layers);
            return;
        }
        try (Arena own = Arena.ofConfined()) {
            // Packed weights of the processor's own, and maps.
            NativeDistribution distribution = bounds.getFirst().distribution();
            BoundGraph here = new BoundGraph(context, own, bounds.getFirst().graph(), parameters, distribution, true);
            MaskPasses passes = new MaskPasses(config.data(), List.of(here), own, batch, data.length(), kind, null);
            standardise(passes, data, condition, chosen, layers);
        }
    }

    private void standardise(
            MaskPasses passes, Examples data, Condition condition, int[] chosen, Map<String, Normed> layers) {
        passes.useOnly(0);
        passes.refresh(context, !staying);
        int count = Math.min(batch, chosen.length);
        passes.fill(context, data, condition, n -> chosen[n], count);
        passes.pass(0).standardise(context, layers);
        passes.useAll();
    }

    /** The mean of {@code -ln p} over all examples with the parameters as they are now, in nats. */
    public double loss(Examples data) {
        return loss(data, Condition.none());
    }

    /** As {@link #loss(Examples)}, under a condition, a row for each example. */
    public double loss(Examples data, Condition condition) {
        return loss(data, condition, IntStream.range(0, data.count()).toArray());
    }

    /** As {@link #loss(Examples, Condition)}, over some examples. */
    public double loss(Examples data, Condition condition, int[] chosen) {
        return loss(data, condition, chosen, null);
    }

    /** As {@link #loss(Examples, Condition, int[])}, the mean over some positions of sequences; null for whole examples. */
    public double loss(Examples data, Condition condition, int[] chosen, @Nullable Scored scored) {
        check(data, condition, chosen);
        checkScored(data, chosen, scored);
        draw(-1);
        MaskPasses all = maps(data.length()).passes;
        all.useAll();
        return mean(data, condition, chosen, scored, all, false);
    }

    private double mean(
            Examples data,
            Condition condition,
            int[] chosen,
            @Nullable Scored scored,
            MaskPasses passes,
            boolean gradients) {
        long counted = scored == null ? chosen.length : scored.positions(chosen);
        passes.scored(scored);
        passes.refresh(context, !staying);
        if (gradients) {
            passes.clearGradient(gradient);
        }
        double sum = 0;
        for (int first = 0; first < chosen.length; first += batch) {
            int count = Math.min(batch, chosen.length - first);
            drawPart(first / batch);
            sum += run(gradients ? training : context, data, condition, chosen, first, count, passes);
            if (gradients) {
                passes.gradient(training, 1f / counted, gradient);
            }
        }
        if (gradients) {
            if (!staying) {
                passes.fetchGradient(gradient);
            }
            choices = training.sayProductChoices(choices);
        }
        return sum / counted;
    }

    private void check(Examples data, Condition condition, int[] chosen) {
        owner.check();
        checkOnce(data);
        condition.check(bounds.getFirst().graph(), data.count(), data.length());
        checkChosen(chosen, data.count());
    }

    private void checkScored(Examples data, int[] chosen, @Nullable Scored scored) {
        if (scored == null) {
            return;
        }
        scored.check(config, data);
        if (scored.positions(chosen) == 0) {
            throw new IllegalArgumentException("scored: found no position, expected at least 1");
        }
    }

    private static void checkChosen(int[] chosen, int count) {
        if (chosen.length == 0) {
            throw new IllegalArgumentException("examples: found none, expected at least 1");
        }
        for (int i = 0; i < chosen.length; i++) {
            if (chosen[i] < 0 || chosen[i] >= count) {
                throw new IllegalArgumentException(
                        "chosen: found example " + chosen[i] + " at " + i + ", expected numbers from 0 below " + count);
            }
        }
    }

    private void checkOnce(Examples data) {
        if (!checked.contains(data)) {
            Batches.check(config.data(), data);
            checked.add(data);
        }
    }

    private double run(
            Context by, Examples data, Condition condition, int[] chosen, int first, int count, MaskPasses passes) {
        passes.fill(by, data, condition, n -> chosen[first + n], count);
        passes.run(by);
        passes.nats(by, count, nats, 0);
        double sum = 0;
        for (int n = 0; n < count; n++) {
            sum += nats[n];
        }
        return sum;
    }

    /** The maps for a length; those of the length that was not used for longest make room. */
    private Batch maps(int length) {
        Batch kept = byLength.get(length);
        if (kept != null) {
            return kept;
        }
        if (byLength.size() == LENGTHS) {
            byLength.pollFirstEntry().getValue().arena.close();
        }
        Batch made = allocate(length);
        byLength.put(length, made);
        return made;
    }

    /** Memory of the maps for examples of a length, which it takes. */
    public long mapBytes(int length) {
        owner.check();
        return maps(length).passes.bytes();
    }

    /** The lengths whose maps are in memory. */
    Set<Integer> keptLengths() {
        return Set.copyOf(byLength.keySet());
    }

    private Batch allocate(int length) {
        Arena own = Arena.ofConfined();
        try {
            MaskPasses passes = new MaskPasses(config.data(), bounds, own, batch, length, kind, passes(own));
            return new Batch(own, passes);
        } catch (Throwable failure) {
            own.close();
            throw failure;
        }
    }

    private @Nullable DevicePasses passes(Arena own) {
        return memory == null ? null : new DevicePasses(memory, own);
    }

    /** A model of the parameters as they are now. */
    public Model model(Device device) {
        owner.check();
        return Model.of(config, parameters, device);
    }

    ModelConfig config() {
        return config;
    }

    BoundGraph bound() {
        owner.check();
        return bounds.getFirst();
    }

    Context context() {
        return context;
    }

    /** What computes steps, likewise. */
    Context training() {
        return training;
    }

    /**
     * What computes the products of steps, a line a shape with what was measured, in the order in which they came up; none where
     * Gatun's kernels do.
     */
    public List<String> productChoices() {
        owner.check();
        return training.productChoices();
    }

    /** The part of the gradient that belongs to a parameter, copied. */
    public float[] gradient(String name) {
        owner.check();
        long offset = parameters.offset(name) * Float.BYTES;
        MemorySegment part = gradient.asSlice(offset, parameters.get(name).byteSize());
        return part.toArray(ValueLayout.JAVA_FLOAT);
    }

    /** Gives the memory back; a second time does nothing. */
    @Override
    public void close() {
        if (owner.close()) {
            byLength.values().forEach(maps -> maps.arena.close());
            byLength.clear();
            arena.close();
            training.close();
            context.close();
        }
    }
}
