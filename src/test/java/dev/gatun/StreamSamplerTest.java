package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams that join, stand still and leave at any step draw what each would draw alone. */
class StreamSamplerTest {
    private static final int MOST = 40;
    private static final int CHUNK = 7;

    static List<StreamCase> cases() throws IOException, URISyntaxException {
        return StreamCase.all();
    }

    /** Where streams are drawn. What they are to draw is always drawn by this machine's processor, on one thread. */
    Device device(int threads) {
        return Device.cpu(threads);
    }

    /** A stream, what it is to draw, and what it has drawn. */
    private static final class Song {
        private final SampleStream stream;
        private final int[] expected;
        private final List<Integer> drawn = new ArrayList<>();
        private final int prefix;

        Song(StreamSampler streams, StreamStart start, int[] expected) {
            this.expected = expected;
            prefix = start.prefix() == null ? 0 : start.prefix().length();
            stream = streams.join(start);
        }

        void take() {
            StreamChunk chunk = stream.chunk();
            for (int i = 0; i < chunk.size(); i++) {
                assertThat(chunk.position() + i).isEqualTo(prefix + drawn.size());
                drawn.add(StreamCase.bits(chunk, i));
            }
            assertThat(stream.position()).isEqualTo(drawn.isEmpty() ? stream.position() : prefix + drawn.size());
        }

