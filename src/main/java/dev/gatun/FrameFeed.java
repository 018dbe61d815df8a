package dev.gatun;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The frames of a stream's local condition, handed on while the stream is on its way: it goes on as far as they reach, and
 * stands still where the next one is missing. One thread gives them and another one, that of the stream, takes them; both may be
 * the same. Nothing is allocated after it was made.
 */
public final class FrameFeed {
    private final int channels;
    private final int capacity;
    private final float[] ring;
    private long given;
    private long taken;
    private boolean ended;
    private boolean claimed;
    private @Nullable Throwable failure;
    private @Nullable Runnable listener;

    /**
     * A feed without frames.
     *
     * @param channels features of a frame
     * @param capacity frames that wait at most, at least 1
     */
    public FrameFeed(int channels, int capacity) {
        if (channels < 1 || capacity < 1 || (long) channels * capacity > Batches.MOST_VALUES) {
            throw new IllegalArgumentException("frames: found room for " + capacity + " of " + channels
                    + " channels, expected at least 1 and at most " + Batches.MOST_VALUES + " values");
        }
        this.channels = channels;
        this.capacity = capacity;
        this.ring = new float[channels * capacity];
    }

    /** All frames of a condition of one row, and no more. */
    FrameFeed(Condition row) {
        channels = row.channels();
        capacity = row.frameCount();
        ring = Objects.requireNonNull(row.frames());
        given = capacity;
        ended = true;
    }

    /** Features of a frame. */
    public int channels() {
        return channels;
    }

    /**
     * Gives a frame if there is room for it.
     *
     * @param frame its features, copied
     * @return whether it was taken
     * @throws IllegalArgumentException if it has not as many features as the feed has channels, or one is not finite
     * @throws IllegalStateException if the feed was ended
     */
    public boolean offer(float[] frame) {
        check(frame);
        Runnable wake;
        synchronized (this) {
            if (given - taken == capacity) {
                checkOpen();
                return false;
            }
            wake = add(frame);
        }
        run(wake);
        return true;
    }

    /**
     * Gives a frame as soon as there is room for it; waits until then, so this is for another thread than the stream's.
     *
     * @param frame as for {@link #offer}
     * @throws InterruptedException if the thread was interrupted while it waited
     */
    public void put(float[] frame) throws InterruptedException {
        check(frame);
        Runnable wake;
        synchronized (this) {
            while (given - taken == capacity && !ended) {
                wait();
            }
            wake = add(frame);
        }
        run(wake);
    }

    /** Says that no more frames come: the stream ends with the last one. A second time does nothing. */
    public void end() {
        finish(null);
    }

    /** Says that frames cannot be had any more: the stream ends at once, with this as its failure. */
    public void fail(Throwable cause) {
        finish(Objects.requireNonNull(cause));
    }

    private void finish(@Nullable Throwable cause) {
        Runnable wake;
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
            failure = cause;
            wake = listener;
            notifyAll();
        }
        run(wake);
    }

    private void check(float[] frame) {
        if (frame.length != channels) {
            throw new IllegalArgumentException(
                    "frames: found one of " + frame.length + " features, expected " + channels);
        }
        for (float feature : frame) {
            if (!Float.isFinite(feature)) {
                throw new IllegalArgumentException("frames: found the feature " + feature + " in "
                        + Arrays.toString(frame) + ", expected finite numbers");
            }
        }
    }

    private @Nullable Runnable add(float[] frame) {
        checkOpen();
        System.arraycopy(frame, 0, ring, (int) (given % capacity) * channels, channels);
        given++;
        return listener;
    }

    private void checkOpen() {
        if (ended) {
            throw new IllegalStateException("frames: found one after the end of the feed");
        }
    }

    private static void run(@Nullable Runnable wake) {
        if (wake != null) {
            wake.run();
        }
    }

    /** Makes it one stream's. */
    synchronized void claim() {
        if (claimed) {
            throw new IllegalStateException(
                    "frames: found a feed of another stream, expected one of this stream's own");
        }
        claimed = true;
    }

    /** Has somebody called, on the giving thread, at each frame and at the end. */
    synchronized void listen(Runnable wake) {
        listener = wake;
    }

    /** Takes the next frame, if there is one. */
    synchronized boolean take(float[] into) {
        if (given == taken || failure != null) {
            return false;
        }
        System.arraycopy(ring, (int) (taken % capacity) * channels, into, 0, channels);
        taken++;
        notifyAll();
        return true;
    }

    /** Whether there will be no frame any more. */
    synchronized boolean isOver() {
        return ended && (given == taken || failure != null);
    }

    synchronized @Nullable Throwable failure() {
        return failure;
    }
}
