package dev.gatun;

import org.jspecify.annotations.Nullable;

/** The thread that something belongs to, and where it was closed. */
final class Owner {
    private final String what;
    private final Thread thread = Thread.currentThread();
    private @Nullable Throwable closed;

    /** Makes the calling thread the owner of a thing of that name. */
    Owner(String what) {
        this.what = what;
    }

    /**
     * Demands that the owner calls, and has not closed it.
     *
     * @throws IllegalStateException saying which thread it belongs to, or with where it was closed as the cause
     */
    void check() {
        checkThread();
        if (closed != null) {
            throw new IllegalStateException("the " + what + " is closed; the cause says where", closed);
        }
    }

    /** Whether it was closed, to its owner alone. */
    boolean isClosed() {
        checkThread();
        return closed != null;
    }

    /** Closes it; whether it was open. */
    boolean close() {
        checkThread();
        if (closed != null) {
            return false;
        }
        closed = new Throwable("closed here");
        return true;
    }

    private void checkThread() {
        if (!Thread.currentThread().equals(thread)) {
            throw new IllegalStateException("a " + what + " of thread '" + thread.getName() + "' used by thread '"
                    + Thread.currentThread().getName() + "'; each thread makes its own");
        }
    }
}
