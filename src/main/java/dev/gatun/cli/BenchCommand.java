package dev.gatun.cli;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures this machine. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Measures what this machine does at most, then kernels and models against it: a few minutes, best with nothing"
                        + " else running. 'java -jar target/benchmarks.jar' has all benchmarks.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  gatun bench",
            "  gatun bench --threads 1 --only 'WaveNet|gate'",
            "  gatun bench --report bench.html",
            "  gatun bench --json bench.json",
        })
final class BenchCommand implements Callable<Integer> {
    private static final String JAR = "benchmarks.jar";
    private static final String STDOUT = "-";

    private final Console console;

    @Option(
            names = "--threads",
            paramLabel = "N",
            split = ",",
            description = "Numbers of threads to measure with; 1 and all cores if not given.")
    private @Nullable List<Integer> threads;

    @Option(
            names = "--isa",
            paramLabel = "L",
            defaultValue = "best",
            description = "Level of instructions: baseline, avx2, avx512, neon, or best (${DEFAULT-VALUE}).")
    private String isa = "best";

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "0.5",
            description = "Of each of seven measurements, two of which warm up (${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--only",
            paramLabel = "P",
            description = "Those whose name has a match of this regular expression.")
    private String only = "";

    @Option(
            names = "--report",
            paramLabel = "F.html",
            description = "Write a page of its own with rooflines and the table.")
    private @Nullable String report;

    @Option(
            names = "--json",
            paramLabel = "F.json",
            arity = "0..1",
            fallbackValue = STDOUT,
            description =
                    "Write one JSON object, or print it in place of the table (no file, or -): system, processors, java,"
                            + " isa, seconds, and for each number of threads ceilings and what was measured: name, benchmark,"
                            + " parameters, seconds, gigaflops and gigabytes (a second), of_limit, onednn_seconds.")
    private @Nullable String json;

    BenchCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!(seconds > 0 && seconds <= 60)) {
            throw new UsageException("--seconds: found " + seconds + ", expected above 0 and at most 60");
        }
        String counts = counts();
        String level = level();
        String names = pattern();
        String page = report == null ? "" : outFile(report);
        String figures = json == null || json.equals(STDOUT) ? Objects.requireNonNullElse(json, "") : outFile(json);
        console.out().flush();
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow", // JMH's
                        "-cp",
                        jar().toString(),
                        "dev.gatun.bench.Bench",
                        counts,
                        level,
                        Double.toString(seconds),
                        names,
                        page,
                        figures)
                .inheritIO()
                .start()
                .waitFor();
    }

    private static String outFile(String name) throws IOException {
        return SampleFiles.outFile(name).toAbsolutePath().toString();
    }

    private String counts() {
        int all = Runtime.getRuntime().availableProcessors();
        List<Integer> counts = threads != null ? threads : all == 1 ? List.of(1) : List.of(1, all);
        for (int count : counts) {
            if (count < 1 || count > 1024) {
                throw new UsageException("--threads: found " + count + ", expected 1..1024");
            }
        }
        return String.join(",", counts.stream().map(String::valueOf).toList());
    }

    private String level() {
        List<String> known = List.of("best", "baseline", "avx2", "avx512", "neon");
        if (!known.contains(isa.toLowerCase(Locale.ROOT))) {
            throw new UsageException("--isa: found " + isa + ", expected one of " + known);
        }
        return isa;
    }

    private String pattern() {
        try {
            return Pattern.compile(only).pattern();
        } catch (PatternSyntaxException e) {
            throw new UsageException("--only: " + e.getMessage());
        }
    }

    /** The benchmarks are a program of their own, beside this one: who only uses the library does not need them. */
    private static Path jar() throws IOException {
        try {
            Path own = Path.of(BenchCommand.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            Path jar = own.resolveSibling(JAR);
            if (!Files.isRegularFile(jar)) {
                throw new IOException(jar + ": is not there; 'mvn -Pbench package' makes it");
            }
            return jar;
        } catch (URISyntaxException e) {
            throw new IOException("where this program lies is no path: " + e.getMessage(), e);
        }
    }
}
