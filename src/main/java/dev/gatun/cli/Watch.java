package dev.gatun.cli;

/** Work that a bar shows and that Ctrl-C ends in order. */
final class Watch implements AutoCloseable {
    private final Interrupts interrupts = new Interrupts(() -> {});
    private final Progress progress;

    /** Begins as {@link Progress#Progress} does. */
    Watch(Console console, String unit, long total, double perUnit) {
        progress = new Progress(console, unit, total, perUnit);
    }

    /**
     * So much work is done.
     *
     * @throws Interrupts.Interrupted if a signal came
     */
    void done(long work) {
        progress.done(work);
        interrupts.check();
    }

    @Override
    public void close() {
        progress.close();
        interrupts.close();
    }
}
