package dev.gatun;

import dev.gatun.foreign.NativeCondition;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Node;
import dev.gatun.op.Given;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What examples are conditioned on: a class for each, features for each frame, or both, as the model's configuration has it. Row
 * n belongs to example (or sample) n. Immutable: arrays are copied.
 */
public final class Condition {
    private static final Condition NONE = new Condition(null, null, 0, 0);

    private final int @Nullable [] classes;
    private final float @Nullable [] frames;
    private final int channels;
    private final int frameCount;
    private final int leastClass;
    private final int mostClass;

    /** Takes arrays that nobody else changes. */
    private Condition(int @Nullable [] classes, float @Nullable [] frames, int channels, int frameCount) {
        this.leastClass = classes == null ? 0 : Arrays.stream(classes).min().orElse(0);
        this.mostClass = classes == null ? 0 : Arrays.stream(classes).max().orElse(0);
        this.classes = classes;
        this.frames = frames;
        this.channels = channels;
        this.frameCount = frameCount;
    }

    /** No condition, for models that take none. */
    public static Condition none() {
        return NONE;
    }

    /** A class for each example, from 0. */
    public static Condition ofClasses(int... classes) {
        return new Condition(classes.clone(), null, 0, 0);
    }

    /**
     * Features for each frame.
     *
     * @param features {@code [examples, channels, frames]}, row-major
     * @throws IllegalArgumentException if their number is no multiple of channels x frames, or one is not finite
     */
    public static Condition ofFrames(float[] features, int channels, int frames) {
        return NONE.withFrames(features, channels, frames);
    }

    /** A vector for each example, {@code [examples, size]}, row-major. */
    public static Condition ofVectors(float[] features, int size) {
        return ofFrames(features, size, 1);
    }

    /** Features for each pixel, {@code [examples, channels, height, width]}, row-major. */
    public static Condition ofMaps(float[] features, int channels, int height, int width) {
        return ofFrames(features, channels, Math.multiplyExact(height, width));
    }

    /** This condition with features for each frame, {@code [examples, channels, frames]}. */
    public Condition withFrames(float[] features, int frameChannels, int frames) {
        long row = (long) frameChannels * frames;
        if (frameChannels < 1 || frames < 1 || row > Batches.MOST_VALUES || features.length % row != 0) {
            throw new IllegalArgumentException("condition: found " + features.length + " features, expected examples x "
                    + frameChannels + " channels x " + frames + " frames");
        }
        float[] byFrame = new float[features.length];
        for (int i = 0; i < features.length; i++) {
            if (!Float.isFinite(features[i])) {
                throw new IllegalArgumentException(
                        "condition: found " + features[i] + " in a frame, expected finite numbers");
            }
            int frame = i % frames;
            int channel = i / frames % frameChannels;
            int example = (int) (i / row);
            byFrame[(example * frames + frame) * frameChannels + channel] = features[i];
        }
        return new Condition(classes, byFrame, frameChannels, frames);
    }

    /** This condition's classes or frames with the other kind of {@code other}. */
    public Condition with(Condition other) {
        return new Condition(
                classes != null ? classes : other.classes,
                frames != null ? frames : other.frames,
                frames != null ? channels : other.channels,
                frames != null ? frameCount : other.frameCount);
    }

    /** How many examples it is for; 0 where there is none. */
    public int rows() {
        if (classes != null) {
            return classes.length;
        }
        return frames == null ? 0 : frames.length / (channels * frameCount);
    }

    /** The rows of some examples. */
    public Condition slice(int from, int to) {
        checkRange(from, to, classes == null ? to : classes.length);
        int row = channels * frameCount;
        checkRange(from, to, frames == null ? to : frames.length / row);
        return new Condition(
                classes == null ? null : Arrays.copyOfRange(classes, from, to),
                frames == null ? null : Arrays.copyOfRange(frames, from * row, to * row),
                channels,
                frameCount);
    }

