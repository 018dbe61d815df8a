package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.Isa;
import java.util.Arrays;
import java.util.Locale;

/**
 * What computes: cores of this machine, at an instruction set level. Results do not depend on it: samples and likelihoods
 * have the same bits on any number of threads and at any level.
 *
 * @param threads how many work on a call, the calling one included; 1 to 1024
 * @param isa {@code "best"} for the best that the machine has (and the environment's {@code GATUN_ISA} allows), or one of
 *     {@code "avx512"}, {@code "avx2"}, {@code "neon"}, {@code "baseline"}; kept in lower case
 */
public record Device(int threads, String isa) {
    private static final String BEST = "best";

    /** Checks the number of threads and the name of the level; whether the machine has it shows at first use. */
    public Device {
        if (threads < 1 || threads > 1024) {
            throw new IllegalArgumentException("threads: found " + threads + ", expected 1..1024");
        }
        isa = level(isa).text();
    }

    /** All cores of this machine. */
    public static Device cpu() {
        return cpu(Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 1024));
    }

    /** Some cores of this machine. */
    public static Device cpu(int threads) {
        return new Device(threads, BEST);
    }

    /**
     * This device at a named level. The environment's {@code GATUN_ISA} bounds what {@code "best"} is; it does not bound a level
     * that is asked for by name.
     */
    public Device withIsa(String name) {
        return new Device(threads, name);
    }

    private static Isa level(String name) {
        for (Isa isa : Isa.values()) {
            if (isa.text().equals(name.toLowerCase(Locale.ROOT))) {
                return isa;
            }
        }
        throw new IllegalArgumentException("isa: found '" + name + "', expected one of "
                + Arrays.stream(Isa.values()).map(Isa::text).toList());
    }

    /** The level that is really in use. */
    public String isaInUse() {
        try (Context context = Context.of(level(isa), 1)) {
            return context.isa().text();
        }
    }

    /** A use of what computes, for the caller to close. */
    Context context() {
        return Context.of(level(isa), threads);
    }
}
