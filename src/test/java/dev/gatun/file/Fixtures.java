package dev.gatun.file;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What the tests of this package share. */
final class Fixtures {
    private Fixtures() {}

    /** A file of the test resources. */
    static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(Fixtures.class.getResource("/" + name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** A safetensors file made of a header's text and its data. */
    static Path safetensors(Path folder, String header, int dataBytes) throws IOException {
        return safetensors(folder, header.getBytes(StandardCharsets.UTF_8), dataBytes);
    }

    static Path safetensors(Path folder, byte[] header, int dataBytes) throws IOException {
        ByteBuffer file = ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(header.length).put(header);
        return Files.write(folder.resolve("made.safetensors"), file.array());
    }

    /** The names of the files in a folder, sorted. */
    static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
