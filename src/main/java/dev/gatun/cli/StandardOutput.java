package dev.gatun.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** The process's standard output as bytes, whose reader may go before all is said. */
final class StandardOutput extends OutputStream {
    private static final String CLOSED = "Broken pipe";

    private final OutputStream out;

    /** Nobody reads any more. */
    static final class Closed extends IOException {
        private static final long serialVersionUID = 1;

        Closed(IOException cause) {
            super("nobody reads the standard output any more", cause);
        }
    }

    StandardOutput() {
        this(new FileOutputStream(FileDescriptor.out));
    }

    /** What stands for it. */
    StandardOutput(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        try {
            out.write(bytes, offset, count);
        } catch (IOException e) {
            // The system's words, which Java does not translate: there is nothing else to tell it by.
            if (CLOSED.equals(e.getMessage())) {
                throw new Closed(e);
            }
            throw e;
        }
    }
}
