package dev.gatun.bench;

import dev.gatun.file.AtomicFile;
import dev.gatun.file.Json;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.Isa;
import dev.gatun.profile.Ceilings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * The program behind {@code gatun bench}: threads (1,2), level, seconds of a measurement, a pattern of names, a page or "", a
 * file of JSON, "-" (printed in place of the table, which goes to the standard error) or "".
 */
public final class Bench {
    private static final int WARM = 2;
    private static final int TIMES = 5;
    private static final boolean ONEDNN = Onednn.isThere();

    private final Isa isa;
    private final double seconds;

    private Bench(Isa isa, double seconds) {
        this.isa = isa;
        this.seconds = seconds;
    }

    /** Runs a short selection, prints a table, and writes what is asked for. */
    public static void main(String[] args) throws RunnerException, IOException {
        Locale.setDefault(Locale.ROOT);
        Isa isa = Isa.valueOf(args[1].toUpperCase(Locale.ROOT));
        boolean printed = args[5].equals("-");
        PrintStream out = System.out;
        if (printed) {
            System.setOut(System.err); // JMH's and its children's words, too
        }
        Bench bench = new Bench(isa, Double.parseDouble(args[2]));
        Pattern wanted = Pattern.compile(args[3]);
        List<Ceilings> ceilings = new ArrayList<>();
        List<Measured> all = new ArrayList<>();
        for (String text : args[0].split(",")) {
            int threads = Integer.parseInt(text);
            Ceilings own = Ceilings.measure(isa, threads);
            ceilings.add(own);
            header(own);
            for (Selection.Case one : Selection.all()) {
                if (wanted.matcher(one.name()).find()) {
                    Measured measured = bench.measure(one, threads);
                    all.add(measured);
                    System.out.println(line(measured, own));
                }
            }
        }
        if (!args[4].isEmpty()) {
            write(args[4], Report.page(ceilings, all));
        }
        if (!args[5].isEmpty()) {
            String json = Json.write(Figures.json(level(isa), bench.seconds, ceilings, all));
            if (printed) {
                out.println(json);
            } else {
                write(args[5], json + "\n");
            }
        }
    }

    /** The level in use. */
    private static String level(Isa isa) {
        try (Context context = Context.of(isa, 1)) {
            return context.isa().text();
        }
    }

    private static void header(Ceilings own) {
        StringBuilder text = new StringBuilder("%n%d thread%s: %.1f GFLOP/s in registers"
                .formatted(own.threads(), own.threads() == 1 ? "" : "s", own.gigaFlops()));
        for (Ceilings.Level level : own.levels()) {
            text.append("; %s %.1f GB/s".formatted(level.name(), level.gigaBytes()));
        }
        System.out.println(text);
        System.out.println("%-48s %12s %10s %8s %9s %22s"
                .formatted("", "time", "GFLOP/s", "GB/s", "of limit", ONEDNN ? "oneDNN" : ""));
    }

    private static String line(Measured m, Ceilings own) {
        String share = m.counted() ? "%.0f %%".formatted(100 * m.share(own)) : "";
        return "%-48s %12s %10s %8s %9s %22s"
                .formatted(
                        m.name(),
                        m.time(),
                        m.gigaFlops() == 0 ? "" : "%.1f".formatted(m.rate()),
                        m.gigaBytes() == 0 ? "" : "%.1f".formatted(m.byteRate()),
                        share,
                        m.beside())
                .stripTrailing();
    }

    /** Ours, and where it is there oneDNN's right behind. */
    private Measured measure(Selection.Case one, int threads) throws RunnerException {
        Measured own = run(one, threads);
        Selection.Case other = ONEDNN ? one.onednn() : null;
        return other == null ? own : own.withOnednn(run(other, threads).seconds());
    }

    private Measured run(Selection.Case one, int threads) throws RunnerException {
        TimeValue time = TimeValue.milliseconds(Math.max(1, Math.round(seconds * 1000)));
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("\\." + one.method() + "$")
                .mode(Mode.Throughput)
                .timeUnit(TimeUnit.SECONDS)
                .forks(1)
                .jvmArgsAppend(
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-D" + Work.MEASURED + "=true")
                .warmupIterations(WARM)
                .warmupTime(time)
                .measurementIterations(TIMES)
                .measurementTime(time)
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .param("threads", Integer.toString(threads))
                .param("isa", isa.name().toLowerCase(Locale.ROOT));
        one.parameters().forEach(options::param);
        Collection<RunResult> results = new Runner(options.build()).run();
        if (results.size() != 1) {
            throw new IllegalStateException(one.name() + ": " + results.size() + " benchmarks fit, expected one");
        }
        RunResult result = results.iterator().next();
        double calls = median(result.getPrimaryResult());
        return new Measured(
                one, threads, 1 / calls, counted(result, "gflop") / calls, counted(result, "gbyte") / calls, 0);
    }

    private static double median(Result<?> result) {
        return result.getStatistics().getPercentile(50);
    }

    private static double counted(RunResult result, String counter) {
        Result<?> found = result.getSecondaryResults().get(counter);
        return found == null ? 0 : median(found);
    }

    private static void write(String file, String text) throws IOException {
        AtomicFile.write(Path.of(file), to -> to.write(text.getBytes(StandardCharsets.UTF_8)));
        System.out.println("\nwritten: " + file);
    }
}
