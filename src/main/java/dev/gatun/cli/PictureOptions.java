package dev.gatun.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How pictures are laid out. */
final class PictureOptions {
    @Option(
            names = "--columns",
            paramLabel = "N",
            description = "Pictures side by side in a .png; nearly square if not given.")
    private @Nullable Integer columns;

    @Option(
            names = "--scale",
            paramLabel = "N",
            description =
                    "Pixels of a .png for each of the model's, a side; such that it can be looked at if not given.")
    private @Nullable Integer scale;

    @Option(names = "--border", paramLabel = "N", description = "Pixels between pictures in a .png.")
    private @Nullable Integer border;

    /** The number of columns, 0 for as many as make it square. */
    int columns() {
        return columns == null ? 0 : atLeast("--columns", columns, 1);
    }

    int scaleOr(int fallback) {
        return scale == null ? fallback : atLeast("--scale", scale, 1);
    }

    int borderOr(int fallback) {
        return border == null ? fallback : atLeast("--border", border, 0);
    }

    private static int atLeast(String name, int value, int least) {
        if (value < least) {
            throw new UsageException(name + ": found " + value + ", expected at least " + least);
        }
        return value;
    }

    /** Refuses these options where no picture is written. */
    void refuse(String out) {
        String given = columns != null ? "--columns" : scale != null ? "--scale" : border != null ? "--border" : null;
        if (given != null) {
            throw new UsageException(given + ": is for .png files, and --out is " + out);
        }
    }
}
