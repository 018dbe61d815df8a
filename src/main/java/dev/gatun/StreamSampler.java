package dev.gatun;

import dev.gatun.family.DataSpec;
import dev.gatun.foreign.NativeStepProgram;
import dev.gatun.foreign.NativeStreams;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Node;
import dev.gatun.graph.StepPlan;
import dev.gatun.graph.UnitsPlan;
import dev.gatun.op.Given;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * Draws many streams side by side, each weight read once for all of them, where each stream joins, stands still and leaves between
 * any two calls. Streams may be longer than memory: only their last chunk is kept. What a stream draws depends on its
 * {@link StreamStart} alone, not on the others.
 *
 * <p>It belongs to the thread that made it, and so do its streams and their chunks: calls on other threads are an
 * {@link IllegalStateException}, and so are calls after {@link #close} or after the model was closed. {@link #advance} allocates
 * nothing, but some words of each call to a CUDA device. There the streams' state stays on the device; a call brings it what is known
 * of the next positions and the frames that are kept, and brings values back.
 */
public final class StreamSampler implements AutoCloseable {
    private final Model model;
    private final StreamOptions options;
    private final @Nullable Node framesNode;
    private final int framesKept;
    private final Owner owner = new Owner("stream sampler");
    private final Arena arena = Arena.ofConfined();
    private final NativeStreams streams;
    private final @Nullable SampleStream[] places;

    /**
     * Places without streams.
     *
     * @throws IllegalArgumentException if the model's positions are not those of a sequence
     */
    StreamSampler(Model model, StreamOptions options) {
        checkModel(model);
        this.model = model;
        this.options = options;
        framesNode = given(Given.Frames.class);
        framesKept = framesNode == null ? 0 : Math.ceilDiv(options.chunk(), framesNode.scale()) + 1;
        int channels = framesNode == null ? 0 : framesNode.operation().features();
        places = new SampleStream[options.streams()];
        try {
            NativeStepProgram program = (NativeStepProgram) model.program(0, programLength(), arena);
            streams = new NativeStreams(
                    model.context(),
                    arena,
                    program,
                    new NativeStreams.Room(options.streams(), options.chunk(), framesKept, channels),
                    options.temperature(),
                    options.mode());
            streams.together(options.streams() == 1 && model.shares(program));
        } catch (Throwable failure) {
            arena.close();
            throw failure;
        }
    }

    /** Demands that a model's positions are those of one row, each known from what is before it. */
    static void checkModel(Model model) {
        Graph graph = model.graph();
        if (!StepPlan.fits(graph) || UnitsPlan.fits(graph)) {
            throw new IllegalArgumentException("streams: found a model of the family "
                    + model.config().architecture()
                    + ", whose examples are of one size; expected one of a sequence, such as wavenet or rnn_arm");
        }
    }

    private int programLength() {
        DataSpec data = model.config().data();
        return data instanceof DataSpec.Image ? data.length().orElseThrow() : Integer.MAX_VALUE;
    }

    private @Nullable Node given(Class<? extends Given> kind) {
        return model.graph().nodes().stream()
                .filter(node -> kind.isInstance(node.operation()))
                .findFirst()
                .orElse(null);
    }

    /** The options that it was made with. */
    public StreamOptions options() {
        return options;
    }

    /** How many places no stream has. */
    public int free() {
        owner.check();
        int free = 0;
        for (SampleStream stream : places) {
            free += stream == null ? 1 : 0;
        }
        return free;
    }

    /**
     * Has a stream take part from the next {@link #advance} on.
     *
     * @throws IllegalArgumentException if the start does not fit the model, saying what was found and expected
     * @throws IllegalStateException if no place is free
     */
    public SampleStream join(StreamStart start) {
        owner.check();
        long length = checkStart(model, start);
        int place = freePlace();
        model.begin();
        try {
            Examples given = start.prefix();
            StreamPrefix prefix =
                    given == null ? null : new StreamPrefix(model.config().data(), given, streams, place);
            StreamFrames frames = frames(start, place);
            StreamChunk chunk = new StreamChunk(owner, streams.values(), place);
            SampleStream stream = new SampleStream(this, start, place, length, chunk, prefix, frames);
            streams.join(
                    model.context(),
                    place,
                    start.seed(),
                    start.sample(),
                    start.condition().label(0));
            places[place] = stream;
            return stream;
        } finally {
            model.end();
        }
    }

    /** Demands that a start fits the model; the length that a stream of it has. */
    static long checkStart(Model model, StreamStart start) {
        start.condition().checkStream(model.graph(), start.frames());
        DataSpec data = model.config().data();
        long own = data.length().isPresent() ? data.length().getAsInt() : Long.MAX_VALUE;
        if (data instanceof DataSpec.Image && start.length() > own) {
            throw new IllegalArgumentException(
                    "length: found " + start.length() + ", expected at most " + own + ", an image's own");
        }
        long length = start.length() == 0 ? own : start.length();
        if (start.prefix() != null && start.prefix().length() > length) {
            throw new IllegalArgumentException(
                    "prefix: found " + start.prefix().length() + " values, expected at most the length, " + length);
        }
        return length;
    }

    private int freePlace() {
        for (int place = 0; place < places.length; place++) {
            if (places[place] == null) {
                return place;
            }
        }
        throw new IllegalStateException("streams: all " + places.length + " places are taken");
    }

    private @Nullable StreamFrames frames(StreamStart start, int place) {
        if (framesNode == null) {
            return null;
        }
        FrameFeed feed = start.frames() == null ? new FrameFeed(start.condition()) : start.frames();
        feed.claim();
        return new StreamFrames(feed, streams.frames(), place, framesKept, framesNode.scale());
    }

    /**
     * Has every stream go on, as far as it may: to its end, to where its frames reach, not at all if it is held. Each then has its new
     * values in {@link SampleStream#chunk}. Positions of a prefix count, though nothing of them is handed out.
     *
     * @param positions the most of each stream, at most the chunk of the options
     * @return positions that all streams together went on; 0 if none could
     */
    public long advance(int positions) {
        owner.check();
        if (positions < 0 || positions > options.chunk()) {
            throw new IllegalArgumentException(
                    "positions: found " + positions + ", expected 0.." + options.chunk() + ", the chunk");
        }
        model.begin();
        try {
            long moved = 0;
            for (SampleStream stream : places) {
                if (stream != null) {
                    stream.prepare(positions);
                }
            }
            for (int done = 0, steps = common(0); steps > 0; steps = common(done)) {
                moved += run(done, steps);
                done += steps;
            }
            return moved;
        } finally {
            model.end();
        }
    }

    /** How many positions on from some all streams go that go farther. */
    private int common(int done) {
        int least = Integer.MAX_VALUE;
        for (SampleStream stream : places) {
            if (stream != null && stream.target() > done) {
                least = Math.min(least, stream.target() - done);
            }
        }
        return least == Integer.MAX_VALUE ? 0 : least;
    }

    private long run(int done, int steps) {
        boolean given = false;
        for (int place = 0; place < places.length; place++) {
            SampleStream stream = places[place];
            if (stream == null || stream.target() <= done) {
                streams.stand(place);
            } else {
                streams.go(model.context(), place, stream.position());
                given |= stream.give(done, steps);
            }
        }
        streams.advance(model.context(), done, steps, given);
        long moved = 0;
        for (SampleStream stream : places) {
            if (stream != null && stream.target() > done) {
                stream.moved(done, steps);
                moved += steps;
            }
        }
        return moved;
    }

    void checkOwner() {
        owner.check();
    }

    /** Frees a place, unless all are gone already. */
    boolean leave(int place) {
        if (owner.isClosed()) {
            return false;
        }
        places[place] = null;
        streams.stand(place);
        return true;
    }

    /** Gives its memory back, and ends its streams; a second time does nothing. */
    @Override
    public void close() {
        if (owner.close()) {
            arena.close();
        }
    }
}
