package dev.gatun.foreign;

import org.jspecify.annotations.Nullable;

/** The native library could not be found or loaded; the message says why and what to do. */
public final class NativeLibraryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NativeLibraryException(String message) {
        super(message);
    }

    NativeLibraryException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
