package dev.gatun.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How pictures are laid out. */
final class PictureOptions {
    @Option(
            names = "--columns",
            paramLabel = "N",
            description = "Pictures side by side in a .png; nearly square if not given.")
    private @Nullable Integer columns;

    @Mixin
    private final ScaleOptions scale = new ScaleOptions();

    int columnsOr(int fallback) {
        return columns == null ? fallback : ScaleOptions.atLeast("--columns", columns, 1);
    }

    ScaleOptions scale() {
        return scale;
    }

    /** Refuses these options where no picture is written. */
    void refuse(String out) {
        if (columns != null) {
            throw ScaleOptions.refusal("--columns", "--out", out);
        }
        scale.refuse("--out", out);
    }
}
