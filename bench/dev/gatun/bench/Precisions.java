package dev.gatun.bench;

import dev.gatun.Model;
import dev.gatun.SampleOptions;
import dev.gatun.Sampler;
import dev.gatun.StreamSampler;
import dev.gatun.tensor.Precision;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * What sampling takes with a model's weights in each precision, one after the other in turns, so that they see the same machine:
 * microseconds a step of all streams, of WaveNets; microseconds a call that draws whole samples, of models of data with a length
 * of their own. A program: {@code Precisions MODELS STREAMS THREADS ROUNDS ISA}, models by name (W0, W1, W2) or file.
 *
 * <pre>java --enable-native-access=ALL-UNNAMED -cp target/benchmarks.jar dev.gatun.bench.Precisions W1,W2 1 1 200 best</pre>
 */
public final class Precisions {
    private static final int CHUNK = 64;
    private static final double MICROS = 1e-3;

    private Precisions() {}

    /** What is timed. */
    private interface Call extends AutoCloseable {
        void run();

        @Override
        void close();
    }

    private record Steps(StreamSampler sampler) implements Call {
        @Override
        public void run() {
            sampler.advance(CHUNK);
        }

        @Override
        public void close() {
            sampler.close();
        }
    }

    private record Samples(Sampler sampler) implements Call {
        @Override
        public void run() {
            sampler.restart();
            sampler.advance(sampler.length());
        }

        @Override
        public void close() {
            sampler.close();
        }
    }

    /** Prints a row for each model and precision: median and least. */
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

    private static Call call(Model model, int streams) {
        return model.config().data().length().isPresent()
                ? new Samples(model.sampler(SampleOptions.count(streams).withSeed(1)))
                : new Steps(WaveNets.streams(model, streams, CHUNK));
    }

    private static void measure(String name, Map<Precision, Model> models, int streams, int rounds) {
        Map<Precision, Call> calls = new EnumMap<>(Precision.class);
        models.forEach((precision, model) -> calls.put(precision, call(model, streams)));
        Map<Precision, double[]> micros = new EnumMap<>(Precision.class);
        models.keySet().forEach(precision -> micros.put(precision, new double[rounds]));
        for (int round = -rounds / 4; round < rounds; round++) {
            for (Precision precision : models.keySet()) {
                Call call = calls.get(precision);
                call.run(); // what the others left in the caches goes
                long begin = System.nanoTime();
                call.run();
                double took = (System.nanoTime() - begin) * MICROS / (call instanceof Steps ? CHUNK : 1);
                if (round >= 0) {
                    micros.get(precision)[round] = took;
                }
            }
        }
        calls.values().forEach(Call::close);
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
