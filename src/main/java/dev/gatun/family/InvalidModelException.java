package dev.gatun.family;

import java.io.Serial;

/**
 * A configuration, or a tensor of a model, that the model format does not allow. The message begins with the path of the
 * key ({@code data.levels}) or the name of the tensor, then says what was found and what was expected.
 */
public final class InvalidModelException extends IllegalArgumentException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** A refusal with this message. */
    public InvalidModelException(String message) {
        super(message);
    }

    static InvalidModelException of(String path, String found, String expected) {
        return new InvalidModelException(path + ": found " + found + ", expected " + expected);
    }
}
