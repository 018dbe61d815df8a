package dev.gatun.train;

import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.SequencedMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Logistic regression of noisy labels on {@value #FEATURES} features, in plain Java: an objective with a known
 * gradient.
 */
final class Regression implements Objective {
    static final int FEATURES = 5;

    private final Parameters parameters;
    private final MemorySegment gradient;
    private final double[][] features;
    private final int[] labels;
    private final int training;
    private final int validation;

    /** What training asked for, in order. */
    final List<int[]> batches = new ArrayList<>();
    /** The step (from 0) whose loss is not finite, or -1. */
    long badLossAt = -1;
    /** The step whose gradient is not finite, or -1. */
    long badGradientAt = -1;
    /** Which validation (from 0) is not finite, or -1. */
    int badValidationAt = -1;
    /** Validation losses to give in place of the true ones. */
    double[] validationLosses = {};

    /** How long a step takes at least. */
    long stepMillis;

    int validations;
    String fingerprint = "data 1";

    Regression(int training, int validation) {
        this.training = training;
        this.validation = validation;
        SequencedMap<String, int[]> shapes = new LinkedHashMap<>();
        shapes.put("weight", new int[] {1, FEATURES});
        shapes.put("bias", new int[] {1});
        parameters = new Parameters(shapes, Arena.ofAuto());
        gradient = Arena.ofAuto().allocate(parameters.all().byteSize(), 64);
        features = new double[training + validation][FEATURES];
        labels = new int[training + validation];
        Random random = new Random(1);
        for (int n = 0; n < labels.length; n++) {
            double z = 0.3;
            for (int f = 0; f < FEATURES; f++) {
                features[n][f] = random.nextGaussian();
                z += (f - 2) * features[n][f];
            }
            labels[n] = random.nextDouble() < 1 / (1 + Math.exp(-z)) ? 1 : 0;
        }
        for (int f = 0; f < FEATURES; f++) {
            parameters.get("weight").setAtIndex(ValueLayout.JAVA_FLOAT, f, (float) random.nextGaussian());
        }
    }

    @Override
    public Parameters parameters() {
        return parameters;
    }

    @Override
    public MemorySegment gradient() {
        return gradient;
    }

    @Override
    public int trainingExamples() {
        return training;
    }

    @Override
    public int validationExamples() {
        return validation;
    }

    @Override
    public int dimensions() {
        return 1;
    }

    @Override
    public SequencedMap<String, String> identity() {
        SequencedMap<String, String> identity = new LinkedHashMap<>();
        identity.put("data", fingerprint);
        return identity;
    }

    @Override
    public double lossAndGradient(int[] examples, long step) {
        batches.add(examples);
        if (stepMillis > 0) {
            LockSupport.parkNanos(stepMillis * 1_000_000);
        }
        gradient.fill((byte) 0);
        double loss = 0;
        for (int n : examples) {
            double z = logit(n);
            loss += softplus(labels[n] == 1 ? -z : z) / examples.length;
            double dz = (1 / (1 + Math.exp(-z)) - labels[n]) / examples.length;
            for (int f = 0; f < FEATURES; f++) {
                add(parameters.offset("weight") + f, dz * features[n][f]);
            }
            add(parameters.offset("bias"), dz);
        }
        if (step == badGradientAt) {
            add(parameters.offset("bias"), Double.POSITIVE_INFINITY);
        }
        return step == badLossAt ? Double.NaN : loss;
    }

    @Override
    public double validationLoss() {
        int now = validations++;
        if (now == badValidationAt) {
            return Double.POSITIVE_INFINITY;
        }
        if (now < validationLosses.length) {
            return validationLosses[now];
        }
        double loss = 0;
        for (int n = training; n < labels.length; n++) {
            loss += softplus(labels[n] == 1 ? -logit(n) : logit(n));
        }
        return loss / validation;
    }

    private void add(long index, double value) {
        float sum = gradient.getAtIndex(ValueLayout.JAVA_FLOAT, index) + (float) value;
        gradient.setAtIndex(ValueLayout.JAVA_FLOAT, index, sum);
    }

    private double logit(int n) {
        double z = parameters.get("bias").getAtIndex(ValueLayout.JAVA_FLOAT, 0);
        for (int f = 0; f < FEATURES; f++) {
            z += parameters.get("weight").getAtIndex(ValueLayout.JAVA_FLOAT, f) * features[n][f];
        }
        return z;
    }

    private static double softplus(double z) {
        return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
    }

    /** The bits of all parameters. */
    int[] bits() {
        return parameters.all().toArray(ValueLayout.JAVA_INT);
    }

    float[] values() {
        return parameters.all().toArray(ValueLayout.JAVA_FLOAT);
    }
}
