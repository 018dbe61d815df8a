package dev.gatun;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The thread of a {@link StreamService}: takes subscriptions in, draws what they request, hands it to them. */
final class StreamDriver implements Runnable {
    private final Model model;
    private final StreamOptions options;
    private final CompletableFuture<Thread> started = new CompletableFuture<>();
    /** Those that came since this thread last looked; guarded by itself, and so is {@link #end}. */
    private final List<StreamSubscription> arrived = new ArrayList<>();

    private @Nullable Throwable end;
    private volatile boolean stopping;
    private final List<StreamSubscription> waiting = new ArrayList<>();
    private final List<StreamSubscription> live = new ArrayList<>();

    StreamDriver(Model model, StreamOptions options) {
        this.model = model;
        this.options = options;
    }

    /** Waits until streams can be drawn; throws what prevents it. */
    void awaitStart() {
        try {
            started.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    void stop() {
        stopping = true;
        wake();
    }

    void wake() {
        LockSupport.unpark(started.join());
    }

    /** Takes a subscription in; one that comes too late hears of it at once. */
    void add(StreamStart start, Flow.Subscriber<? super StreamChunk> subscriber) {
        StreamSubscription subscription = new StreamSubscription(this, start, subscriber);
        Throwable late;
        synchronized (arrived) {
            late = end;
            if (late == null) {
                arrived.add(subscription);
            }
        }
        if (late == null) {
            wake();
        } else {
            subscription.begin();
            subscription.fail(late);
        }
    }

    @Override
    public void run() {
        Throwable reason;
        try (StreamSampler sampler = model.streamSampler(options)) {
            started.complete(Thread.currentThread());
            while (!stopping) {
                admit(sampler);
                if (!move(sampler)) {
                    LockSupport.park(this);
                    // An interrupt is no message here, and would keep the thread from parking.
                    Thread.interrupted();
                }
            }
            reason = new IllegalStateException("the stream service is closed");
        } catch (Throwable failure) {
            started.completeExceptionally(failure);
            reason = failure;
        }
        finish(reason);
    }

    /** Has those that came take part as far as there are places. */
    private void admit(StreamSampler sampler) {
        int known = waiting.size();
        synchronized (arrived) {
            if (!arrived.isEmpty()) { // even nothing is copied through an array
                waiting.addAll(arrived);
                arrived.clear();
            }
        }
        for (int i = known; i < waiting.size(); i++) {
            waiting.get(i).begin();
        }
        for (int i = 0, free = waiting.isEmpty() ? 0 : sampler.free(); i < waiting.size(); ) {
            StreamSubscription next = waiting.get(i);
            if (next.isOver()) {
                waiting.remove(i);
            } else if (free > 0) {
                waiting.remove(i);
                if (next.join(sampler)) {
                    live.add(next);
                    free--;
                }
            } else {
                i++;
            }
        }
    }

    /** Draws a chunk of each stream that one is requested of; whether anything went on or somebody left. */
    private boolean move(StreamSampler sampler) {
        boolean moved = false;
        for (int i = live.size() - 1; i >= 0; i--) {
            if (live.get(i).isOver()) {
                live.remove(i).leave();
                moved = true;
            } else {
                live.get(i).prepare();
            }
        }
        moved |= sampler.advance(options.chunk()) > 0;
        for (int i = live.size() - 1; i >= 0; i--) {
            if (live.get(i).deliver()) {
                live.remove(i).leave();
                moved = true;
            }
        }
        return moved;
    }

    private void finish(Throwable reason) {
        synchronized (arrived) {
            end = reason;
            waiting.addAll(arrived);
            arrived.clear();
        }
        live.forEach(subscription -> subscription.fail(reason));
        for (StreamSubscription subscription : waiting) {
            subscription.begin();
            subscription.fail(Objects.requireNonNull(reason));
        }
    }
}
