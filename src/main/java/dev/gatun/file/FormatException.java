package dev.gatun.file;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** A file's contents are not what its format demands. The message is {@code "<file>: <problem>"}. */
public final class FormatException extends IOException {
    private static final long serialVersionUID = 1;

    private final transient Path file;
    private final String problem;

    /**
     * Describes a defect of one file.
     *
     * @param file the file, as its reader was given it
     * @param problem what was found and what was expected, without the file's name
     */
    public FormatException(Path file, String problem) {
        super(file + ": " + problem);
        this.file = file;
        this.problem = problem;
    }

    FormatException(Path file, String problem, Throwable cause) {
        this(file, problem);
        initCause(cause);
    }

    /** The defective file; for a stream, a path made of the name that the stream was given. */
    public Path file() {
        return file;
    }

    /** What is wrong, without the file's name. */
    public String problem() {
        return problem;
    }

    /** A path for a stream's name, which may hold characters that no path can. */
    static Path nameOfStream(String name) {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            return Path.of(name.replaceAll("[^A-Za-z0-9._/ -]", "_"));
        }
    }
}
