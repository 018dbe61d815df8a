package dev.gatun;

import dev.gatun.graph.PassKind;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The maps of a model's last evaluation on the processor, kept for the next one: memory that was touched before costs nothing
 * more. Whoever comes while they are used has maps of its own. Any thread may take and give.
 */
final class KeptPasses implements AutoCloseable {
    /** More than this goes back at once. */
    private static final long MOST_BYTES = 32L << 20;

    private final AtomicReference<@Nullable Passes> kept = new AtomicReference<>();

    /**
     * Maps for examples of a length.
     *
     * @param arena theirs
     * @param batch examples at most
     */
    record Passes(Arena arena, MaskPasses passes, int batch, int length) implements AutoCloseable {
        private static Passes allocate(Model model, int batch, int length) {
            // Another thread may take what is kept.
            Arena arena = model.cuda() == null ? Arena.ofShared() : Arena.ofConfined();
            try {
                return new Passes(
                        arena,
                        new MaskPasses(
                                model.config().data(),
                                model.bounds(),
                                arena,
                                batch,
                                length,
                                PassKind.VALUES,
                                DevicePasses.of(model.cuda(), arena)),
                        batch,
                        length);
            } catch (Throwable failure) {
                arena.close();
                throw failure;
            }
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    /** Maps for at least so many examples at once. */
    Passes take(Model model, int batch, int length) {
        Passes last = kept.getAndSet(null);
        if (last != null && last.batch >= batch && last.length == length) {
            return last;
        }
        if (last != null) {
            last.close();
        }
        return Passes.allocate(model, batch, length);
    }

    /** Takes maps back that nobody uses any more. */
    void give(Model model, Passes passes) {
        boolean stays = model.cuda() == null && passes.passes.bytes() <= MOST_BYTES;
        if (!stays || !kept.compareAndSet(null, passes)) {
            passes.close();
        }
    }

    @Override
    public void close() {
        Passes last = kept.getAndSet(null);
        if (last != null) {
            last.close();
        }
    }
}
