package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams for subscribers: back-pressure, cancelling, errors, threads. */
@Timeout(60)
class StreamServiceTest {
    private static final int CHUNK = 6;

    static List<StreamCase> cases() throws IOException, URISyntaxException {
        return StreamCase.all();
    }

    /** Where streams are drawn. What they are to draw is always drawn by this machine's processor. */
    Device device() {
        return Device.cpu(1);
    }

    /** Keeps what it hears; requests nothing by itself. */
    private static class Listener implements Flow.Subscriber<StreamChunk> {
        private final List<Integer> bits = new ArrayList<>();
        private final Semaphore chunks = new Semaphore(0);
        private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
        private final CompletableFuture<String> end = new CompletableFuture<>();
        private final AtomicReference<@Nullable Thread> thread = new AtomicReference<>();

        @Override
        public void onSubscribe(Flow.Subscription given) {
            hear();
            assertThat(subscription.complete(given)).as("one subscription").isTrue();
        }

        @Override
        public void onNext(StreamChunk chunk) {
            hear();
            assertThat(end).as("nothing after the end").isNotDone();
            assertThat(chunk.size()).isBetween(1, CHUNK);
            synchronized (bits) {
                for (int i = 0; i < chunk.size(); i++) {
                    bits.add(StreamCase.bits(chunk, i));
                }
            }
            chunks.release();
        }

        @Override
        public void onError(Throwable failure) {
            hear();
            assertThat(end.completeExceptionally(failure)).as("one end").isTrue();
        }

        @Override
        public void onComplete() {
            hear();
            assertThat(end.complete("complete")).as("one end").isTrue();
        }

        private void hear() {
            Thread before = thread.getAndSet(Thread.currentThread());
            assertThat(before == null || before.equals(Thread.currentThread()))
                    .as("all on one thread")
                    .isTrue();
        }

        Flow.Subscription subscriptionNow() {
            return Objects.requireNonNull(subscription.getNow(null));
        }

        void request(long count) {
            subscription.join().request(count);
        }

        void awaitChunk() throws InterruptedException {
            assertThat(chunks.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
        }

        void awaitComplete() throws InterruptedException, ExecutionException, TimeoutException {
            assertThat(end.get(30, TimeUnit.SECONDS)).isEqualTo("complete");
        }

        Throwable awaitError() {
            try {
                end.get(30, TimeUnit.SECONDS);
                throw new AssertionError("completed, expected an error");
            } catch (ExecutionException e) {
                return Objects.requireNonNull(e.getCause());
            } catch (InterruptedException | TimeoutException e) {
                throw new AssertionError(e);
            }
        }

        int size() {
            synchronized (bits) {
                return bits.size();
            }
        }

        List<Integer> bits() {
            synchronized (bits) {
                return List.copyOf(bits);
            }
        }
    }

    private static Listener subscribe(StreamService service, StreamStart start) {
        Listener listener = new Listener();
        service.publisher(start).subscribe(listener);
        return listener;
    }

