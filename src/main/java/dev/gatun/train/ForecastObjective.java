package dev.gatun.train;

import dev.gatun.Forecast;
import dev.gatun.ForecastPass;
import dev.gatun.Model;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The mean negative log-likelihood of a model's forecasting heads, as {@link ForecastPass} has it, on a training and a validation
 * set. Belongs to the thread that made it.
 */
public final class ForecastObjective implements Objective, AutoCloseable {
    private static final int CHUNK = 256;

    private final ForecastPass pass;
    private final BatchSource training;
    private final @Nullable BatchSource validation;
    private final SequencedMap<String, String> identity = new LinkedHashMap<>();

    /**
     * An objective that starts from some heads' parameters, which it copies.
     *
     * @param model whose heads they are; not closed
     * @param training at least one example
     * @param validation examples of the same length, or null for none
     * @param batch examples that are computed at once at most; a resumed run needs the same
     * @param length of an example
     */
    public ForecastObjective(
            Model model,
            Forecast start,
            BatchSource training,
            @Nullable BatchSource validation,
            int batch,
            int length) {
        if (training.count() < 1) {
            throw new IllegalArgumentException("training examples: found 0, expected at least 1");
        }
        this.training = training;
        this.validation = validation;
        pass = new ForecastPass(model, start, batch, length);
        identity.put("model", HexFormat.of().formatHex(model.fingerprint()));
        identity.put("horizon", Integer.toString(start.horizon()));
        identity.put("parameters", Long.toString(start.parameterCount()));
        identity.put("examples at once", Integer.toString(batch));
        identity.put("training data", training.fingerprint());
        identity.put("validation data", validation == null ? "none" : validation.fingerprint());
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
        return identity;
    }

    @Override
    public double lossAndGradient(int[] examples, long step) {
        BatchSource.Batch taken = training.batch(examples, step);
        return pass.lossAndGradient(taken.examples(), taken.condition(), taken.chosen());
    }

    @Override
    public double validationLoss() {
        if (validation == null || validation.count() == 0) {
            throw new IllegalStateException("there are no validation examples");
        }
        return validation.mean(CHUNK, taken -> pass.loss(taken.examples(), taken.condition(), taken.chosen()));
    }

    /** The heads as they are now. */
    public Forecast trained() {
        return pass.trained();
    }

    /** Gives the memory back; a second time does nothing. */
    @Override
    public void close() {
        pass.close();
    }
}
