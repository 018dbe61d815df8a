package dev.gatun.train;

import dev.gatun.DeviceVectors;
import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.TrainingDraws;
import dev.gatun.TrainingPass;
import dev.gatun.family.ModelConfig;
import dev.gatun.file.Json;
import dev.gatun.tensor.Normed;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** A model's mean negative log-likelihood on a training and a validation set. Belongs to the thread that made it. */
public final class ModelObjective implements TrainedObjective {
    /** Examples that are taken at once to be validated, or the next multiple of what is computed at once. */
    private static final int CHUNK = 256;

    private final Model model;
    private final TrainingPass pass;
    private final BatchSource training;
    private final @Nullable BatchSource validation;
    private final int batch;
    private final TrainingDraws draws;

    /**
     * An objective that starts from a model's parameters, which it copies.
     *
     * @param model what to train; not closed
     * @param training the training set, at least one example
     * @param validation the validation set, or null for none
     * @param batch examples that are computed at once at most; a resumed run needs the same
     */
    public ModelObjective(Model model, Examples training, @Nullable Examples validation, int batch) {
        this(model, ExampleSet.of(training), validation == null ? null : ExampleSet.of(validation), batch);
    }

    /** As {@link #ModelObjective(Model, Examples, Examples, int)}, under conditions. */
    public ModelObjective(Model model, ExampleSet training, @Nullable ExampleSet validation, int batch) {
        this(model, ExampleSource.of(training), validation == null ? null : ExampleSource.of(validation), batch);
    }

    /** As {@link #ModelObjective(Model, Examples, Examples, int)}, of examples that are made for each step. */
    public ModelObjective(Model model, BatchSource training, @Nullable BatchSource validation, int batch) {
        this(model, training, validation, batch, TrainingDraws.NONE);
    }

    /**
     * As {@link #ModelObjective(Model, BatchSource, BatchSource, int)}, of steps that draw; validation draws nothing and takes all
     * of a model's masks.
     */
    public ModelObjective(
            Model model, BatchSource training, @Nullable BatchSource validation, int batch, TrainingDraws draws) {
        this(model, training, validation, batch, draws, false);
    }

    /**
     * As {@link #ModelObjective(Model, BatchSource, BatchSource, int, TrainingDraws)}, in less memory.
     *
     * @param recompute whether values are computed again for their gradients instead of kept, to the same bits: see {@link
     *     TrainingPass}
     */
    public ModelObjective(
            Model model,
            BatchSource training,
            @Nullable BatchSource validation,
            int batch,
            TrainingDraws draws,
            boolean recompute) {
        if (training.count() < 1) {
            throw new IllegalArgumentException("training examples: found 0, expected at least 1");
        }
        this.model = model;
        this.training = training;
        this.validation = validation;
        this.batch = batch;
        this.draws = draws;
        this.pass = new TrainingPass(model, batch, draws, recompute);
    }

    ModelConfig config() {
        return model.config();
    }

    /** Scales layers by their outputs over some training examples: see {@link NormedObjective#initialise}. */
    void standardise(Map<String, Normed> layers, int[] examples) {
        BatchSource.Batch taken = training.batch(examples, 0);
        pass.standardise(taken.examples(), taken.condition(), taken.chosen(), layers);
    }

    @Override
    public Parameters parameters() {
        return pass.parameters();
    }

    @Override
    public MemorySegment gradient() {
        return pass.gradient();
    }

    @Override
    public @Nullable DeviceVectors stay() {
        return pass.stay();
    }

    @Override
    public int trainingExamples() {
        return training.count();
    }

    @Override
    public int validationExamples() {
        return validation == null ? 0 : validation.count();
    }

    @Override
    public int dimensions() {
        return training.dimensions();
    }

    @Override
    public SequencedMap<String, String> identity() {
        SequencedMap<String, String> identity = new LinkedHashMap<>();
        identity.put("configuration", Json.write(model.config().toJson()));
        // The parts of a batch are summed one after the other, so their size is in the gradient's bits.
        identity.put("examples at once", Integer.toString(batch));
        if (!draws.equals(TrainingDraws.NONE)) {
            identity.put("draws", draws.toString());
        }
        identity.put("training data", training.fingerprint());
        identity.put("validation data", validation == null ? "none" : validation.fingerprint());
        return identity;
    }

    @Override
    public double lossAndGradient(int[] examples, long step) {
        BatchSource.Batch taken = training.batch(examples, step);
        return pass.lossAndGradient(taken.examples(), taken.condition(), taken.chosen(), taken.scored(), step);
    }

    @Override
    public double validationLoss() {
        if (validation == null || validation.count() == 0) {
            throw new IllegalStateException("there are no validation examples");
        }
        return validation.mean(
                Math.ceilDiv(CHUNK, batch) * batch,
                taken -> pass.loss(taken.examples(), taken.condition(), taken.chosen(), taken.scored()));
    }

    @Override
    public long mapBytes() {
        OptionalInt length = model.config().data().length();
        return length.isPresent() ? pass.mapBytes(length.getAsInt()) : 0;
    }

    @Override
    public List<String> productChoices() {
        return pass.productChoices();
    }

    @Override
    public Model trained() {
        return pass.model(model.device());
    }

    @Override
    public void close() {
        pass.close();
    }
}
