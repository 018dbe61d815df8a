package dev.gatun.bench;

import dev.gatun.Device;
import dev.gatun.Model;
import dev.gatun.SampleOptions;
import dev.gatun.Sampler;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What each method of sampling takes: on one thread, of which the processor's time is counted, so that others on the machine
 * matter little, or on a CUDA device, by the clock. A program: {@code Methods 1,16 [cuda] [FULL] MODEL ...}, models by file or
 * by a bundled one's name, {@code FULL} to measure passes for each position too.
 */
public final class Methods {
    private static final double MILLIS = 1e-6;
    private static final int ROUNDS = 3;

    private final Device device;

    private Methods(Device device) {
        this.device = device;
    }

    /** Prints a row for each model, count and method. */
    public static void main(String[] args) throws IOException {
        List<String> rest = new ArrayList<>(List.of(args).subList(1, args.length));
        Methods methods = new Methods(Devices.of(rest.remove("cuda") ? "cuda" : "cpu", 1, "best"));
        boolean full = rest.remove("FULL");
        System.out.println(
                "| model | samples | method | passes a sample | as whole ones | ms a sample | samples a second |");
        System.out.println("|---|---|---|---|---|---|---|");
        for (String name : rest) {
            try (Model model = methods.open(name)) {
                for (String count : args[0].split(",")) {
                    for (SampleOptions.Method method : SampleOptions.Method.values()) {
                        if (full || method != SampleOptions.Method.FULL) {
                            methods.measure(name, model, Integer.parseInt(count), method);
                        }
                    }
                }
            }
        }
    }

    private Model open(String name) throws IOException {
        return Model.bundledNames().contains(name) ? Model.bundled(name, device) : Model.load(Path.of(name), device);
    }

    /** Nanoseconds since some time or other. */
    private long now() {
        return device.cuda() >= 0
                ? System.nanoTime()
                : ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private void measure(String name, Model model, int count, SampleOptions.Method method) {
        SampleOptions options = SampleOptions.count(count).withSeed(1).withMethod(method);
        double least = Double.POSITIVE_INFINITY;
        double passes = 0;
        double whole = 0;
        for (int round = 0; round < ROUNDS; round++) {
            try (Sampler sampler = model.sampler(options)) {
                long begin = now();
                sampler.draw();
                long took = now() - begin;
                least = Math.min(least, took * MILLIS / count);
                passes = (double) sampler.passes() / count;
                whole = sampler.wholePasses() / count;
            }
        }
        System.out.printf(
                Locale.ROOT,
                "| %s | %d | %s | %.1f | %.2f | %.2f | %.0f |%n",
                name,
                count,
                method.text(),
                passes,
                whole,
                least,
                1e3 / least);
    }
}
