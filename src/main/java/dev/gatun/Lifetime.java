package dev.gatun;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * When native memory that several threads use may go: at the end of the last call that began before the owner closed it.
 */
final class Lifetime {
    private final String what;
    private final Runnable free;
    /** Calls under way, plus one while open. */
    private final AtomicInteger users = new AtomicInteger(1);

    private volatile @Nullable Throwable closed;

    Lifetime(String what, Runnable free) {
        this.what = what;
        this.free = free;
    }

    /**
     * Begins a call; {@link #end} ends it.
     *
     * @throws IllegalStateException if the owner has closed it
     */
    void begin() {
        for (int now = users.get(); ; now = users.get()) {
            if (closed != null || now == 0) {
                throw new IllegalStateException(what + " is closed; the cause says where", closed);
            }
            if (users.compareAndSet(now, now + 1)) {
                return;
            }
        }
    }

    void end() {
        if (users.decrementAndGet() == 0) {
            free.run();
        }
    }

    /** Closes it; a second time does nothing. */
    void close() {
        synchronized (this) {
            if (closed != null) {
                return;
            }
            closed = new Throwable("closed here");
        }
        end();
    }

    boolean isClosed() {
        return closed != null;
    }
}
