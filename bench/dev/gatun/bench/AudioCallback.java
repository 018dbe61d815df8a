package dev.gatun.bench;

import dev.gatun.Model;
import dev.gatun.SampleStream;
import dev.gatun.StreamOptions;
import dev.gatun.StreamSampler;
import dev.gatun.StreamStart;
import dev.gatun.tensor.Precision;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * What a sound card's callback would see: it is called at the sample rate's pace and fills blocks of 64 values, while another
 * thread makes garbage. Prints how long blocks took, and how many were late.
 *
 * <pre>java --enable-native-access=ALL-UNNAMED -cp target/benchmarks.jar dev.gatun.bench.AudioCallback W0 15000 1</pre>
 */
public final class AudioCallback {
    private static final int BLOCK = 64;
    private static final int RATE = 16_000;
    private static final long PERIOD_NANOS = 1_000_000_000L * BLOCK / RATE;
    private static final int WARM_BLOCKS = 500;
    private static final double MICROS = 1e3;

    private static volatile byte[] garbage = new byte[0];

    private AudioCallback() {}

    /** The model (W0, W1, W2 or a file), how many blocks, how many threads. */
    public static void main(String[] args) throws IOException {
        String name = args.length > 0 ? args[0] : "W0";
        int blocks = args.length > 1 ? Integer.parseInt(args[1]) : 15_000;
        int threads = args.length > 2 ? Integer.parseInt(args[2]) : 1;
        Thread.ofPlatform().daemon().name("garbage").start(AudioCallback::makeGarbage);
        try (Model model = WaveNets.model(name, threads, "best", Precision.F32);
                StreamSampler sampler =
                        model.streamSampler(StreamOptions.places(1).withChunk(BLOCK));
                SampleStream stream = sampler.join(StreamStart.seed(1))) {
            play(sampler, stream, WARM_BLOCKS);
            Histogram nanos = play(sampler, stream, blocks);
            print(name, nanos);
        }
    }

    private static Histogram play(StreamSampler sampler, SampleStream stream, int blocks) {
        Histogram nanos = new Histogram(3);
        int[] levels = new int[BLOCK];
        long due = System.nanoTime();
        for (int i = 0; i < blocks; i++, due += PERIOD_NANOS) {
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            // From when it was due: time that the thread was not running counts.
            sampler.advance(BLOCK);
            stream.chunk().copyLevels(levels, 0);
            nanos.recordValue(System.nanoTime() - due);
        }
        return nanos;
    }

    private static void print(String name, Histogram nanos) {
        System.out.printf(
                "%s: %d blocks of %d values, us a block: p50 %.1f, p99 %.1f, p99.9 %.1f, worst %.1f; %d later than %.0f%n",
                name,
                nanos.getTotalCount(),
                BLOCK,
                nanos.getValueAtPercentile(50) / MICROS,
                nanos.getValueAtPercentile(99) / MICROS,
                nanos.getValueAtPercentile(99.9) / MICROS,
                nanos.getMaxValue() / MICROS,
                nanos.getCountBetweenValues(PERIOD_NANOS, Long.MAX_VALUE),
                PERIOD_NANOS / MICROS);
    }

    /** Some 100 MB a second, so that the collector runs beside. */
    private static void makeGarbage() {
        while (true) {
            garbage = Arrays.copyOf(garbage, 1 << 20);
            LockSupport.parkNanos(10_000_000);
        }
    }
}
