package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One owner's use of the kernels of an instruction set level with a pool of threads. Owners of the same choice share the
 * pool, which any number of threads may use at once; its threads end when the last owner closes. An owner closes when no call
 * of its is under way.
 */
public final class Context implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("dev.gatun");
    private static final int TEXT_BYTES = 1024;
    /** The pools in use. It guards itself and their numbers of owners. */
    private static final Map<Choice, Pool> POOLS = new HashMap<>();

    private record Choice(Isa isa, int threads, ProductWay products) {}

    /** Stands for what records, which nobody shares. */
    private static final Choice RECORDER = new Choice(Isa.BASELINE, 0, ProductWay.OWN);

    /** What owners share. */
    private static final class Pool {
        private final Choice choice;
        private final MemorySegment handle;
        private final Isa isa;
        private final int threads;
        private int owners;

        Pool(Choice choice, MemorySegment handle) {
            this.choice = choice;
            this.handle = handle;
            this.isa = Isa.of(gatun_h.gatun_context_isa(handle));
            this.threads = gatun_h.gatun_context_threads(handle);
        }
    }

    private final Pool pool;
    private final ProductWay products;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Context(Pool pool, ProductWay products) {
        this.pool = pool;
        this.products = products;
    }

    /** A use that computes nothing: what is called is written down, for a device to run. The caller closes it. */
    static Context recorder() {
        NativeLibrary.load();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
            int status = gatun_h.gatun_record_create(pointer);
            if (status != gatun_h.GATUN_OK()) {
                throw new NativeException("a recorder: " + text(MemorySegment.NULL, status));
            }
            return new Context(new Pool(RECORDER, pointer.get(ValueLayout.ADDRESS, 0)), ProductWay.OWN);
        }
    }

    /** How affine operations are computed, also by a device in this context's place. */
    public ProductWay products() {
        return products;
    }

    /** Whether calls are written down and not run: what Java computes by itself would then be lost. */
    public boolean records() {
        return pool.choice.threads() == 0;
    }

    /**
     * A use of a level and a number of threads, for the caller to close.
     *
     * @param isa {@link Isa#BEST} for the best that the machine has and {@code GATUN_ISA} allows
     * @param threads 1 to 1024, the calling one included
     * @throws NativeException if the machine lacks the level, or threads cannot be had
     */
    public static Context of(Isa isa, int threads) {
        return of(isa, threads, ProductWay.OWN);
    }

    /**
     * As {@link #of(Isa, int)}, with affine operations by oneDNN, or of a device's, which {@link #products} tells of.
     *
     * @throws NativeLibraryException if the library of products is missing or cannot be loaded
     */
    public static Context of(Isa isa, int threads, ProductWay products) {
        if (threads < 1 || threads > 1024) {
            throw new IllegalArgumentException("threads: found " + threads + ", expected 1..1024");
        }
        synchronized (POOLS) {
            ProductWay here = products.isLibrary() ? products : ProductWay.OWN;
            Pool pool = POOLS.computeIfAbsent(new Choice(isa, threads, here), Context::create);
            pool.owners++;
            return new Context(pool, products);
        }
    }

    private static Pool create(Choice choice) {
        NativeLibrary.load();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment reason = arena.allocate(TEXT_BYTES);
            int best = gatun_h.gatun_isa_best(reason, TEXT_BYTES);
            if (choice.isa() == Isa.BEST && best == 0) {
                throw new NativeException(reason.getString(0));
            }
            MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
            int status = gatun_h.gatun_context_create(choice.isa().code(), choice.threads(), pointer);
            if (status != gatun_h.GATUN_OK()) {
                throw new NativeException("a context of level " + choice.isa().text() + " with " + choice.threads()
                        + " threads: " + text(MemorySegment.NULL, status) + " (" + reason.getString(0) + ")");
            }
            Pool pool = new Pool(choice, pointer.get(ValueLayout.ADDRESS, 0));
            useProducts(pool);
            explain(pool, reason.getString(0));
            return pool;
        }
    }

    private static void useProducts(Pool pool) {
        if (pool.choice.products() == ProductWay.OWN) {
            return;
        }
        try {
            ProductLibrary library = ProductLibrary.load();
            library.use(pool.handle, pool.choice.products());
            say("products of training: " + library.version()
                    + (pool.choice.products() == ProductWay.ALWAYS ? ", wherever it can" : ", where it is faster"));
        } catch (Throwable failure) {
            gatun_h.gatun_context_destroy(pool.handle);
            throw failure;
        }
    }

    private static void explain(Pool pool, String reason) {
        String text = "kernels: " + pool.isa.text() + ", " + pool.threads + " threads"
                + (pool.choice.isa() == Isa.BEST ? " (" + reason + ")" : " (asked for by name)");
        say(text);
    }

    private static void say(String text) {
        boolean loud = "1".equals(System.getenv("GATUN_VERBOSE"));
        LOG.log(loud ? System.Logger.Level.INFO : System.Logger.Level.DEBUG, text);
    }

    /**
     * What another library's products were decided on, a line a shape, in the order in which they came up; none without such a
     * library.
     */
    public List<String> productChoices() {
        List<String> lines = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(TEXT_BYTES);
            while (lines.size() < gatun_h.gatun_context_choices(handle(), lines.size(), text, TEXT_BYTES)) {
                lines.add(text.getString(0));
            }
        }
        return lines;
    }

    /** Logs the choices from a number on; how many there are. */
    public int sayProductChoices(int from) {
        if (pool.choice.products() == ProductWay.OWN
                || gatun_h.gatun_context_choices(handle(), 0, MemorySegment.NULL, 0) == from) {
            return from;
        }
        List<String> lines = productChoices();
        lines.subList(from, lines.size()).forEach(Context::say);
        return lines.size();
    }

    /**
     * The native pointer, for calls of this package.
     *
     * @throws IllegalStateException if this was closed
     */
    MemorySegment handle() {
        if (closed.get()) {
            throw new IllegalStateException("a context of level " + isa().text() + " that is closed");
        }
        return pool.handle;
    }

    /** The level in use, never {@link Isa#BEST}. */
    public Isa isa() {
        return pool.isa;
    }

    /** The number of threads, the calling one included. */
    public int threads() {
        return pool.threads;
    }

    /**
     * Turns a status into an exception.
     *
     * @throws NativeException with the native text, if the status is not 0
     */
    public void check(int status) {
        if (status != 0) {
            throw new NativeException(text(handle(), status));
        }
    }

    /** Ends this use, and the pool with the last; a second time does nothing. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        if (records()) {
            gatun_h.gatun_context_destroy(pool.handle);
            return;
        }
        synchronized (POOLS) {
            pool.owners--;
            if (pool.owners > 0) {
                return;
            }
            POOLS.remove(pool.choice);
        }
        gatun_h.gatun_context_destroy(pool.handle);
    }

    static String text(MemorySegment handle, int status) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(TEXT_BYTES);
            gatun_h.gatun_error_text(handle, status, text, TEXT_BYTES);
            return text.getString(0);
        }
    }
}
