package dev.gatun.cli;

import dev.gatun.Answer;
import dev.gatun.LevelMarginal;
import dev.gatun.Marginal;
import dev.gatun.RealMarginal;
import dev.gatun.data.Vocabulary;
import dev.gatun.family.DataSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The answer to a query, for people and as JSON.
 *
 * @param known values that are known
 * @param length of the example
 */
record AnswerText(DataSpec data, Answer answer, int known, int length) {
    /** Levels that people are shown. */
    private static final int SHOWN = 6;

    /** Effective samples below which people are told so. */
    private static final int FEW = 50;

    private static final double[] QUANTILES = {0.05, 0.25, 0.5, 0.75, 0.95};

    // Text

    List<String> lines(String model, double seconds) {
        List<String> lines = new ArrayList<>();
        String nats = known == 0
                ? ""
                : " (" + error(answer.knownNatsError() == 0, answer.knownNats(), answer.knownNatsError(), 3) + " nats)";
        boolean weighted = answer.effectiveSamples() < answer.samples() * (1 - 1e-9);
        lines.add(model + ": " + Numbers.grouped(known) + " of " + Numbers.grouped(length) + " values known" + nats
                + "; "
                + (answer.samples() == 1
                        ? "exact"
                        : Numbers.grouped(answer.samples()) + " samples"
                                + (weighted ? ", " + Numbers.fixed(answer.effectiveSamples(), 1) + " effective" : ""))
                + ", in " + Numbers.time(seconds));
        for (Marginal marginal : answer.marginals()) {
            lines.add("position " + Places.name(marginal.position(), data)
                    + (marginal.exact() && answer.samples() > 1 ? " (exact)" : "") + ": "
                    + switch (marginal) {
                        case LevelMarginal levels -> text(levels);
                        case RealMarginal reals -> text(reals);
                    });
        }
        if (weighted && answer.effectiveSamples() < FEW) {
            lines.add("few samples fit what is known, so that errors are uncertain too; --count draws more");
        }
        return lines;
    }

    private String text(LevelMarginal marginal) {
        double[] p = marginal.probabilities();
        List<Integer> likeliest = IntStream.range(0, p.length)
                .boxed()
                .sorted(Comparator.comparingDouble(level -> -p[level]))
                .limit(SHOWN)
                .toList();
        String text = likeliest.stream()
                .map(level -> name(level) + " " + error(marginal.exact(), p[level], marginal.errors()[level], 4))
                .collect(Collectors.joining(", "));
        double rest = 1 - likeliest.stream().mapToDouble(level -> p[level]).sum();
        int others = p.length - likeliest.size();
        return others == 0 ? text : text + ", the " + others + " others " + Numbers.fixed(Math.max(0, rest), 4);
    }

    private String name(int level) {
        if (!(data instanceof DataSpec.Text text)) {
            return Integer.toString(level);
        }
        String character = new Vocabulary(text).decode(new int[] {level}, 0, 1);
        int point = character.codePointAt(0);
        return Character.isISOControl(point)
                ? "U+" + Integer.toHexString(0x10000 + point).substring(1)
                : "'" + character + "'";
    }

    private static String text(RealMarginal marginal) {
        return "mean " + error(marginal.exact(), marginal.mean(), marginal.meanError(), 4) + ", deviation "
                + error(marginal.exact(), marginal.deviation(), marginal.deviationError(), 4) + "; quantiles "
                + Arrays.stream(QUANTILES)
                        .mapToObj(q -> Math.round(100 * q) + " % "
                                + error(marginal.exact(), marginal.quantile(q), marginal.quantileError(q), 4))
                        .collect(Collectors.joining(", "));
    }

    private static String error(boolean exact, double value, double error, int digits) {
        return Numbers.fixed(value, digits) + (exact ? "" : " ± " + Numbers.fixed(error, digits));
    }

    // JSON

    Map<String, Object> json(long seed, double seconds) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("positions", answer.marginals().stream().map(this::json).toList());
        json.put("known", known);
        json.put("known_nats", answer.knownNats());
        json.put("known_nats_error", answer.knownNatsError());
        json.put("samples", answer.samples());
        json.put("effective_samples", answer.effectiveSamples());
        json.put("seed", Long.toUnsignedString(seed));
        json.put("seconds", seconds);
        return json;
    }

    private Map<String, Object> json(Marginal marginal) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("position", Places.name(marginal.position(), data));
        json.put("exact", marginal.exact());
        switch (marginal) {
            case LevelMarginal levels -> {
                json.put(
                        "probabilities",
                        Arrays.stream(levels.probabilities()).boxed().toList());
                json.put("errors", Arrays.stream(levels.errors()).boxed().toList());
            }
            case RealMarginal reals -> {
                json.put("mean", reals.mean());
                json.put("mean_error", reals.meanError());
                json.put("deviation", reals.deviation());
                json.put("deviation_error", reals.deviationError());
                json.put(
                        "quantiles",
                        Arrays.stream(QUANTILES)
                                .mapToObj(q -> quantile(reals, q))
                                .toList());
            }
        }
        return json;
    }

    private static Map<String, Object> quantile(RealMarginal reals, double probability) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("probability", probability);
        json.put("value", reals.quantile(probability));
        json.put("error", reals.quantileError(probability));
        return json;
    }
}
