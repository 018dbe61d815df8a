package dev.gatun.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How large pictures are. */
final class ScaleOptions {
    @Option(
            names = "--scale",
            paramLabel = "N",
            description =
                    "Pixels of a .png for each of the model's, a side; such that it can be looked at if not given.")
    private @Nullable Integer scale;

    @Option(names = "--border", paramLabel = "N", description = "Pixels between pictures in a .png.")
    private @Nullable Integer border;

    int scaleOr(int fallback) {
        return scale == null ? fallback : atLeast("--scale", scale, 1);
    }

    int borderOr(int fallback) {
        return border == null ? fallback : atLeast("--border", border, 0);
    }

    static int atLeast(String name, int value, int least) {
        if (value < least) {
            throw new UsageException(name + ": found " + value + ", expected at least " + least);
        }
        return value;
    }

    /** Refuses these options where no picture is written. */
    void refuse(String option, String file) {
        String given = scale != null ? "--scale" : border != null ? "--border" : null;
        if (given != null) {
            throw refusal(given, option, file);
        }
    }

    static UsageException refusal(String given, String option, String file) {
        return new UsageException(given + ": is for .png files, and " + option + " is " + file);
    }
}
