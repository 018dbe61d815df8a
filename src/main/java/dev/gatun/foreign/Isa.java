package dev.gatun.foreign;

import dev.gatun.bindings.gatun_h;
import java.util.Locale;

/** Instruction set levels that kernels are built for. */
public enum Isa {
    /** The best that the machine has and {@code GATUN_ISA} allows. */
    BEST(gatun_h.GATUN_ISA_BEST()),
    /** Plain C++, anywhere. */
    BASELINE(gatun_h.GATUN_ISA_BASELINE()),
    /** x86-64-v3. */
    AVX2(gatun_h.GATUN_ISA_AVX2()),
    /** x86-64-v4. */
    AVX512(gatun_h.GATUN_ISA_AVX512()),
    /** 64-bit Arm. */
    NEON(gatun_h.GATUN_ISA_NEON());

    private final int code;

    Isa(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    /** The name that {@code GATUN_ISA} takes. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Isa of(int code) {
        for (Isa isa : values()) {
            if (isa.code == code) {
                return isa;
            }
        }
        throw new NativeException("level " + code + " is none that this version knows");
    }
}
