package dev.gatun.cli;

/** A bar with rate and time left, on terminals only, and only where work takes long enough to be watched. */
final class Progress implements AutoCloseable {
    private static final long FIRST_NANOS = 500_000_000;
    private static final long EVERY_NANOS = 100_000_000;
    private static final int WIDTH = 24;
    private static final double NANOS = 1e9;

    private final Console console;
    private final String unit;
    private final long total;
    private final double perUnit;
    private final long begin = System.nanoTime();
    private long next = begin + FIRST_NANOS;
    private boolean watched = true;
    private int drawn;

    /**
     * A bar at its beginning.
     *
     * @param unit what the rate counts, such as "samples"
     * @param total work to be done
     * @param perUnit work that a unit takes
     */
    Progress(Console console, String unit, long total, double perUnit) {
        this.console = console;
        this.unit = unit;
        this.total = total;
        this.perUnit = perUnit;
    }

    /** So much work is done. */
    void done(long work) {
        long now = System.nanoTime();
        if (!watched || now < next) {
            return;
        }
        watched = drawn > 0 || console.terminal();
        if (watched) {
            next = now + EVERY_NANOS;
            draw(line(work, (now - begin) / NANOS));
        }
    }

    /** The bar after so much work and time. */
    String line(long work, double seconds) {
        double part = (double) work / total;
        int filled = (int) (part * WIDTH);
        double rate = work / perUnit / seconds;
        String left = work == 0 ? "" : ", " + Numbers.time(seconds * (total - work) / work) + " left";
        return "[" + "#".repeat(filled) + ".".repeat(WIDTH - filled) + "] " + (int) (part * 100) + " %, "
                + Numbers.fixed(rate, rate < 10 ? 2 : 0) + " " + unit + "/s" + left;
    }

    private void draw(String line) {
        console.err().print("\r" + line + " ".repeat(Math.max(0, drawn - line.length())));
        console.err().flush();
        drawn = line.length();
    }

    /** Takes the bar away. */
    @Override
    public void close() {
        if (drawn > 0) {
            console.err().print("\r" + " ".repeat(drawn) + "\r");
            console.err().flush();
        }
    }
}
