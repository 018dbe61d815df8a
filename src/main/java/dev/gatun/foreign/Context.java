package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Kernels of one instruction set level with a pool of threads. Contexts are shared by all threads of the program and live
 * as long as it: {@link #of} gives the same one for the same choice.
 */
public final class Context {
    private static final System.Logger LOG = System.getLogger("dev.gatun");
    private static final int TEXT_BYTES = 1024;
    private static final Map<Choice, Context> SHARED = new ConcurrentHashMap<>();

    private record Choice(Isa isa, int threads) {}

    private final MemorySegment handle;
    private final Isa isa;
    private final int threads;

    private Context(MemorySegment handle) {
        this.handle = handle;
        this.isa = Isa.of(gatun_h.gatun_context_isa(handle));
        this.threads = gatun_h.gatun_context_threads(handle);
    }

    /**
     * The context of a level and a number of threads.
     *
     * @param isa {@link Isa#BEST} for the best that the machine has and {@code GATUN_ISA} allows
     * @param threads 1 to 1024, the calling one included
     * @throws NativeException if the machine lacks the level, or threads cannot be had
     */
    public static Context of(Isa isa, int threads) {
        if (threads < 1 || threads > 1024) {
            throw new IllegalArgumentException("threads: found " + threads + ", expected 1..1024");
        }
        return SHARED.computeIfAbsent(new Choice(isa, threads), Context::create);
    }

    private static Context create(Choice choice) {
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
            Context context = new Context(pointer.get(ValueLayout.ADDRESS, 0));
            explain(choice, context, reason.getString(0));
            return context;
        }
    }

    private static void explain(Choice choice, Context context, String reason) {
        String text = "kernels: " + context.isa.text() + ", " + context.threads + " threads"
                + (choice.isa() == Isa.BEST ? " (" + reason + ")" : " (asked for by name)");
        boolean loud = "1".equals(System.getenv("GATUN_VERBOSE"));
        LOG.log(loud ? System.Logger.Level.INFO : System.Logger.Level.DEBUG, text);
    }

    /** The native pointer, for calls of this package's neighbours. */
    public MemorySegment handle() {
        return handle;
    }

    /** The level in use, never {@link Isa#BEST}. */
    public Isa isa() {
        return isa;
    }

    /** The number of threads, the calling one included. */
    public int threads() {
        return threads;
    }

    /**
     * Turns a status into an exception.
     *
     * @throws NativeException with the native text, if the status is not 0
     */
    public void check(int status) {
        if (status != 0) {
            throw new NativeException(text(handle, status));
        }
    }

    private static String text(MemorySegment handle, int status) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(TEXT_BYTES);
            gatun_h.gatun_error_text(handle, status, text, TEXT_BYTES);
            return text.getString(0);
        }
    }
}
