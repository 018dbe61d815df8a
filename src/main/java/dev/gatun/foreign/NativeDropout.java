package dev.gatun.foreign;

import dev.gatun.bindings.gatun_dropout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What a step drops: see {@link Kernels#dropout}. Nothing at first. */
public final class NativeDropout {
    /** As many as may be drawn. */
    private static final int LEVELS = 1 << Short.SIZE;

    private final MemorySegment struct;

    /** @param arena owner of the memory */
    public NativeDropout(Arena arena) {
        struct = gatun_dropout.allocate(arena);
        keepAll();
    }

    /** Drops nothing from now on. */
    public void keepAll() {
        set(0, LEVELS, 1);
    }

    /**
     * Drops from now on what the key draws.
     *
     * @param kept of 65536, 1 to 65536
     * @param scale of what is kept
     */
    public void set(long key, int kept, float scale) {
        if (kept < 1 || kept > LEVELS) {
            throw new IllegalArgumentException("kept: found " + kept + ", expected 1.." + LEVELS);
        }
        gatun_dropout.key(struct, key);
        gatun_dropout.kept(struct, kept);
        gatun_dropout.scale(struct, scale);
    }

    /** The memory, which is read when a call runs. */
    public MemorySegment memory() {
        return struct;
    }
}
