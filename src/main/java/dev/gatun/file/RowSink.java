package dev.gatun.file;

import java.io.IOException;

/** Takes what a reader reads, a row at a time, so that a file larger than memory can be read. */
@FunctionalInterface
public interface RowSink {
    /**
     * Takes a row.
     *
     * @param values its bytes, valid until the call returns
     * @throws IOException if they cannot be kept; ends the reading
     */
    void row(byte[] values) throws IOException;
}
