package dev.gatun.cli;

import dev.gatun.Condition;
import dev.gatun.Device;
import dev.gatun.Model;
import dev.gatun.Profile;
import dev.gatun.file.AtomicFile;
import dev.gatun.file.Json;
import dev.gatun.foreign.Isa;
import dev.gatun.profile.Ceilings;
import dev.gatun.profile.Html;
import dev.gatun.profile.ProfilePage;
import dev.gatun.profile.Shares;
import dev.gatun.profile.Trace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what a model's time goes into. */
@Command(
        name = "profile",
        sortOptions = false,
        description =
                "Times each operation of a model's forward pass and each instruction of its cached sampling, beside what"
                        + " this machine does at most.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  gatun profile mnist --batch 16",
            "  gatun profile wavenet.safetensors --length 4000 --threads 1 --report profile.html",
            "  gatun profile mnist-classes --class 3 --trace trace.json",
            "",
            "A trace is for chrome://tracing or ui.perfetto.dev. Where threads share out streams, instructions of sampling",
            "are those of the first ones.",
        })
final class ProfileCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(
            paramLabel = "MODEL",
            description = "A model file, or the name of a bundled model (digits, mnist, mnist-classes).")
    private String name = "";

    @Option(
            names = "--batch",
            paramLabel = "B",
            defaultValue = "1",
            description = "Examples at once (${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--length",
            paramLabel = "L",
            description = "Positions of an example, where the model's data have no length of their own.")
    private int length;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "20",
            description = "Times are medians of so many, after some that warm up (${DEFAULT-VALUE}).")
    private int runs;

    @Option(
            names = "--top",
            paramLabel = "N",
            defaultValue = "20",
            description = "Print those N that take longest, of each kind; 0 for all (${DEFAULT-VALUE}).")
    private int top;

    @Option(names = "--trace", paramLabel = "T.json", description = "Write the calls of the last run, one by one.")
    private @Nullable String trace;

    @Option(
            names = "--report",
            paramLabel = "F.html",
            description = "Write a page of its own: time by parts of the model, rooflines, tables.")
    private @Nullable String report;

    @Option(
            names = "--json",
            description = "Print one JSON object: model, batch, length, threads, ceilings, and of forward and sampling"
                    + " seconds and costs: name, operation, calls, seconds, flops, bytes, of_limit.")
    private boolean json;

    @Mixin
    private final ConditionOptions conditions = new ConditionOptions();

    @Mixin
    private final PrecisionOptions precision = new PrecisionOptions();

    @Mixin
    private final CommonOptions common = new CommonOptions();

    ProfileCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        ScaleOptions.atLeast("--batch", batch, 1);
        ScaleOptions.atLeast("--runs", runs, 1);
        ScaleOptions.atLeast("--top", top, 0);
        Path traceFile = trace == null ? null : SampleFiles.outFile(trace);
        Path page = report == null ? null : SampleFiles.outFile(report);
        Device device = common.processor(console);
        try (Model model = Models.open(name, device, precision)) {
            int positions = positions(model);
            Condition condition = conditions.read(model.config(), batch, positions);
            Profile profile = model.profile(batch, positions, runs, condition);
            Ceilings ceilings = Ceilings.measure(Isa.valueOf(device.isa().toUpperCase(Locale.ROOT)), device.threads());
            print(profile, ceilings);
            if (traceFile != null) {
                write(traceFile, Json.write(Trace.json(name, profile)));
            }
            if (page != null) {
                write(page, ProfilePage.html(name, profile, ceilings));
            }
        }
        return 0;
    }

    private int positions(Model model) {
        int own = model.config().data().length().orElse(0);
        if (own == 0 && length < 1) {
            throw new UsageException(
                    "--length: is needed, for " + model.config().data().kind() + " has no length of its own");
        }
        if (own != 0 && length != 0 && length != own) {
            throw new UsageException("--length: found " + length + ", expected " + own);
        }
        return own == 0 ? length : own;
    }

    private static void write(Path file, String text) throws IOException {
        AtomicFile.write(file, to -> to.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    private void print(Profile profile, Ceilings ceilings) {
        Shares forward = Shares.ofForward(profile, ceilings);
        Shares sampling = Shares.ofSampling(profile, ceilings);
        if (json) {
            console.out().println(Json.write(json(profile, forward, sampling)));
            return;
        }
        console.out()
                .println(name + ": " + profile.batch() + " x " + Numbers.grouped(profile.length()) + " positions, "
                        + profile.threads() + (profile.threads() == 1 ? " thread; at most " : " threads; at most ")
                        + limits(ceilings));
        printPart("forward pass", forward);
        printPart("cached sampling", sampling);
    }

    private static String limits(Ceilings ceilings) {
        StringBuilder text = new StringBuilder(Html.number(ceilings.gigaFlops())).append(" GFLOP/s");
        for (Ceilings.Level level : ceilings.levels()) {
            text.append(", ")
                    .append(level.name())
                    .append(' ')
                    .append(Html.number(level.gigaBytes()))
                    .append(" GB/s");
        }
        return text.toString();
    }

    private void printPart(String what, Shares shares) {
        console.out().println();
        console.out()
                .println("%s: %s, %.0f %% of it in operations"
                        .formatted(what, Html.time(shares.part().seconds()), 100 * shares.inOperations()));
        console.out()
                .println("%10s %6s %8s %8s %8s %8s  %s"
                        .formatted("time", "share", "calls", "GFLOP/s", "GB/s", "of limit", "operation"));
        List<Integer> longest = shares.bySeconds();
        int shown = top == 0 ? longest.size() : Math.min(top, longest.size());
        for (int i : longest.subList(0, shown)) {
            console.out().println(line(shares, shares.part().costs().get(i)));
        }
        if (shown < longest.size()) {
            console.out().println("and " + (longest.size() - shown) + " more: --top 0 prints all");
        }
    }

    private static String line(Shares shares, Profile.Cost cost) {
        boolean timed = cost.seconds() > 0;
        return "%10s %5.1f%% %8d %8s %8s %8s  %s"
                .formatted(
                        Html.time(cost.seconds()),
                        100 * shares.ofTime(cost),
                        cost.calls(),
                        timed && cost.flops() > 0 ? Html.number(shares.gigaFlops(cost)) : "",
                        timed ? Html.number(shares.gigaBytes(cost)) : "",
                        timed ? "%.0f%%".formatted(100 * shares.ofLimit(cost)) : "",
                        cost.name() + " (" + cost.operation() + ")");
    }

    private Map<String, Object> json(Profile profile, Shares forward, Shares sampling) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("model", name);
        object.put("batch", profile.batch());
        object.put("length", profile.length());
        object.put("threads", profile.threads());
        Map<String, Object> limits = new LinkedHashMap<>();
        limits.put("gigaflops", forward.ceilings().gigaFlops());
        forward.ceilings().levels().forEach(level -> limits.put(level.name(), level.gigaBytes()));
        object.put("ceilings", limits);
        object.put("forward", json(forward));
        object.put("sampling", json(sampling));
        return object;
    }

    private static Map<String, Object> json(Shares shares) {
        List<Object> costs = new ArrayList<>();
        for (Profile.Cost cost : shares.part().costs()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", cost.name());
            one.put("operation", cost.operation());
            one.put("calls", cost.calls());
            one.put("seconds", cost.seconds());
            one.put("flops", cost.flops());
            one.put("bytes", cost.bytes());
            one.put("of_limit", cost.seconds() > 0 ? shares.ofLimit(cost) : 0);
            costs.add(one);
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("seconds", shares.part().seconds());
        object.put("costs", costs);
        return object;
    }
}
