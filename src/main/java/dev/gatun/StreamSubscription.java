package dev.gatun;

import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A subscriber and its stream. What is not of {@link Flow.Subscription} is for the driver's thread. */
final class StreamSubscription implements Flow.Subscription {
    private final StreamDriver driver;
    private final StreamStart start;
    private final Flow.Subscriber<? super StreamChunk> subscriber;
    private final AtomicLong requested = new AtomicLong();
    private volatile boolean cancelled;
    private volatile long refused = 1;
    private boolean begun;
    private @Nullable SampleStream stream;

    StreamSubscription(StreamDriver driver, StreamStart start, Flow.Subscriber<? super StreamChunk> subscriber) {
        this.driver = driver;
        this.start = start;
        this.subscriber = subscriber;
    }

    @Override
    public void request(long chunks) {
        if (chunks < 1) {
            refused = chunks;
        } else {
            requested.accumulateAndGet(chunks, (had, more) -> had + more < 0 ? Long.MAX_VALUE : had + more);
        }
        driver.wake();
    }

    @Override
    public void cancel() {
        cancelled = true;
        driver.wake();
    }

    /** Tells the subscriber, once. */
    void begin() {
        if (!begun) {
            begun = true;
            try {
                subscriber.onSubscribe(this);
            } catch (Throwable failure) {
                blame(failure);
            }
        }
    }

    /** Whether the subscriber wants no more, or has just been told that it gets none. */
    boolean isOver() {
        if (refused < 1) {
            fail(new IllegalArgumentException("request: found " + refused + " chunks, expected at least 1"));
        }
        return cancelled;
    }

    /** Makes it a stream; whether that could be. */
    boolean join(StreamSampler sampler) {
        try {
            stream = sampler.join(start);
        } catch (IllegalArgumentException | IllegalStateException failure) {
            fail(failure);
            return false;
        }
        if (start.frames() != null) {
            start.frames().listen(driver::wake);
        }
        return true;
    }

    void prepare() {
        stream().hold(requested.get() == 0);
    }

    /** Hands over what was drawn; whether that was all. */
    boolean deliver() {
        SampleStream own = stream();
        if (own.chunk().size() > 0 && !cancelled) {
            if (requested.get() != Long.MAX_VALUE) {
                requested.decrementAndGet();
            }
            try {
                subscriber.onNext(own.chunk());
            } catch (Throwable failure) {
                blame(failure);
            }
        }
        if (!own.ended() || cancelled) {
            return cancelled;
        }
        if (own.failure() == null) {
            complete();
        } else {
            fail(own.failure());
        }
        return true;
    }

    private void complete() {
        cancelled = true;
        try {
            subscriber.onComplete();
        } catch (Throwable failure) {
            blame(failure);
        }
    }

    /** Tells a subscriber that has not cancelled, the last that it hears. */
    void fail(Throwable reason) {
        if (cancelled) {
            return;
        }
        cancelled = true;
        try {
            subscriber.onError(reason);
        } catch (Throwable failure) {
            blame(failure);
        }
    }

    void leave() {
        stream().close();
    }

    private SampleStream stream() {
        return Objects.requireNonNull(stream);
    }

    /** A subscriber must not throw; one that does is cancelled, and the others go on. */
    private void blame(Throwable failure) {
        cancelled = true;
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
    }
}