    /** A digest of all classes and features: SHA-256. The same condition has the same on every machine. */
    public byte[] fingerprint() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((rows() + " x " + channels + " x " + frameCount).getBytes(StandardCharsets.US_ASCII));
            ByteBuffer value = ByteBuffer.allocate(Integer.BYTES);
            for (int i = 0; classes != null && i < classes.length; i++) {
                digest.update(value.putInt(0, classes[i]).array());
            }
            for (int i = 0; frames != null && i < frames.length; i++) {
                digest.update(value.putFloat(0, frames[i]).array());
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    private static void checkRange(int from, int to, int rows) {
        if (from < 0 || from > to || to > rows) {
            throw new IllegalArgumentException(
                    "condition: found rows " + from + " to " + to + ", expected a range of its " + rows);
        }
    }

    /** Some rows, in the order of their numbers. */
    public Condition chosen(int[] rows) {
        return window(rows, new int[rows.length], frameCount);
    }

    /**
     * A row for each of some windows.
     *
     * @param rows the row that each window is of
     * @param firstFrames the frame that each begins with
     * @param count frames of a window; behind the last frame there are zeros
     * @throws IllegalArgumentException if a row is not there
     */
    public Condition window(int[] rows, int[] firstFrames, int count) {
        int[] someClasses = classes == null ? null : new int[rows.length];
        float[] someFrames = frames == null ? null : new float[Math.multiplyExact(rows.length, channels * count)];
        for (int n = 0; n < rows.length; n++) {
            checkRange(rows[n], rows[n] + 1, rows());
            if (classes != null && someClasses != null) {
                someClasses[n] = classes[rows[n]];
            }
            if (frames != null && someFrames != null) {
                int own = Math.clamp((long) frameCount - firstFrames[n], 0, count);
                int from = frameOffset(rows[n]) + firstFrames[n] * channels;
                System.arraycopy(frames, own == 0 ? 0 : from, someFrames, n * channels * count, own * channels);
            }
        }
        return new Condition(someClasses, someFrames, channels, frames == null ? 0 : count);
    }

    /** All rows of this condition, so many times one after the other. */
    public Condition repeated(int times) {
        int[] manyClasses = classes == null ? null : new int[repeatedLength("classes", classes.length, times)];
        float[] manyFrames =
                frames == null ? null : new float[repeatedLength("frames' features", frames.length, times)];
        for (int i = 0; i < times; i++) {
            if (classes != null && manyClasses != null) {
                System.arraycopy(classes, 0, manyClasses, i * classes.length, classes.length);
            }
            if (frames != null && manyFrames != null) {
                System.arraycopy(frames, 0, manyFrames, i * frames.length, frames.length);
            }
        }
        return new Condition(manyClasses, manyFrames, channels, frameCount);
    }

    private static int repeatedLength(String what, int length, int times) {
        if (times < 0 || (long) length * times > Batches.MOST_VALUES) {
            throw new IllegalArgumentException("condition: found " + length + " " + what + " to be repeated " + times
                    + " times, expected 0 or more times and at most " + Batches.MOST_VALUES + " values");
        }
        return length * times;
    }

    /** A copy for native code, in memory of an arena. */
    NativeCondition in(Arena arena) {
        return new NativeCondition(arena, classes, frames, frameCount, channels);
    }

    /**
     * The class of each row, a copy.
     *
     * @throws IllegalStateException if it has none, or frames besides
     */
    public int[] toClasses() {
        if (classes == null || frames != null) {
            throw new IllegalStateException(
                    "condition: found " + (frames == null ? "none" : "frames") + ", expected classes alone");
        }
        return classes.clone();
    }

    int @Nullable [] classes() {
        return classes;
    }

    /** {@code [examples, frames, channels]}. */
    float @Nullable [] frames() {
        return frames;
    }

    int channels() {
        return channels;
    }

    int frameCount() {
        return frameCount;
    }

    int label(int example) {
        return classes == null ? 0 : classes[example];
    }

    int frameOffset(int example) {
        return example * channels * frameCount;
    }

    /**
     * Demands that this is what a graph is conditioned on. Values were looked at when it was made, so this is quick.
     *
     * @throws IllegalArgumentException saying what was found and expected
     */
    void check(Graph graph, int examples, int length) {
        check(graph, examples, length, null);
    }

    /**
     * Demands that this, of one row, is what a stream is conditioned on, together with frames that come later.
     *
     * @param feed of those frames, or null
     */
    void checkStream(Graph graph, @Nullable FrameFeed feed) {
        if (feed != null && graph.nodes().stream().noneMatch(node -> node.operation() instanceof Given.Frames)) {
            throw new IllegalArgumentException("condition: found frames, but the model is not conditioned on frames");
        }
        if (feed != null && frames != null) {
            throw new IllegalArgumentException("condition: found frames and a feed of frames, expected one of them");
        }
        check(graph, 1, 1, feed);
    }

    private void check(Graph graph, int examples, int length, @Nullable FrameFeed feed) {
        boolean wantsClasses = false;
        boolean wantsFrames = false;
        for (Node node : graph.nodes()) {
            if (node.operation() instanceof Given.Label given) {
                wantsClasses = true;
                checkClasses(given.classes(), examples);
            } else if (node.operation() instanceof Given.Frames given) {
                wantsFrames = true;
                if (feed == null) {
                    checkFrames(given, Math.toIntExact(graph.positions(node, length)), examples);
                } else if (feed.channels() != given.features()) {
                    throw new IllegalArgumentException("condition: found a feed of frames of " + feed.channels()
                            + " channels, expected " + given.features());
                }
            }
        }
        if (classes != null && !wantsClasses) {
            throw new IllegalArgumentException("condition: found classes, but the model is not conditioned on a class");
        }
        if (frames != null && !wantsFrames) {
            throw new IllegalArgumentException("condition: found frames, but the model is not conditioned on frames");
        }
    }

    private void checkClasses(int count, int examples) {
        if (classes == null || classes.length != examples) {
            throw new IllegalArgumentException("condition: found " + (classes == null ? "no" : classes.length)
                    + " classes, expected one for each of the " + examples + " examples");
        }
        if (leastClass < 0 || mostClass >= count) {
            int wrong = leastClass < 0 ? leastClass : mostClass;
            int example = 0;
            while (classes[example] != wrong) {
                example++;
            }
            throw new IllegalArgumentException(
                    "condition: found class " + wrong + " at example " + example + ", expected 0.." + (count - 1));
        }
    }

    private void checkFrames(Given.Frames given, int needed, int examples) {
        int wanted = given.features();
        if (frames == null
                || channels != wanted
                || frameCount < needed
                || (given.exact() && frameCount != needed)
                || frames.length != (long) examples * channels * frameCount) {
            String found = frames == null
                    ? "none"
                    : "[" + frames.length / (channels * frameCount) + ", " + channels + ", " + frameCount + "]";
            throw new IllegalArgumentException("condition: found frames " + found + ", expected [" + examples + ", "
                    + wanted + (given.exact() ? ", " : ", at least ") + needed + "]");
        }
    }
}