        void check() {
            assertThat(drawn)
                    .containsExactlyElementsOf(Arrays.stream(expected, prefix, prefix + drawn.size())
                            .boxed()
                            .toList());
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void eachDrawsWhatItWouldAlone(StreamCase golden) throws IOException {
        for (int threads = 1; threads <= 2; threads++) {
            Random random = new Random(threads);
            try (Model here = golden.open(Device.cpu(1));
                    Model model = golden.open(device(threads));
                    StreamSampler streams =
                            model.streamSampler(StreamOptions.places(5).withChunk(CHUNK))) {
                @Nullable Song[] songs = new Song[5];
                int ended = 0;
                for (int round = 0; round < 60; round++) {
                    for (int i = 0; i < songs.length; i++) {
                        Song song = songs[i];
                        if (song != null && (song.stream.ended() || random.nextInt(12) == 0)) {
                            song.check();
                            ended += song.stream.ended() ? 1 : 0;
                            song.stream.close();
                            songs[i] = null;
                        } else if (song != null) {
                            song.stream.hold(random.nextInt(4) == 0);
                        } else if (random.nextInt(3) == 0) {
                            songs[i] = someSong(golden, here, streams, random);
                        }
                    }
                    streams.advance(random.nextInt(CHUNK + 1));
                    Arrays.stream(songs).filter(Objects::nonNull).forEach(Song::take);
                }
                Arrays.stream(songs).filter(Objects::nonNull).forEach(Song::check);
                assertThat(ended).isPositive();
            }
        }
    }

    private static Song someSong(StreamCase golden, Model model, StreamSampler streams, Random random)
            throws IOException {
        int length = StreamCase.length(model, 1 + random.nextInt(MOST));
        StreamStart start = StreamStart.seed(random.nextInt(3))
                .withSample(random.nextInt(4))
                .withCondition(golden.condition(random.nextInt(9)));
        length = Math.min(length, framesReach(golden, length));
        int[] expected = StreamCase.alone(model, start, length);
        int prefix = random.nextInt(length + 1);
        start = start.withLength(length);
        if (random.nextBoolean() && prefix > 0) {
            start = start.withPrefix(StreamCase.example(model, expected, prefix));
        }
        return new Song(streams, start, expected);
    }

    /** As far as the recorded frames go. */
    private static int framesReach(StreamCase golden, int length) throws IOException {
        Condition row = golden.condition(0);
        return row.frames() == null ? length : Math.min(length, 5 * row.frameCount());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void afterAPrefixTheModelsOwnConditionalIsDrawn(StreamCase golden) throws IOException {
        Random random = new Random(3);
        try (Model here = golden.open(Device.cpu(1));
                Model model = golden.open(device(2));
                StreamSampler streams = model.streamSampler(
                        StreamOptions.places(1).withChunk(CHUNK).withMode(true))) {
            int length = framesReach(golden, StreamCase.length(model, MOST));
            int prefix = length / 2;
            Condition row = golden.condition(1);
            int[] bits = StreamCase.someBits(model, length, random);
            SampleStream stream = streams.join(StreamStart.seed(1)
                    .withLength(length)
                    .withPrefix(StreamCase.example(model, bits, prefix))
                    .withCondition(row));
            while (streams.advance(CHUNK) > 0) {
                for (int i = 0; i < stream.chunk().size(); i++) {
                    bits[(int) stream.chunk().position() + i] = StreamCase.bits(stream.chunk(), i);
                }
            }
            // Modes by whole passes over what is known: one position after the other.
            int[] again = bits.clone();
            Arrays.fill(again, prefix, length, 0);
            for (int position = prefix; position < length; position++) {
                again[position] = mode(here, again, row, position);
            }
            assertThat(again).containsExactly(bits);
        }
    }

    /** The mode of a position by a full pass, drawn by the distribution itself. */
    private static int mode(Model model, int[] bits, Condition row, int position) {
        try (FullMode pass = new FullMode(model, bits.length)) {
            return pass.mode(bits, row, position);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void framesAreTakenInAsTheyCome(StreamCase golden) throws IOException {
        Condition row = golden.condition(0);
        if (row.frames() == null) {
            return; // a model without a local condition
        }
        int hop = 5;
        float[] frames = Objects.requireNonNull(row.frames());
        try (Model here = golden.open(Device.cpu(1));
                Model model = golden.open(device(1));
                StreamSampler streams =
                        model.streamSampler(StreamOptions.places(2).withChunk(CHUNK))) {
            StreamStart start = StreamStart.seed(4).withSample(2).withCondition(row);
            int[] expected = StreamCase.alone(here, start, hop * row.frameCount());
            FrameFeed feed = new FrameFeed(row.channels(), 1);
            Condition label = Condition.ofClasses(row.label(0));
            Song live = new Song(streams, start.withCondition(label).withFrames(feed), expected);
            Song known = new Song(streams, start, expected);
            for (int given = 0; given < row.frameCount(); ) {
                int from = given * row.channels();
                given += feed.offer(Arrays.copyOfRange(frames, from, from + row.channels())) ? 1 : 0;
                streams.advance(CHUNK);
                live.take();
                known.take();
                assertThat(live.stream.position()).isLessThanOrEqualTo((long) given * hop);
                assertThat(live.stream.ended()).isFalse();
            }
            feed.end();
            while (streams.advance(CHUNK) > 0) {
                live.take();
                known.take();
            }
            assertThat(live.drawn).hasSize(expected.length);
            assertThat(known.drawn).hasSize(expected.length);
            live.check();
            known.check();
            assertThat(live.stream.ended()).isTrue();
            assertThat(known.stream.ended()).as("at the end of the frames").isTrue();
            assertThatThrownBy(() -> feed.offer(new float[row.channels()])).hasMessageContaining("after the end");
        }
    }

    private static ModelConfig config(DataSpec data) {
        return new ModelConfig(
                "causal_conv_arm",
                data,
                InputEncoding.SCALED,
                DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                Map.of("channels", List.of(20L, 9L), "kernel_size", 3L, "dilations", List.of(1L, 2L, 30L)));
    }

    @Test
    void streamsMayBeLongerThanTheData() {
        StreamStart start = StreamStart.seed(2).withSample(1);
        try (Model model = Model.create(config(new DataSpec.Sequence(12, 5)), 3, device(1));
                Model longer = Model.create(config(new DataSpec.Sequence(150, 5)), 3, Device.cpu(1));
                StreamSampler streams = model.streamSampler(StreamOptions.places(2))) {
            Song song = new Song(streams, start.withLength(150), StreamCase.alone(longer, start, 150));
            Song own = new Song(streams, start, StreamCase.alone(longer, start, 12));
            while (streams.advance(64) > 0) {
                song.take();
                own.take();
            }
            assertThat(song.drawn).hasSize(150);
            assertThat(own.drawn).hasSize(12);
            song.check();
            own.check();
        }
    }

    /** For less time than rings are deep (3, 5, 61 positions and one), as long, and longer. */
    @Test
    void whoStoodStillGoesOnWhereItStood() {
        int length = 12 * 7 + 5;
        int[] pauses = {1, 2, 3, 4, 5, 59, 60, 61, 62, 63, 122, 150};
        try (Model longer = Model.create(config(new DataSpec.Sequence(length, 5)), 3, Device.cpu(1));
                Model model = Model.create(config(new DataSpec.Sequence(12, 5)), 3, device(1));
                StreamSampler streams = model.streamSampler(StreamOptions.places(3))) {
            StreamStart start = StreamStart.seed(2).withLength(length);
            List<Song> songs = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                songs.add(
                        new Song(streams, start.withSample(i), StreamCase.alone(longer, start.withSample(i), length)));
                streams.advance(5);
                songs.forEach(Song::take);
            }
            SampleStream clock = streams.join(StreamStart.seed(9).withLength(10_000));
            for (int i = 0; i < pauses.length; i++) {
                Song still = songs.get(i % 2);
                still.stream.hold(true);
                songs.get(1 - i % 2).stream.hold(true);
                for (int passed = 0; passed < pauses[i]; passed += 50) {
                    assertThat(streams.advance(Math.min(50, pauses[i] - passed)))
                            .isPositive();
                }
                still.stream.hold(false);
                songs.get(1 - i % 2).stream.hold(i % 3 == 0);
                assertThat(streams.advance(7)).isBetween(14L, 21L);
                songs.forEach(Song::take);
                songs.forEach(Song::check);
            }
            assertThat(clock.position()).isGreaterThan(600);
            songs.forEach(song -> song.stream.hold(false));
            while (!songs.stream().allMatch(song -> song.stream.ended())) {
                streams.advance(64);
                songs.forEach(Song::take);
            }
            songs.forEach(song -> assertThat(song.drawn).hasSize(length));
            songs.forEach(Song::check);
        }
    }

    @Test
    void streamsWithoutAnEndGoOn() throws IOException, URISyntaxException {
        try (Model model = StreamCase.of("markov-text").open(device(1));
                StreamSampler streams =
                        model.streamSampler(StreamOptions.places(1).withChunk(1000))) {
            SampleStream stream = streams.join(StreamStart.seed(1));
            for (int i = 1; i <= 50; i++) {
                assertThat(streams.advance(1000)).isEqualTo(1000);
                assertThat(stream.position()).isEqualTo(1000L * i);
            }
            assertThat(stream.ended()).isFalse();
        }
    }

    @Test
    void chunksAllocateNothing() throws IOException, URISyntaxException {
        assumeTrue(device(1).cuda() < 0, "calls of a device allocate");
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (StreamCase golden : cases()) {
            try (Model model = golden.open(device(1));
                    StreamSampler streams =
                            model.streamSampler(StreamOptions.places(3).withChunk(4))) {
                Condition row = golden.condition(0);
                boolean fed = row.frames() != null;
                int[] levels = new int[4];
                float[] reals = new float[4];
                float[] frame = new float[Math.max(1, row.channels())];
                long least = Long.MAX_VALUE;
                for (int round = 0; round < 20_000 && least > 0; round++) {
                    FrameFeed feed = fed ? new FrameFeed(row.channels(), 2) : null;
                    StreamStart start = StreamStart.seed(1)
                            .withCondition(fed ? Condition.ofClasses(row.label(0)) : row)
                            .withLength(StreamCase.length(model, 30));
                    SampleStream one = streams.join(feed == null ? start : start.withFrames(feed));
                    SampleStream other =
                            streams.join(start.withCondition(row).withLength(StreamCase.length(model, 12)));
                    long before = threads.getCurrentThreadAllocatedBytes();
                    for (int i = 0; i < 12; i++) {
                        if (feed != null) {
                            feed.offer(frame);
                        }
                        other.hold(i % 3 == 0);
                        streams.advance(i % 4 + 1);
                        if (one.chunk().real()) {
                            one.chunk().copyReals(reals, 0);
                        } else {
                            one.chunk().copyLevels(levels, 0);
                        }
                    }
                    least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
                    one.close();
                    other.close();
                }
                assertThat(least).as("%s: bytes for 12 chunks", golden).isZero();
            }
        }
    }

    @Test
    void placesAreTakenAndGivenBack() throws IOException, URISyntaxException {
        try (Model model = StreamCase.of("markov-text").open(device(1));
                StreamSampler streams = model.streamSampler(StreamOptions.places(2))) {
            SampleStream first = streams.join(StreamStart.seed(1));
            streams.join(StreamStart.seed(2));
            assertThat(streams.free()).isZero();
            assertThatThrownBy(() -> streams.join(StreamStart.seed(3)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("streams: all 2 places are taken");
            first.close();
            SampleStream third = streams.join(StreamStart.seed(3));
            first.close(); // not the place of the third
            assertThat(streams.free()).isZero();
            assertThat(streams.advance(5)).isEqualTo(10);
            assertThat(third.chunk().size()).isEqualTo(5);
            assertThat(first.chunk().size()).isZero();
            assertThatThrownBy(() -> third.chunk().level(5)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> third.chunk().real(0)).hasMessageContaining("are levels, not reals");
            assertThatThrownBy(() -> streams.advance(65)).hasMessageContaining("found 65, expected 0..64, the chunk");
        }
    }

    @Test
    void startsThatDoNotFitTheModelAreRefused() throws IOException, URISyntaxException {
        StreamStart start = StreamStart.seed(1);
        try (Model model = StreamCase.of("markov-text").open(device(1));
                StreamSampler streams = model.streamSampler(StreamOptions.places(1))) {
            refuse(
                    streams,
                    start.withPrefix(Examples.ofReals(1, 1, new float[1])),
                    "prefix: found reals, expected levels");
            refuse(streams, start.withPrefix(Examples.ofLevels(1, 2, new int[] {0, 6})), "found level 6 at value 1");
            refuse(streams, start.withCondition(Condition.ofClasses(0)), "found classes, but");
            refuse(streams, start.withFrames(new FrameFeed(3, 1)), "found frames, but");
        }
        try (Model model = StreamCase.of("wavenet-conditions").open(device(1));
                StreamSampler streams = model.streamSampler(StreamOptions.places(1))) {
            Condition label = Condition.ofClasses(1);
            refuse(streams, start.withFrames(new FrameFeed(3, 1)), "found no classes");
            refuse(streams, start.withCondition(label), "found frames none");
            refuse(
                    streams,
                    start.withCondition(Condition.ofClasses(3).withFrames(new float[3], 3, 1)),
                    "found class 3");
            refuse(streams, start.withCondition(label).withFrames(new FrameFeed(2, 1)), "2 channels, expected 3");
            Condition both = label.withFrames(new float[3], 3, 1);
            refuse(streams, start.withCondition(both).withFrames(new FrameFeed(3, 1)), "expected one of them");
            FrameFeed feed = new FrameFeed(3, 1);
            streams.join(start.withCondition(label).withFrames(feed)).close();
            assertThatThrownBy(() -> streams.join(start.withCondition(label).withFrames(feed)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("a feed of another stream");
        }
        try (Model model = StreamCase.of("mlp_arm-image").open(device(1));
                StreamSampler streams = model.streamSampler(StreamOptions.places(1))) {
            refuse(streams, start.withLength(19), "length: found 19, expected at most 18, an image's own");
            refuse(streams, start.withPrefix(Examples.ofLevels(1, 19, new int[19])), "expected at most the length, 18");
        }
        assertThatThrownBy(() -> start.withLength(-1)).hasMessageContaining("length: found -1");
        assertThatThrownBy(() -> start.withPrefix(Examples.ofLevels(2, 1, new int[2])))
                .hasMessageContaining("found 2 examples");
        assertThatThrownBy(() ->
                        start.withPrefix(Examples.ofLevels(1, 3, new int[3])).withLength(2))
                .hasMessageContaining("found 3 values, expected at most the length, 2");
        assertThatThrownBy(() -> StreamOptions.places(0)).hasMessageContaining("found 0 places");
        assertThatThrownBy(() -> StreamOptions.places(1).withTemperature(0)).hasMessageContaining("above 0");
        assertThatThrownBy(() -> new FrameFeed(0, 1)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> new FrameFeed(2, 1).offer(new float[3]))
                .hasMessageContaining("3 features, expected 2");
        assertThatThrownBy(() -> new FrameFeed(1, 1).offer(new float[] {Float.NaN}))
                .hasMessageContaining("NaN");
    }

    private static void refuse(StreamSampler streams, StreamStart start, String words) {
        assertThatThrownBy(() -> streams.join(start))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(words);
        assertThat(streams.free()).isEqualTo(1);
    }

    @Test
    void modelsOfOneSizeHaveNoStreams() throws IOException, URISyntaxException {
        for (GoldenCase golden : GoldenCase.all()) {
            if (golden.toString().matches("(made|nade|fvsbn).*")) {
                try (Model model = Model.load(golden.model(), device(1))) {
                    assertThatThrownBy(() -> model.streamSampler(StreamOptions.places(1)))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("whose examples are of one size");
                }
            }
        }
    }

    @Test
    void framesThatFailEndTheirStream() throws IOException, URISyntaxException {
        try (Model model = StreamCase.of("wavenet-conditions").open(device(1));
                StreamSampler streams = model.streamSampler(StreamOptions.places(2))) {
            FrameFeed feed = new FrameFeed(3, 2);
            Condition label = Condition.ofClasses(1);
            SampleStream stream =
                    streams.join(StreamStart.seed(1).withCondition(label).withFrames(feed));
            feed.offer(new float[3]);
            assertThat(streams.advance(64)).isEqualTo(5);
            IOException failure = new IOException("the wire was cut");
            feed.fail(failure);
            feed.fail(new IOException("again"));
            assertThat(streams.advance(64)).isZero();
            assertThat(stream.ended()).isTrue();
            assertThat(stream.failure()).isSameAs(failure);
        }
    }

    @Test
    void oneThreadOwnsThemAndNobodyAfterClose() throws InterruptedException {
        Model model = Model.create(config(new DataSpec.Sequence(12, 5)), 3, device(1));
        try {
            StreamSampler streams = model.streamSampler(StreamOptions.places(2));
            SampleStream stream = streams.join(StreamStart.seed(1));
            streams.advance(3);
            AtomicReference<Throwable> seen = new AtomicReference<>();
            for (Runnable call : List.<Runnable>of(
                    () -> streams.advance(1),
                    () -> streams.join(StreamStart.seed(2)),
                    () -> stream.hold(true),
                    () -> stream.chunk().level(0),
                    stream::close,
                    streams::close)) {
                Thread other = new Thread(call);
                other.setUncaughtExceptionHandler((_, failure) -> seen.set(failure));
                other.start();
                other.join();
                assertThat(seen.getAndSet(null))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("each thread makes its own");
            }
            assertThat(streams.advance(1)).isEqualTo(1);
            streams.close();
            streams.close();
            stream.close();
            assertThatThrownBy(() -> streams.advance(1)).hasMessageContaining("the stream sampler is closed");
            assertThatThrownBy(() -> stream.chunk().level(0)).hasMessageContaining("the stream sampler is closed");
            try (StreamSampler others = model.streamSampler(StreamOptions.places(1))) {
                others.join(StreamStart.seed(1));
                model.close();
                assertThatThrownBy(() -> others.advance(1)).hasMessageContaining("the model is closed");
            }
        } finally {
            model.close();
        }
    }
}
