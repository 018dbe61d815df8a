package dev.gatun.graph;

/** A graph whose outputs depend on their own position or a later one: not an autoregressive model. */
public final class LeakException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    LeakException(String message) {
        super(message);
    }
}
