package dev.gatun.cli;

/** Options that do not fit together, or not to the model or the data. Its message is the line that the user sees. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }
}
