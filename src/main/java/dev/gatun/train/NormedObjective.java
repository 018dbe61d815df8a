package dev.gatun.train;

import dev.gatun.Model;
import dev.gatun.family.ModelConfig;
import dev.gatun.family.ParameterSpec;
import dev.gatun.tensor.Normed;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * An objective in the lengths and directions of its layers' weights (weight normalisation, Salimans and Kingma 2016): what is
 * trained, averaged and kept in a state file are these; models are made of the weights. Belongs to the thread that made it.
 */
public final class NormedObjective implements TrainedObjective {
    private final ModelObjective objective;
    private final Arena arena = Arena.ofConfined();
    private final WeightNorm norm;

    /**
     * Takes an objective's parameters as they are.
     *
     * @param objective of the model; {@link #close} closes it
     * @throws IllegalArgumentException if the model has no layers whose weights can be normalised
     */
    public NormedObjective(ModelObjective objective) {
        this.objective = objective;
        SequencedMap<String, Normed> normed = normed(objective.config());
        if (normed.isEmpty()) {
            throw new IllegalArgumentException(
                    "weight normalisation: '" + objective.config().architecture() + "' has no layers");
        }
        norm = new WeightNorm(objective.parameters(), objective.gradient(), normed, arena);
    }

    /** The weights of a configuration's layers. */
    static SequencedMap<String, Normed> normed(ModelConfig config) {
        SequencedMap<String, Normed> normed = new LinkedHashMap<>();
        for (ParameterSpec spec : config.family().layout(config).specs()) {
            Normed how = spec.normed();
            if (how != null) {
                normed.put(spec.name(), how);
            }
        }
        return normed;
    }

    /**
     * Data-dependent initialisation: gives layers the scales and biases with which their outputs over some training examples have
     * mean 0 and the deviation that the family asks for, each behind those before it. A layer that is computed in parts, or has
     * other parameters beside weight and bias, keeps its own.
     *
     * @param count examples, at least one: the first ones of a run with that seed, as many as there are and are computed at once
     */
    public void initialise(int count, long seed) {
        int[] order = Shuffle.order(trainingExamples(), seed, 0);
        norm.fold();
        objective.standardise(normed(objective.config()), Arrays.copyOf(order, Math.min(count, order.length)));
        norm.takeScales();
    }

    @Override
    public Parameters parameters() {
        return norm.parameters();
    }

    @Override
    public MemorySegment gradient() {
        return norm.gradient();
    }

    @Override
    public int trainingExamples() {
        return objective.trainingExamples();
    }

    @Override
    public int validationExamples() {
        return objective.validationExamples();
    }

    @Override
    public int dimensions() {
        return objective.dimensions();
    }

    @Override
    public SequencedMap<String, String> identity() {
        SequencedMap<String, String> identity = objective.identity();
        identity.put("weights", "normalised");
        return identity;
    }

    @Override
    public double lossAndGradient(int[] examples, long step) {
        norm.fold();
        double loss = objective.lossAndGradient(examples, step);
        norm.spread(objective.gradient());
        return loss;
    }

    @Override
    public double validationLoss() {
        norm.fold();
        return objective.validationLoss();
    }

    @Override
    public long mapBytes() {
        return objective.mapBytes();
    }

    @Override
    public List<String> productChoices() {
        return objective.productChoices();
    }

    @Override
    public Model trained() {
        norm.fold();
        return objective.trained();
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            objective.close();
            arena.close();
        }
    }
}
