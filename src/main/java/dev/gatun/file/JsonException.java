package dev.gatun.file;

/**
 * A text is not the JSON that was expected. The message says what and where, but names no file: the caller knows it.
 */
public final class JsonException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    JsonException(String problem) {
        super(problem);
    }

    JsonException(String problem, Throwable cause) {
        super(problem, cause);
    }
}
