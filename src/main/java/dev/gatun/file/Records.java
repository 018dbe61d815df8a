package dev.gatun.file;

import java.io.IOException;
import java.nio.file.Path;

/** Reads files that are records of one size, one after the other, and nothing else. Plain or gzip. */
public final class Records {
    private Records() {}

    /**
     * Reads a file.
     *
     * @param bytes of a record
     * @param sink takes each record
     * @return how many there are, at least 1
     * @throws FormatException if the file is empty or ends within a record
     * @throws IOException if it cannot be read
     */
    public static long read(Path file, int bytes, RowSink sink) throws IOException {
        byte[] record = new byte[bytes];
        try (Unpacked in = Unpacked.open(file)) {
            while (true) {
                int got = in.read(record);
                if (got == 0 && in.position() > 0) {
                    return in.position() / bytes;
                }
                if (got < bytes) {
                    throw new FormatException(
                            file, "has " + in.position() + " bytes, expected records of " + bytes + " bytes");
                }
                sink.row(record);
            }
        }
    }
}
