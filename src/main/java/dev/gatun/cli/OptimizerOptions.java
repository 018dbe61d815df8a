package dev.gatun.cli;

import dev.gatun.train.Optimizer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The optimiser and its settings. A setting that the optimiser does not have is an error. */
final class OptimizerOptions {
    /** The optimisers by name. */
    enum Kind {
        SGD,
        RMSPROP,
        ADAM,
        ADAMAX
    }

    @Option(
            names = "--optimizer",
            paramLabel = "O",
            defaultValue = "adamax",
            description = "sgd, rmsprop, adam or adamax (${DEFAULT-VALUE}).")
    private Kind kind = Kind.ADAMAX;

    @Option(
            names = "--learning-rate",
            paramLabel = "R",
            defaultValue = "0.001",
            description = "Learning rate that the schedule starts from (${DEFAULT-VALUE}).")
    private double learningRate;

    @Option(
            names = "--weight-decay",
            paramLabel = "W",
            defaultValue = "0",
            description = "Weight decay (${DEFAULT-VALUE}).")
    private double weightDecay;

    @Option(names = "--momentum", paramLabel = "M", description = "Momentum of sgd and rmsprop (0).")
    private @Nullable Double momentum;

    @Option(names = "--nesterov", description = "Nesterov's momentum in sgd.")
    private boolean nesterov;

    @Option(names = "--alpha", paramLabel = "A", description = "What rmsprop keeps of its running squares (0.99).")
    private @Nullable Double alpha;

    @Option(names = "--beta1", paramLabel = "B", description = "What adam and adamax keep of the running mean (0.9).")
    private @Nullable Double beta1;

    @Option(
            names = "--beta2",
            paramLabel = "B",
            description = "What adam and adamax keep of the running scale (0.999).")
    private @Nullable Double beta2;

    @Option(
            names = "--epsilon",
            paramLabel = "E",
            description = "Added to the scale in rmsprop, adam and adamax (1e-8).")
    private @Nullable Double epsilon;

    @Option(names = "--decoupled", description = "Decoupled weight decay in adam (AdamW).")
    private boolean decoupled;

    /** The optimiser. */
    Optimizer optimizer() {
        try {
            return switch (kind) {
                case SGD -> {
                    refuseAllBut(List.of("--momentum", "--nesterov"));
                    yield new Optimizer.Sgd(learningRate, or(momentum, 0), nesterov, weightDecay);
                }
                case RMSPROP -> {
                    refuseAllBut(List.of("--momentum", "--alpha", "--epsilon"));
                    yield new Optimizer.RmsProp(
                            learningRate, or(alpha, 0.99), or(epsilon, 1e-8), or(momentum, 0), weightDecay);
                }
                case ADAM -> {
                    refuseAllBut(List.of("--beta1", "--beta2", "--epsilon", "--decoupled"));
                    yield new Optimizer.Adam(
                            learningRate, or(beta1, 0.9), or(beta2, 0.999), or(epsilon, 1e-8), weightDecay, decoupled);
                }
                case ADAMAX -> {
                    refuseAllBut(List.of("--beta1", "--beta2", "--epsilon"));
                    yield new Optimizer.Adamax(
                            learningRate, or(beta1, 0.9), or(beta2, 0.999), or(epsilon, 1e-8), weightDecay);
                }
            };
        } catch (IllegalArgumentException e) {
            throw new UsageException("the optimizer's " + e.getMessage());
        }
    }

    private static double or(@Nullable Double given, double fallback) {
        return given == null ? fallback : given;
    }

    private void refuseAllBut(List<String> allowed) {
        refuse("--momentum", momentum != null, allowed);
        refuse("--nesterov", nesterov, allowed);
        refuse("--alpha", alpha != null, allowed);
        refuse("--beta1", beta1 != null, allowed);
        refuse("--beta2", beta2 != null, allowed);
        refuse("--epsilon", epsilon != null, allowed);
        refuse("--decoupled", decoupled, allowed);
    }

    private void refuse(String option, boolean given, List<String> allowed) {
        if (given && !allowed.contains(option)) {
            throw new UsageException(option + ": is none of the settings of "
                    + kind.name().toLowerCase(java.util.Locale.ROOT) + ", which are --learning-rate, --weight-decay, "
                    + String.join(", ", allowed));
        }
    }
}
