package dev.gatun.convert;

import dev.gatun.Device;
import dev.gatun.Model;
import dev.gatun.file.FormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Makes a model of the named arrays of a file that another program saved. */
public interface Converter {
    /** All converters. */
    static List<Converter> all() {
        return List.of(new CharRnn(), new UvaPixelCnn());
    }

    /**
     * The model in a file.
     *
     * @param file an {@code .npz} of a form that a converter knows by the names of its arrays
     * @throws FormatException if no converter knows the names, or a shape is another than the names ask for
     * @throws IOException if it cannot be read
     */
    static Model convert(Path file, Device device) throws IOException {
        try (NamedArrays arrays = NamedArrays.open(file)) {
            for (Converter converter : all()) {
                if (converter.takes(arrays)) {
                    return converter.convert(arrays, device);
                }
            }
            throw new FormatException(
                    file,
                    "has the arrays " + arrays.names() + ", which are those of no known form; known are "
                            + all().stream().map(Converter::form).toList());
        }
    }

    /** What it reads, in a few words. */
    String form();

    /** Whether the names of the arrays are those of this form. */
    boolean takes(NamedArrays arrays);

    /** The model. */
    Model convert(NamedArrays arrays, Device device) throws IOException;
}
