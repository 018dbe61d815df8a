package dev.gatun.cli;

import dev.gatun.LongSequence;
import dev.gatun.data.DataSet;
import dev.gatun.data.NamedSet;
import dev.gatun.data.NamedSets;
import dev.gatun.data.Split;
import dev.gatun.family.DataSpec;
import dev.gatun.file.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Describes data. */
@Command(
        name = "data",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Describes a set of data: what its examples are, how it is divided, how many there are, the mean"
                + " of their levels, classes. Without a name: lists the sets that are known.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  gatun data",
            "  gatun data binarized-mnist --data-dir data",
            "  gatun data recordings.zip --json",
        })
final class DataCommand implements Callable<Integer> {
    private static final int WINDOW = 1 << 14;

    private final Console console;

    @Parameters(paramLabel = "DATA", arity = "0..1", description = DataOptions.SOURCES)
    private @Nullable String source;

    @Mixin
    private final ReadingOptions reading = new ReadingOptions();

    @Option(names = "--json", description = "Print one JSON object: name, data, published, parts.")
    private boolean json;

    DataCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (source == null) {
            list();
            return 0;
        }
        DataSet set = reading.open(source, console);
        DataSpec spec = set.spec(true);
        if (spec == null) {
            throw new UsageException("DATA: " + set.name()
                    + " does not say itself what its examples are; 'gatun evaluate' reads it as a model's data");
        }
        List<Part> parts = new ArrayList<>();
        for (Split split : set.splits().isEmpty() ? List.of(Split.ALL) : set.splits()) {
            parts.add(part(set, split, spec));
        }
        // Opening a published set has checked its files.
        boolean published = NamedSets.find(source) != null;
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("name", set.name());
            all.put("data", describe(spec));
            all.put("published", published);
            all.put("parts", parts.stream().map(Part::json).toList());
            console.out().println(Json.write(all));
        } else {
            console.out().println(set.name() + ": " + describe(spec) + (published ? " (files as published)" : ""));
            parts.forEach(part -> console.out().println("  " + part.line()));
        }
        return 0;
    }

    /** What is known of a part; classes are 0 where there are none. */
    private record Part(
            Split split, int examples, long values, long shortest, long longest, double mean, long classes) {
        Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("split", split.text());
            json.put("examples", examples);
            json.put("values", values);
            json.put("shortest", shortest);
            json.put("longest", longest);
            json.put("mean_level", mean);
            json.put("classes", classes);
            return json;
        }

        String line() {
            String lengths = shortest == longest ? "" + shortest : shortest + ".." + longest;
            return split.text() + ": " + examples + " examples of " + lengths + " values, mean level "
                    + Numbers.fixed(mean, 6) + (classes == 0 ? "" : ", " + classes + " classes");
        }
    }

    private void list() {
        console.out().println("digits: bundled, 8 x 8 handwritten digits of 17 levels");
        for (NamedSet set : NamedSets.list()) {
            console.out().println(set.name() + ": " + set.title());
            console.out().println("    " + set.splits() + "; licence: " + set.licence());
            set.forms().getFirst().files().forEach(file -> console.out().println("    " + file.describe()));
        }
        console.out().println("Files of published sets are read from --data-dir or GATUN_DATA; fetch-data gets them.");
    }

    private static Part part(DataSet set, Split split, DataSpec spec) throws IOException {
        List<LongSequence> sequences = set.sequences(split, spec);
        int[] window = new int[WINDOW];
        long count = 0;
        double sum = 0;
        for (LongSequence sequence : sequences) {
            for (long at = 0; at < sequence.length(); at += WINDOW) {
                int size = (int) Math.min(WINDOW, sequence.length() - at);
                sequence.read(at, window, 0, size);
                count += size;
                sum += Arrays.stream(window, 0, size).asLongStream().sum();
            }
        }
        int[] labels = set.labels(split);
        return new Part(
                split,
                sequences.size(),
                count,
                sequences.stream().mapToLong(LongSequence::length).min().orElse(0),
                sequences.stream().mapToLong(LongSequence::length).max().orElse(0),
                sum / count,
                labels == null ? 0 : Arrays.stream(labels).distinct().count());
    }

    private static String describe(DataSpec spec) {
        return switch (spec) {
            case DataSpec.Image image ->
                "images of " + image.height() + " x " + image.width() + " x " + image.channels() + ", " + image.levels()
                        + " levels";
            case DataSpec.Sequence sequence ->
                "sequences of " + sequence.positions() + " values, " + sequence.levels() + " levels";
            case DataSpec.Audio audio ->
                "sound, " + audio.sampleRate() + " Hz, " + audio.levels() + " levels, "
                        + audio.companding().jsonName();
            case DataSpec.Text text -> "text, " + text.levels() + " different characters";
            case DataSpec.Series series -> series.kind();
        };
    }
}
