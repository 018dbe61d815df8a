package dev.gatun.train;

/**
 * An optimiser with its settings. Each does what {@code torch.optim}'s class of that name does. Weight decay is added
 * to the gradient, except where {@link Adam} has it decoupled.
 */
public sealed interface Optimizer {
    /** The learning rate that a {@link Schedule} starts from, above 0. */
    double learningRate();

    /** The weight decay, 0 for none. */
    double weightDecay();

    /**
     * Gradient descent: torch's SGD without dampening.
     *
     * @param learningRate above 0
     * @param momentum 0 (none) to below 1
     * @param nesterov Nesterov's momentum, which needs a momentum above 0
     * @param weightDecay 0 or more
     */
    record Sgd(double learningRate, double momentum, boolean nesterov, double weightDecay) implements Optimizer {
        /** Checks the settings. */
        public Sgd {
            Ranges.positive("learning rate", learningRate);
            Ranges.fraction("momentum", momentum);
            if (nesterov && momentum == 0) {
                throw new IllegalArgumentException("nesterov: found a momentum of 0, expected one above 0");
            }
            Ranges.notNegative("weight decay", weightDecay);
        }

        /** torch's defaults: no momentum, no weight decay. */
        public static Sgd of(double learningRate) {
            return new Sgd(learningRate, 0, false, 0);
        }
    }

    /**
     * RMSProp, not centred.
     *
     * @param learningRate above 0
     * @param alpha what the running squares keep, 0 to below 1
     * @param epsilon added to their root, above 0
     * @param momentum 0 (none) to below 1
     * @param weightDecay 0 or more
     */
    record RmsProp(double learningRate, double alpha, double epsilon, double momentum, double weightDecay)
            implements Optimizer {
        /** Checks the settings. */
        public RmsProp {
            Ranges.positive("learning rate", learningRate);
            Ranges.fraction("alpha", alpha);
            Ranges.epsilon(epsilon);
            Ranges.fraction("momentum", momentum);
            Ranges.notNegative("weight decay", weightDecay);
        }

        /** torch's defaults: alpha 0.99, epsilon 1e-8, no momentum, no weight decay. */
        public static RmsProp of(double learningRate) {
            return new RmsProp(learningRate, 0.99, 1e-8, 0, 0);
        }
    }

    /**
     * Adam, and with decoupled weight decay AdamW.
     *
     * @param learningRate above 0
     * @param beta1 what the running mean keeps, 0 to below 1
     * @param beta2 what the running squares keep, 0 to below 1
     * @param epsilon added to their root, above 0
     * @param weightDecay 0 or more
     * @param decoupled weight decay shrinks the parameters and does not enter the gradient
     */
    record Adam(double learningRate, double beta1, double beta2, double epsilon, double weightDecay, boolean decoupled)
            implements Optimizer {
        /** Checks the settings. */
        public Adam {
            Ranges.positive("learning rate", learningRate);
            Ranges.fraction("beta1", beta1);
            Ranges.fraction("beta2", beta2);
            Ranges.epsilon(epsilon);
            Ranges.notNegative("weight decay", weightDecay);
        }

        /** torch's defaults for Adam: betas 0.9 and 0.999, epsilon 1e-8, no weight decay. */
        public static Adam of(double learningRate) {
            return new Adam(learningRate, 0.9, 0.999, 1e-8, 0, false);
        }
    }

    /**
     * Adamax: Adam with the running largest gradient in place of the root of running squares.
     *
     * @param learningRate above 0
     * @param beta1 what the running mean keeps, 0 to below 1
     * @param beta2 what the running largest keeps, 0 to below 1
     * @param epsilon added to the size of a gradient, above 0
     * @param weightDecay 0 or more
     */
    record Adamax(double learningRate, double beta1, double beta2, double epsilon, double weightDecay)
            implements Optimizer {
        /** Checks the settings. */
        public Adamax {
            Ranges.positive("learning rate", learningRate);
            Ranges.fraction("beta1", beta1);
            Ranges.fraction("beta2", beta2);
            Ranges.epsilon(epsilon);
            Ranges.notNegative("weight decay", weightDecay);
        }

        /** torch's defaults: betas 0.9 and 0.999, epsilon 1e-8, no weight decay. */
        public static Adamax of(double learningRate) {
            return new Adamax(learningRate, 0.9, 0.999, 1e-8, 0);
        }
    }
}
