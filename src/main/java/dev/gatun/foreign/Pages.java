package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Memory for what steps walk through again and again: weights and states. */
public final class Pages {
    /** From this size on it lies in huge pages, where the system lends them. */
    private static final long HUGE = 2L << 20;

    private static final int LINE = 64;

    private Pages() {}

    /**
     * Zeros, at the beginning of a line of the cache or of a huge page.
     *
     * @param arena closes it
     * @param bytes any number
     * @throws NativeException if there is no room
     */
    @SuppressWarnings("restricted")
    public static MemorySegment allocate(Arena arena, long bytes) {
        if (bytes < HUGE) {
            return arena.allocate(Math.max(1, bytes), LINE);
        }
        NativeLibrary.load();
        try (Arena own = Arena.ofConfined()) {
            MemorySegment pointer = own.allocate(ValueLayout.ADDRESS);
            int status = gatun_h.gatun_pages_map(bytes, pointer);
            if (status != gatun_h.GATUN_OK()) {
                throw new NativeException(bytes + " bytes of memory: " + Context.text(MemorySegment.NULL, status));
            }
            return pointer.get(ValueLayout.ADDRESS, 0)
                    .reinterpret(bytes, arena, pages -> gatun_h.gatun_pages_unmap(pages, bytes));
        }
    }
}
