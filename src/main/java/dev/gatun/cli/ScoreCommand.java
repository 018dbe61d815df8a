package dev.gatun.cli;

import dev.gatun.Model;
import dev.gatun.data.DataSets;
import dev.gatun.data.Split;
import dev.gatun.file.Json;
import dev.gatun.score.Separation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says how well examples fit to what a model has learnt. */
@Command(
        name = "score",
        sortOptions = false,
        description = {
            "Scores examples by their likelihood: nats, bits per dimension, the rank p-value among examples that are known",
            "to fit (PixelDefend, Song et al. 2018), and how well likelihoods tell a second set apart."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  gatun score digits --data digits --reference digits --out scores.csv",
            "  gatun score my.safetensors --data mnist --reference mnist --against fashion-mnist --histogram scores.svg",
            "  gatun evaluate my.safetensors --data mnist --split train --per-example train.npy",
            "  gatun score my.safetensors --data suspects.npy --reference-nats train.npy --json",
            "",
            "The p-value of an example is (1 + how many of the n of the reference are at most as likely) / (n + 1): of",
            "examples like those of the reference it is uniform; a small one says that nearly all of these are likelier.",
            "Just as likely ones count as less likely. The area under the ROC curve (AUROC) is the probability that an",
            "example of --data is likelier than one of --against, just as likely ones counting half.",
        })
final class ScoreCommand implements Callable<Integer> {
    /** Of p-values this or less, that many are expected of examples that fit. */
    private static final double LOW = 0.05;

    private final Console console;

    @Parameters(
            paramLabel = "MODEL",
            description = "A model file, or the name of a bundled model (digits, mnist, mnist-classes).")
    private String name = "";

    @Mixin
    private final DataOptions data = new DataOptions();

    @Option(
            names = "--reference",
            paramLabel = "DATA",
            description =
                    "Examples that are known to fit, such as those that the model has learnt from: a file or a set as for"
                            + " --data.")
    private @Nullable String reference;

    @Option(
            names = "--reference-split",
            paramLabel = "S",
            description = "Their part: train if not given, or all where they are not divided.")
    private @Nullable Split referenceSplit;

    @Option(
            names = "--reference-nats",
            paramLabel = "N.npy",
            description = "In place of --reference: the nats of its examples, as 'evaluate --per-example' writes them.")
    private @Nullable String referenceNats;

    @Option(
            names = "--against",
            paramLabel = "DATA",
            description = "A second set, which the likelihoods should tell apart: a file or a set as for --data.")
    private @Nullable String against;

    @Option(
            names = "--against-split",
            paramLabel = "S",
            description = "Its part: test if not given, or all where it is not divided.")
    private @Nullable Split againstSplit;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Only the first N examples of each set, or as many as it has.")
    private @Nullable Integer limit;

    @Option(
            names = "--length",
            paramLabel = "L",
            description = "Cut examples of text, audio and series into pieces of this length, as 'evaluate' does.")
    private int length;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write the scores, those of --data before those of --against: .csv, columns set, item, nats,"
                    + " bits_per_dimension, and p_value where there is a reference; .npy, float32, the last two or"
                    + " three columns of these.")
    private @Nullable String out;

    @Option(
            names = "--histogram",
            paramLabel = "H.svg",
            description = "Draw how bits per dimension and p-values of the sets are distributed, an SVG picture.")
    private @Nullable String histogram;

    @Option(
            names = "--json",
            description =
                    "Print one JSON object: model, dimensions, reference (examples, nats), and of the sets data and"
                            + " against examples, nats, bits_per_dimension, mean_p_value, p_at_most_0.05, from_uniform; auroc.")
    private boolean json;

    @Mixin
    private final ConditionOptions conditions = new ConditionOptions();

    @Mixin
    private final PrecisionOptions precision = new PrecisionOptions();

    @Mixin
    private final CommonOptions common = new CommonOptions();

    ScoreCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (reference != null && referenceNats != null) {
            throw new UsageException("--reference and --reference-nats: expected one of them");
        }
        if (limit != null) {
            ScaleOptions.atLeast("--limit", limit, 1);
        }
        ScoreFile file = out == null ? null : ScoreFile.of(out);
        HistogramPicture picture = histogram == null ? null : HistogramPicture.of(histogram);
        try (Model model = Models.open(name, common.device(console), precision)) {
            ItemScores.Reader reader = new ItemScores.Reader(model, data, conditions, limit, length, console);
            List<ItemScores> sets = read(reader);
            if (file != null) {
                file.write(sets);
            }
            if (picture != null) {
                picture.write(sets, reader.reference());
            }
            report(sets, reader.reference());
        }
        return 0;
    }

    private List<ItemScores> read(ItemScores.Reader reader) throws IOException {
        if (referenceNats != null) {
            reader.referTo(referenceNats);
        } else if (reference != null) {
            reader.referTo(chosen("--reference", reference, referenceSplit, Split.TRAIN));
        }
        List<ItemScores> sets = new ArrayList<>();
        sets.add(reader.read("data", data.choose(console)));
        if (against != null) {
            sets.add(reader.read("against", chosen("--against", against, againstSplit, Split.TEST)));
        }
        return sets;
    }

    /** A set besides that of {@code --data}, and its part. */
    private DataOptions.Chosen chosen(String option, String source, @Nullable Split split, Split usual)
            throws IOException {
        return DataOptions.choose(DataSets.open(source, data.reading(console)), option + "-split", split, usual);
    }

    private void report(List<ItemScores> sets, @Nullable ItemScores reference) {
        Double auroc = sets.size() < 2
                ? null
                : Double.valueOf(
                        Separation.auroc(sets.getFirst().nats(), sets.getLast().nats()));
        if (json) {
            console.out().println(Json.write(values(sets, reference, auroc)));
            return;
        }
        if (reference != null) {
            console.out().println("reference: " + reference.line());
        }
        for (ItemScores set : sets) {
            console.out().println(set.role() + ": " + set.line());
            if (set.pValues() != null) {
                console.out()
                        .println("  p-values: mean " + Numbers.fixed(set.meanP(), 3) + ", at most " + LOW + ": "
                                + Numbers.fixed(100 * set.pAtMost(LOW), 1) + " %, from uniform "
                                + Numbers.fixed(set.fromUniform(), 3));
            }
        }
        if (auroc != null) {
            console.out().println("AUROC: " + Numbers.fixed(auroc, 4));
        }
    }

    private Map<String, Object> values(List<ItemScores> sets, @Nullable ItemScores reference, @Nullable Double auroc) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("model", name);
        values.put("dimensions", sets.getFirst().dimensions());
        if (reference != null) {
            values.put(reference.role(), reference.values(LOW));
        }
        for (ItemScores set : sets) {
            values.put(set.role(), set.values(LOW));
        }
        if (auroc != null) {
            values.put("auroc", auroc);
        }
        return values;
    }
}