    private static List<Integer> alone(Model model, StreamStart start, int length) {
        return Arrays.stream(StreamCase.alone(model, start, length)).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void subscribersHaveWhatSamplersDraw(StreamCase golden) throws Exception {
        try (Model here = golden.open(Device.cpu(1));
                Model model = golden.open(device());
                StreamService service =
                        model.streamService(StreamOptions.places(3).withChunk(CHUNK))) {
            int length = StreamCase.length(model, 15);
            List<Listener> listeners = new ArrayList<>();
            List<StreamStart> starts = new ArrayList<>();
            for (int i = 0; i < 8; i++) { // more than there are places
                StreamStart start =
                        StreamStart.seed(i % 2).withSample(i).withLength(length).withCondition(golden.condition(i));
                starts.add(start);
                listeners.add(subscribe(service, start));
            }
            for (int i = 0; i < listeners.size(); i++) {
                listeners.get(i).request(i % 2 == 0 ? Long.MAX_VALUE : 1);
            }
            for (int i = 0; i < listeners.size(); i++) {
                Listener listener = listeners.get(i);
                while (i % 2 == 1 && listener.size() < length) {
                    listener.awaitChunk();
                    listener.request(1);
                }
                listener.awaitComplete();
                assertThat(listener.bits()).isEqualTo(alone(here, starts.get(i), length));
            }
        }
    }

    private Model text() throws IOException, URISyntaxException {
        return StreamCase.of("markov-text").open(device());
    }

    @Test
    void nothingComesThatWasNotRequested() throws Exception {
        try (Model model = text();
                StreamService service =
                        model.streamService(StreamOptions.places(2).withChunk(CHUNK))) {
            Listener slow = subscribe(service, StreamStart.seed(1));
            Listener quick = subscribe(service, StreamStart.seed(2));
            slow.request(2);
            slow.awaitChunk();
            slow.awaitChunk();
            quick.request(50);
            for (int i = 0; i < 50; i++) {
                quick.awaitChunk();
            }
            assertThat(slow.size()).isEqualTo(2 * CHUNK);
            assertThat(quick.size()).isEqualTo(50 * CHUNK);
            slow.request(1);
            slow.request(Long.MAX_VALUE - 1); // in all more than a long holds
            for (int i = 0; i < 20; i++) {
                slow.awaitChunk();
            }
            slow.subscription.join().cancel();
            int had = 22 * CHUNK;
            assertThat(slow.bits().subList(0, had)).isEqualTo(alone(model, StreamStart.seed(1), had));
            assertThat(quick.bits()).isEqualTo(alone(model, StreamStart.seed(2), 50 * CHUNK));
            assertThat(quick.end).isNotDone();
            assertThat(slow.end).as("cancelled: no end is told").isNotDone();
        }
    }

    @Test
    void whoCancelsGivesItsPlaceToWhoWaits() throws Exception {
        try (Model model = text();
                StreamService service =
                        model.streamService(StreamOptions.places(1).withChunk(CHUNK))) {
            Listener first = new Listener() {
                @Override
                public void onNext(StreamChunk chunk) {
                    super.onNext(chunk);
                    subscriptionNow().cancel();
                }
            };
            service.publisher(StreamStart.seed(1)).subscribe(first);
            Listener never = subscribe(service, StreamStart.seed(2));
            Listener third = subscribe(service, StreamStart.seed(3).withLength(20));
            third.request(10);
            never.request(10);
            never.subscription.join().cancel();
            assertThat(third.size()).isZero();
            first.request(100);
            third.awaitComplete();
            assertThat(first.size()).as("cancelled in its first chunk").isEqualTo(CHUNK);
            assertThat(never.size()).isZero();
            assertThat(third.bits()).isEqualTo(alone(model, StreamStart.seed(3), 20));
        }
    }

    @Test
    void whatGoesWrongIsTold() throws Exception {
        Model model = text();
        try (StreamService service = model.streamService(StreamOptions.places(2).withChunk(CHUNK))) {
            Listener greedy = subscribe(service, StreamStart.seed(1));
            greedy.request(0);
            assertThat(greedy.awaitError())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("request: found 0 chunks, expected at least 1");
            assertThatThrownBy(() -> service.publisher(StreamStart.seed(1).withCondition(Condition.ofClasses(1))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("found classes, but");
            Listener other = subscribe(service, StreamStart.seed(1));
            other.request(1);
            other.awaitChunk();
            model.close();
            other.request(1);
            assertThat(other.awaitError()).hasMessageContaining("the model is closed");
            Listener late = subscribe(service, StreamStart.seed(1));
            assertThat(late.awaitError()).hasMessageContaining("the model is closed");
        } finally {
            model.close();
        }
    }

    @Test
    void closingEndsAllStreams() throws Exception {
        try (Model model = text()) {
            StreamService service = model.streamService(StreamOptions.places(1).withChunk(CHUNK));
            Listener live = subscribe(service, StreamStart.seed(1));
            Listener waiting = subscribe(service, StreamStart.seed(1));
            live.request(1);
            live.awaitChunk();
            service.close();
            service.close();
            for (Listener listener : List.of(live, waiting, subscribe(service, StreamStart.seed(1)))) {
                assertThat(listener.awaitError())
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("the stream service is closed");
            }
            StreamService other = model.streamService(StreamOptions.places(1).withChunk(CHUNK));
            Listener closing = new Listener() {
                @Override
                public void onNext(StreamChunk chunk) {
                    super.onNext(chunk);
                    other.close();
                }
            };
            other.publisher(StreamStart.seed(1)).subscribe(closing);
            closing.request(9);
            assertThat(closing.awaitError()).hasMessage("the stream service is closed");
            other.close();
            assertThat(closing.size()).isEqualTo(CHUNK);
        }
    }

    @Test
    void subscribersThatThrowAreCancelled() throws Exception {
        try (Model model = text();
                StreamService service =
                        model.streamService(StreamOptions.places(1).withChunk(CHUNK))) {
            CompletableFuture<Throwable> uncaught = new CompletableFuture<>();
            Listener broken = new Listener() {
                @Override
                public void onNext(StreamChunk chunk) {
                    super.onNext(chunk);
                    Thread.currentThread().setUncaughtExceptionHandler((_, failure) -> uncaught.complete(failure));
                    throw new IllegalStateException("broken");
                }
            };
            service.publisher(StreamStart.seed(1)).subscribe(broken);
            Listener next = subscribe(service, StreamStart.seed(2).withLength(9));
            next.request(9);
            broken.request(9);
            next.awaitComplete();
            assertThat(uncaught.get(30, TimeUnit.SECONDS)).hasMessage("broken");
            assertThat(broken.size()).isEqualTo(CHUNK);
            assertThat(broken.end).isNotDone();
        }
    }

    @Test
    void framesComeFromAnotherThread() throws Exception {
        StreamCase golden = StreamCase.of("wavenet-conditions");
        Condition row = golden.condition(1);
        Condition label = Condition.ofClasses(row.label(0));
        float[] frames = Objects.requireNonNull(row.frames());
        try (Model here = golden.open(Device.cpu(1));
                Model model = golden.open(device());
                StreamService service =
                        model.streamService(StreamOptions.places(2).withChunk(CHUNK))) {
            FrameFeed feed = new FrameFeed(3, 1);
            FrameFeed failing = new FrameFeed(3, 9);
            StreamStart start = StreamStart.seed(3).withCondition(label);
            Listener listener = subscribe(service, start.withFrames(feed));
            Listener second = subscribe(service, start.withFrames(feed));
            Listener unlucky = subscribe(service, start.withFrames(failing));
            assertThat(second.awaitError()).hasMessageContaining("a feed of another stream");
            listener.request(Long.MAX_VALUE);
            unlucky.request(1);
            for (int i = 0; i < row.frameCount(); i++) {
                float[] frame = Arrays.copyOfRange(frames, 3 * i, 3 * i + 3);
                feed.put(frame);
                failing.offer(frame);
            }
            feed.end();
            listener.awaitComplete();
            assertThat(listener.bits()).isEqualTo(alone(here, start.withCondition(row), 5 * row.frameCount()));
            IOException failure = new IOException("the wire was cut");
            failing.fail(failure);
            assertThat(unlucky.awaitError()).isSameAs(failure);
        }
    }

    @Test
    void chunksAllocateNothing() throws Exception {
        assumeTrue(device().cuda() < 0, "calls of a device allocate");
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Model model = text();
                StreamService service =
                        model.streamService(StreamOptions.places(2).withChunk(CHUNK))) {
            CompletableFuture<Long> nothing = new CompletableFuture<>();
            Listener counting = new Listener() {
                private long before;
                private int heard;

                @Override
                public void onNext(StreamChunk chunk) {
                    long now = threads.getCurrentThreadAllocatedBytes();
                    if (++heard % 20 == 0) {
                        if (now == before || heard == 400_000) {
                            nothing.complete(now - before);
                            subscriptionNow().cancel();
                        }
                        before = threads.getCurrentThreadAllocatedBytes();
                    }
                    subscriptionNow().request(1);
                }
            };
            service.publisher(StreamStart.seed(1)).subscribe(counting);
            counting.request(1);
            assertThat(nothing.get(50, TimeUnit.SECONDS))
                    .as("bytes for 20 chunks")
                    .isZero();
        }
    }
}
