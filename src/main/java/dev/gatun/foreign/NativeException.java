package dev.gatun.foreign;

/** A failure that native code reported: no memory, no such instruction set, a failure of the operating system. */
public final class NativeException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public NativeException(String message) {
        super(message);
    }
}
