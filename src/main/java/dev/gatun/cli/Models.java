package dev.gatun.cli;

import dev.gatun.Device;
import dev.gatun.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Finds models by what a user calls them: the name of a bundled one, or a file ({@code ./digits} for one of such a name).
 */
final class Models {
    private Models() {}

    static Model open(String name, Device device, PrecisionOptions rounded) throws IOException {
        if (Model.bundledNames().contains(name)) {
            return Model.bundled(name, device, rounded.precision());
        }
        Path file = Path.of(name);
        if (!Files.exists(file)) {
            throw new NoSuchFileException(
                    name, null, "no such file, and no bundled model of that name; there are " + Model.bundledNames());
        }
        return Model.load(file, device, rounded.precision());
    }
}
