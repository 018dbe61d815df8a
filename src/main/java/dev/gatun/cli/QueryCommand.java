package dev.gatun.cli;

import dev.gatun.Answer;
import dev.gatun.Model;
import dev.gatun.Query;
import dev.gatun.family.DataSpec;
import dev.gatun.file.Json;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks what single values are, given others. */
@Command(
        name = "query",
        sortOptions = false,
        description = {
            "Asks what single values are distributed by when others are known and the rest is not, and how likely what is",
            "known is: by samples, with standard errors, or outright for the first unknown value."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  gatun query digits --position 30                                     # nothing known: a marginal",
            "  gatun query pixelcnn.safetensors --data mnist --given top:14 --position 20,13 --position 22,13",
            "  gatun query digits --data digits --example 3 --given mask.npy --position 63 --count 10000 --json",
            "  gatun query text.safetensors --prime-text 'ROMEO' --position 5       # exact: a step of the model",
            "  gatun query series.safetensors --data series.npy --given first:90 --position 99",
            "  gatun query digits --data digits --given first:32                    # only how likely these are",
            "",
            "Of a position behind which nothing is known, the mean is of whole distributions over the samples before it.",
            "Values that are known behind unknown ones weigh the samples, and of positions before them the values drawn",
            "are counted: see how many samples are effective, and draw more where these are few.",
        })
final class QueryCommand implements Callable<Integer> {
    private static final double NANOS = 1e9;

    private final Console console;

    @Parameters(
            paramLabel = "MODEL",
            description = "A model file, or the name of a bundled model (digits, mnist, mnist-classes).")
    private String name = "";

    @Mixin
    private final KnownOptions knownOptions = new KnownOptions();

    @Option(
            names = "--position",
            paramLabel = "P",
            description = "Which value is asked for, as often as you like: of images R,C (all channels) or R,C,CHANNEL,"
                    + " of sequences its number; all from 0.")
    private List<String> positions = List.of();

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Samples (${DEFAULT-VALUE}); where nothing needs to be drawn, one is taken.")
    private int count;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "0",
            converter = SeedConverter.class,
            description = "Seed of the noise, 64 bits, decimal or 0x (${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--json",
            description = "Print one JSON object: positions (of each its name, whether exact, and probabilities and"
                    + " errors of all levels, or mean, deviation and quantiles), known, known_nats and its error,"
                    + " samples, effective_samples, seed, seconds.")
    private boolean json;

    @Mixin
    private final ConditionOptions conditions = new ConditionOptions();

    @Mixin
    private final PrecisionOptions precision = new PrecisionOptions();

    @Mixin
    private final CommonOptions common = new CommonOptions();

    QueryCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        ScaleOptions.atLeast("--count", count, 2);
        try (Model model = Models.open(name, common.device(console), precision)) {
            DataSpec data = model.config().data();
            int[] asked = asked(data);
            int reach = IntStream.of(asked).max().orElse(-1) + 1;
            KnownOptions.Found found = knownOptions.read(model.config(), conditions, reach, console);
            if (asked.length == 0 && found.known().count() == 0) {
                throw new UsageException("--position: is needed where nothing is known");
            }
            if (reach > found.length()) {
                throw new UsageException("--position: found " + (reach - 1) + ", expected 0.." + (found.length() - 1));
            }
            Query query = new Query(model, found.length(), found.known(), found.condition());
            long begin = System.nanoTime();
            Answer answer = answer(query, asked);
            double seconds = (System.nanoTime() - begin) / NANOS;
            AnswerText text = new AnswerText(data, answer, found.known().count(), found.length());
            if (json) {
                console.out().println(Json.write(text.json(seed, seconds)));
            } else {
                text.lines(name, seconds).forEach(console.out()::println);
            }
        }
        return 0;
    }

    private int[] asked(DataSpec data) {
        return positions.stream()
                .flatMapToInt(text -> data instanceof DataSpec.Image image
                        ? IntStream.of(Places.ofPixel(text, image))
                        : IntStream.of(Places.ofSequence(text)))
                .distinct()
                .toArray();
    }

    private Answer answer(Query query, int[] asked) {
        int reach = query.reach(asked);
        long samples = query.samples(count, asked);
        try (Watch watch = new Watch(console, "samples", samples * reach, reach)) {
            return query.answer(count, seed, watch::done, asked);
        }
    }
}
