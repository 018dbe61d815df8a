package dev.gatun.family;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The golden cases among the test resources. */
final class Golden {
    private Golden() {}

    static Path root() {
        try {
            return Path.of(Objects.requireNonNull(Golden.class.getResource("/golden"), "golden cases are missing")
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The directories with a model and what it computes. */
    static List<Path> cases() {
        return list(root(), path -> Files.exists(path.resolve("model.safetensors")));
    }

    /** The files that must be refused. */
    static List<Path> invalid() {
        return list(root().resolve("invalid"), path -> path.toString().endsWith(".safetensors"));
    }

    private static List<Path> list(Path directory, Predicate<Path> wanted) {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.filter(wanted).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
