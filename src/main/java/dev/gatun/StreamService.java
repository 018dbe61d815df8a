package dev.gatun;

import java.util.Objects;
import java.util.concurrent.Flow;

/**
 * Streams of a model for subscribers: each subscription is a stream, which joins those on their way as soon as a place is free, is
 * drawn as far as its subscriber has requested chunks, stands still where it has not, and leaves at its end or when it is
 * cancelled, which is heard between two chunks. The others go on meanwhile.
 *
 * <p>May be used by any thread. All methods of all subscribers are called on one thread, that of this service: a subscriber that
 * takes its time holds all streams up. A chunk is good until {@code onNext} returns. What goes wrong comes as {@code onError}: frames
 * that {@linkplain FrameFeed#fail failed}, a start that cannot be, requests below 1, a model or service that was closed. A subscriber
 * that throws is cancelled, and what it threw given to the thread's handler of uncaught exceptions. Chunks allocate nothing,
 * but on a CUDA device.
 */
public final class StreamService implements AutoCloseable {
    private final Model model;
    private final StreamDriver driver;
    private final Thread thread;

    StreamService(Model model, StreamOptions options) {
        StreamSampler.checkModel(model);
        this.model = model;
        driver = new StreamDriver(model, options);
        thread = Thread.ofPlatform().daemon().name("gatun-streams").start(driver);
        driver.awaitStart();
    }

    /**
     * What publishes chunks of a stream, one to each subscriber from the start on. A start with a feed of frames serves one subscriber.
     *
     * @throws IllegalArgumentException if the start does not fit the model, saying what was found and expected
     */
    public Flow.Publisher<StreamChunk> publisher(StreamStart start) {
        StreamSampler.checkStart(model, start);
        return subscriber -> driver.add(start, Objects.requireNonNull(subscriber));
    }

    /**
     * Ends all streams: their subscribers have an {@code onError} with an {@link IllegalStateException}. Waits until the thread has
     * ended, unless a subscriber calls it. A second time does nothing.
     */
    @Override
    public void close() {
        driver.stop();
        if (Thread.currentThread().equals(thread)) {
            return;
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // the memory must be given back nevertheless
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
