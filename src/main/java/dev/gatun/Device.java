package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.CudaDevice;
import dev.gatun.foreign.Isa;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What computes: cores of this machine, at an instruction set level, or a CUDA device. Results do not depend on it: samples,
 * outputs and likelihoods have the same bits on any number of threads, at any level and on a device. Gradients have the same
 * bits on any number of threads, and on devices of any kind; levels and devices differ by their rounding.
 *
 * @param threads how many work on a call, the calling one included; 1 to 1024
 * @param isa {@code "best"} for the best that the machine has (and the environment's {@code GATUN_ISA} allows), or one of
 *     {@code "avx512"}, {@code "avx2"}, {@code "neon"}, {@code "baseline"}; kept in lower case
 * @param cuda the number of a CUDA device, or -1 for none
 * @param products who computes the products of training steps
 * @param sharing what threads do for a sample that is drawn alone
 */
public record Device(int threads, String isa, int cuda, Products products, Sharing sharing) {
    private static final String BEST = "best";
    private static final int NONE = -1;

    /** Checks the number of threads and the name of the level; whether the machine has it shows at first use. */
    public Device {
        if (threads < 1 || threads > 1024) {
            throw new IllegalArgumentException("threads: found " + threads + ", expected 1..1024");
        }
        if (cuda < NONE) {
            throw new IllegalArgumentException("cuda: found " + cuda + ", expected 0 or more, or -1 for none");
        }
        if (!products.isOn(cuda != NONE)) {
            throw new IllegalArgumentException("products: found " + products.text() + " beside "
                    + (cuda == NONE ? "the processor" : "cuda:" + cuda) + ", expected one of "
                    + String.join(", ", Products.names(cuda != NONE)));
        }
        isa = level(isa).text();
    }

    /** Cores or a CUDA device, products by Gatun's kernels, steps shared where that is faster. */
    public Device(int threads, String isa, int cuda) {
        this(threads, isa, cuda, Products.OWN, Sharing.AUTO);
    }

    /** Some cores at a level, without a CUDA device. */
    public Device(int threads, String isa) {
        this(threads, isa, NONE);
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
     * A CUDA device: cached sampling of all families, streams, conditionals, and full passes of all families: outputs,
     * likelihoods, gradients for training, sampling by full passes, and by passes over forecasts in windows that the samples
     * of a batch have in common. A run of training keeps its vectors there, and what its windows hand on, and makes its steps
     * there. What prepares data, draws levels and forecasts by learned heads, and what is made of conditionals' outputs, runs
     * on the cores of this machine. Whether there is such a device shows when a model is made for it. What it does not do is
     * an {@link UnsupportedOperationException}, and never done by the processor in its place: profiles and training of
     * forecasts. Of weight normalisation the device has the weights' gradients alone: how weights begin, and steps of their
     * lengths and directions, are the processor's.
     *
     * @param number from 0 on
     */
    public static Device cuda(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("cuda: found " + number + ", expected 0 or more");
        }
        return new Device(cpu().threads, BEST, number);
    }

    /**
     * This device at a named level. The environment's {@code GATUN_ISA} bounds what {@code "best"} is; it does not bound a level
     * that is asked for by name.
     */
    public Device withIsa(String name) {
        return new Device(threads, name, cuda, products, sharing);
    }

    /**
     * This device with other products of training; whether oneDNN is there shows when training begins.
     *
     * @throws IllegalArgumentException if this device does not compute them: oneDNN is the processor's, tf32 and bf16 are a CUDA
     *     device's
     */
    public Device withProducts(Products of) {
        return new Device(threads, isa, cuda, of, sharing);
    }

    /** This device with another way of its threads to draw a sample alone. */
    public Device withSharing(Sharing of) {
        return new Device(threads, isa, cuda, products, of);
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

    /**
     * The CUDA device in words: its name, memory and driver.
     *
     * @throws IllegalStateException if this has none
     */
    public String describeCuda() {
        try (Arena arena = Arena.ofConfined()) {
            CudaDevice opened = open(arena);
            if (opened == null) {
                throw new IllegalStateException("this device has no CUDA device");
            }
            return opened.describe();
        }
    }

    /** The level that is really in use. */
    public String isaInUse() {
        try (Context context = Context.of(level(isa), 1)) {
            return context.isa().text();
        }
    }

    /** The CUDA device, opened for as long as an arena, or null where none is asked for. */
    @Nullable
    CudaDevice open(Arena arena) {
        return cuda == NONE ? null : new CudaDevice(cuda, arena);
    }

    /** Refuses a CUDA device for what it does not do. */
    void requireCpu(String what) {
        if (cuda != NONE) {
            throw new UnsupportedOperationException(
                    what + " on cuda:" + cuda + ": the processor alone does that; use the CPU");
        }
    }

    /** A use of what computes training steps, for the caller to close. */
    Context trainingContext() {
        return Context.of(level(isa), threads, products.way());
    }

    /** A use of what computes, for the caller to close. */
    Context context() {
        return Context.of(level(isa), threads);
    }

    /**
     * How many {@linkplain Conditionals walks} go side by side here, at least 1: as many as their memory allows, of which a CUDA
     * device has more, and needs more of them to have work.
     *
     * @param floats that one takes
     * @param count how many there are to make, at least 1
     */
    public int walksTogether(long floats, int count) {
        long bytes = cuda >= 0 ? 1L << 30 : 128L << 20;
        int most = cuda >= 0 ? 2048 : 256;
        return Math.clamp(bytes / (Math.max(1, floats) * Float.BYTES), 1, Math.min(most, count));
    }
}
