package dev.gatun.data;

import dev.gatun.file.Checksum;
import dev.gatun.file.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file of a published set: what it must be, and where its publisher or a mirror has it.
 *
 * @param path its name, in the folder of data
 * @param size bytes
 * @param sha256 64 hexadecimal digits
 * @param url where it can be had; null if it is nowhere as it is
 */
public record PublishedFile(
        String path, long size, String sha256, @Nullable String url) {
    /**
     * Demands that a file is this one.
     *
     * @throws FormatException saying the size or checksum that was found and expected
     * @throws IOException if it cannot be read
     */
    public void verify(Path file) throws IOException {
        long found = Files.size(file);
        if (found != size) {
            throw new FormatException(file, "has " + found + " bytes, expected " + size);
        }
        String checksum = Checksum.sha256(file);
        if (!checksum.equals(sha256)) {
            throw new FormatException(file, "has the SHA-256 " + checksum + ", expected " + sha256);
        }
    }

    /** What it must be, in words. */
    public String describe() {
        return path + " (" + size + " bytes, SHA-256 " + sha256 + ")";
    }
}
