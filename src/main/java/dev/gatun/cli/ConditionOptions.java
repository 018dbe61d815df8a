package dev.gatun.cli;

import dev.gatun.family.ModelConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Conditions, which some families take. None that this version computes does, and none is passed over in silence. */
final class ConditionOptions {
    @Option(
            names = "--condition",
            paramLabel = "C.npy",
            description = "Condition of each example, for models that take one.")
    private @Nullable String condition;

    @Option(names = "--local", paramLabel = "L.npy", description = "Local condition, for models that take one.")
    private @Nullable String local;

    @Option(names = "--global", paramLabel = "G.npy", description = "Global condition, for models that take one.")
    private @Nullable String global;

    /** Refuses what the model does not take. */
    void check(ModelConfig config) {
        refuse("--condition", condition, config);
        refuse("--local", local, config);
        refuse("--global", global, config);
    }

    private static void refuse(String option, @Nullable String given, ModelConfig config) {
        if (given != null) {
            throw new UsageException(
                    option + ": a model of the family " + config.architecture() + " takes no condition");
        }
    }
}
