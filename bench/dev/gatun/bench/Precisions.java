package dev.gatun.bench;

import dev.gatun.Model;
import dev.gatun.StreamSampler;
import dev.gatun.tensor.Precision;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a step of a WaveNet takes with its weights in each precision, one after the other in turns, so that they see the same
 * machine. A program: {@code Precisions W1,W2 STREAMS THREADS ROUNDS ISA}.
 *
 * <pre>java --enable-native-access=ALL-UNNAMED -cp target/benchmarks.jar dev.gatun.bench.Precisions W1,W2 1 1 400 best</pre>
 */
public final class Precisions {
    private static final int CHUNK = 64;
    private static final double MICROS = 1e-3;

    private Precisions() {}

    /** Prints a row for each model and precision: median and least microseconds a step of all streams. */
    public static void main(String[] args) throws IOException {
        int streams = Integer.parseInt(args[1]);
        int threads = Integer.parseInt(args[2]);
        int rounds = Integer.parseInt(args[3]);
        System.out.println("| model | streams | threads | instructions | precision | median | least |");
        System.out.println("|---|---|---|---|---|---|---|");
        for (String name : args[0].split(",")) {
            Map<Precision, Model> models = new EnumMap<>(Precision.class);
            for (Precision precision : Precision.values()) {
                models.put(precision, WaveNets.model(name, threads, args[4], precision));
            }
            measure(name, models, streams, rounds);
            models.values().forEach(Model::close);
        }
    }

    private static void measure(String name, Map<Precision, Model> models, int streams, int rounds) {
        Map<Precision, StreamSampler> samplers = new EnumMap<>(Precision.class);
        models.forEach((precision, model) -> samplers.put(precision, WaveNets.streams(model, streams, CHUNK)));
        Map<Precision, double[]> micros = new EnumMap<>(Precision.class);
        models.keySet().forEach(precision -> micros.put(precision, new double[rounds]));
        for (int round = -rounds / 4; round < rounds; round++) {
            for (Precision precision : models.keySet()) {
                StreamSampler sampler = samplers.get(precision);
                sampler.advance(CHUNK); // what the others left in the caches goes
                long begin = System.nanoTime();
                sampler.advance(CHUNK);
                double took = (System.nanoTime() - begin) * MICROS / CHUNK;
                if (round >= 0) {
                    micros.get(precision)[round] = took;
                }
            }
        }
        samplers.values().forEach(StreamSampler::close);
        micros.forEach((precision, all) -> {
            Arrays.sort(all);
            Model model = models.get(precision);
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %d | %d | %s | %s | %.1f | %.1f |%n",
                    name,
                    streams,
                    model.device().threads(),
                    model.device().isaInUse(),
                    precision.text(),
                    all[rounds / 2],
                    all[0]);
        });
    }
}
