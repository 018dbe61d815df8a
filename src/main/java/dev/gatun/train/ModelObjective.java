package dev.gatun.train;

import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.TrainingPass;
import dev.gatun.file.Json;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** A model's mean negative log-likelihood on a training and a validation set. Belongs to the thread that made it. */
public final class ModelObjective implements Objective, AutoCloseable {
    private final Model model;
    private final TrainingPass pass;
    private final ExampleSet training;
    private final @Nullable ExampleSet validation;
    private final int batch;

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
        if (training.count() < 1) {
            throw new IllegalArgumentException("training examples: found 0, expected at least 1");
        }
        this.model = model;
        this.training = training;
        this.validation = validation;
        this.batch = batch;
        this.pass = new TrainingPass(model, batch);
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
        return training.length();
    }

    @Override
    public SequencedMap<String, String> identity() {
        SequencedMap<String, String> identity = new LinkedHashMap<>();
        identity.put("configuration", Json.write(model.config().toJson()));
        // The parts of a batch are summed one after the other, so their size is in the gradient's bits.
        identity.put("examples at once", Integer.toString(batch));
        identity.put("training data", fingerprint(training));
        identity.put("validation data", validation == null ? "none" : fingerprint(validation));
        return identity;
    }

    private static String fingerprint(ExampleSet set) {
        Examples examples = set.examples();
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            ByteBuffer row = ByteBuffer.allocate(Integer.BYTES * Math.max(1, examples.length()));
            digest.update((examples.count() + " x " + examples.length()).getBytes(StandardCharsets.US_ASCII));
            int[] levels = new int[examples.real() ? 0 : examples.length()];
            for (int n = 0; n < examples.count(); n++) {
                row.clear();
                if (examples.real()) {
                    row.asFloatBuffer().put(examples.reals(), n * examples.length(), examples.length());
                } else {
                    examples.copyLevels(n, levels, 0);
                    row.asIntBuffer().put(levels);
                }
                digest.update(row);
            }
            if (set.condition().rows() > 0) {
                digest.update(set.condition().fingerprint());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    @Override
    public double lossAndGradient(int[] examples, long step) {
        return pass.lossAndGradient(training.examples(), training.condition(), examples);
    }

    @Override
    public double validationLoss() {
        if (validation == null || validation.count() == 0) {
            throw new IllegalStateException("there are no validation examples");
        }
        return pass.loss(validation.examples(), validation.condition());
    }

    /** A model of the parameters as they are now, computed by the same device. The caller closes it. */
    public Model trained() {
        return pass.model(model.device());
    }

    /** Gives the memory back; a second time does nothing. */
    @Override
    public void close() {
        pass.close();
    }
}
