package dev.gatun.cli;

/** How many positions to draw at once, so that a bar can move and Ctrl-C is heard, and calls are few nevertheless. */
final class Pace {
    private static final long SHORT_NANOS = 20_000_000;
    private static final long LONG_NANOS = 100_000_000;

    private final int most;
    private int positions;
    private long last;

    /** One at first, and never more than so many. */
    Pace(int most) {
        this.most = most;
    }

    /** How many now, by how long the last ones took. */
    int next() {
        long now = System.nanoTime();
        long took = now - last;
        if (positions == 0) {
            positions = 1;
        } else if (took < SHORT_NANOS) {
            positions = (int) Math.min(2L * positions, most);
        } else if (took > LONG_NANOS) {
            positions = Math.max(1, positions / 2);
        }
        last = now;
        return positions;
    }
}
