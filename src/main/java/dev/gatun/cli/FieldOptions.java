package dev.gatun.cli;

import dev.gatun.family.DataSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whether and of which position a receptive field is drawn. */
final class FieldOptions {
    @Option(
            names = "--receptive-field",
            paramLabel = "OUT.png",
            description =
                    "Draw which pixels an output sees, by the footprints, and check it against gradients. Red: the"
                            + " position; blue to white: seen, the lighter the larger the gradient; orange: earlier, and not seen; black:"
                            + " later. Of images in colours a panel each for red, green and blue values.")
    private @Nullable String out;

    @Option(
            names = "--position",
            paramLabel = "R,C[,CH]",
            description =
                    "Of which output: row, column and channel, from 0; the last channel in the middle if not given.")
    private @Nullable String position;

    @Option(
            names = "--inputs",
            paramLabel = "N",
            defaultValue = "8",
            description = "Random inputs that gradients are taken at (${DEFAULT-VALUE}).")
    private int inputs;

    @Mixin
    private final ScaleOptions scale = new ScaleOptions();

    boolean given() {
        if (out == null && position != null) {
            throw new UsageException("--position: is for --receptive-field");
        }
        if (out == null) {
            scale.refuse("--receptive-field", "not given");
        }
        return out != null;
    }

    Path file() throws IOException {
        String name = String.valueOf(out);
        if (!name.toLowerCase(Locale.ROOT).endsWith(".png")) {
            throw new UsageException("--receptive-field: found '" + name + "', expected a file that ends in .png");
        }
        return SampleFiles.outFile(name);
    }

    int inputs() {
        return ScaleOptions.atLeast("--inputs", inputs, 1);
    }

    ScaleOptions scale() {
        return scale;
    }

    /** The position of the data, {@code (row * width + column) * channels + channel}. */
    int position(DataSpec.Image image) {
        if (position == null) {
            int pixel = image.height() / 2 * image.width() + image.width() / 2;
            return (pixel + 1) * image.channels() - 1;
        }
        int[] positions = Places.ofPixel(position, image);
        return positions[positions.length - 1];
    }
}
