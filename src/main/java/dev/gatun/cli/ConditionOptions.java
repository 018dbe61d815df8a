package dev.gatun.cli;

import dev.gatun.Condition;
import dev.gatun.data.DataSet;
import dev.gatun.data.Split;
import dev.gatun.family.ModelConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Conditions, which some models take. One that the model does not take is an error, and so is one that it lacks. */
final class ConditionOptions {
    /** What stands for the classes that come with the data. */
    static final String LABELS = "labels";

    /** What stands for all classes, one after the other. */
    private static final String ALL = "all";

    private static final String FILES =
            " A .npy file, an IDX file (of classes), or a .npz file with an array for each part of the data (train, valid,"
                    + " test).";

    @Option(
            names = "--condition",
            paramLabel = "C",
            description = "Condition of each example, for image models that take one: classes [N], vectors [N, size] or"
                    + " maps [N, channels, H, W]; \"" + LABELS + "\" for the classes that come with the data." + FILES)
    private @Nullable String condition;

    @Option(
            names = "--local",
            paramLabel = "L",
            description = "Features of each frame, [N, channels, frames], for models with a local condition. One row is"
                    + " taken for all." + FILES)
    private @Nullable String local;

    @Option(
            names = "--global",
            paramLabel = "G",
            description = "Class of each example, [N], for models with a global condition; \"" + LABELS
                    + "\" for the classes that come with the data. One is taken for all." + FILES)
    private @Nullable String global;

    @Option(
            names = "--class",
            paramLabel = "K",
            split = ",",
            description = "A class for all examples, or several in turn (3,5), for models conditioned on a class; for"
                    + " samples also \"" + ALL + "\": --count of each class, a row of the picture for each.")
    private @Nullable List<String> classes;

    /** Whether any is given. */
    boolean given() {
        return condition != null || local != null || global != null || classes != null;
    }

    /**
     * How many classes samples are drawn of, each as often as the others; 0 where that is not asked for.
     *
     * @throws UsageException if it is, and the model has no classes
     */
    int allClasses(ModelConfig config) {
        if (classes == null || !classes.contains(ALL)) {
            return 0;
        }
        if (classes.size() > 1) {
            throw new UsageException("--class: found '" + String.join(",", classes) + "', expected classes, or " + ALL);
        }
        return Wanted.of(config, 1).stream()
                .mapToInt(Wanted::classes)
                .filter(count -> count > 0)
                .findFirst()
                .orElseThrow(() -> refusal("--class", "class", config));
    }

    /** Reads what samples are conditioned on; there are no data that could have labels. */
    Condition read(ModelConfig config, int rows, int length) throws IOException {
        return read(config, null, Split.ALL, rows, length);
    }

    /**
     * Reads what the model is conditioned on.
     *
     * @param set the data, null for none
     * @param split the part of them that the examples are
     * @param rows examples or samples
     * @param length values of each
     * @throws UsageException if a condition is missing, or the model takes none
     * @throws dev.gatun.file.FormatException if a file does not hold it
     */
    Condition read(ModelConfig config, @Nullable DataSet set, Split split, int rows, int length) throws IOException {
        Map<String, String> given = byOption();
        Condition all = Condition.none();
        boolean classWanted = false;
        for (Wanted wanted : Wanted.of(config, length)) {
            String source = given.remove(wanted.option());
            if (wanted.classes() > 0) {
                classWanted = true;
                all = Condition.ofClasses(labels(wanted, source, set, split, rows))
                        .with(all);
            } else {
                Path file = Path.of(needed(wanted, source));
                all = ConditionFile.open(file, split).features(all, wanted, rows);
            }
        }
        if (!given.isEmpty()) {
            String option = given.keySet().iterator().next();
            throw refusal(
                    option, option.equals("--condition") ? "condition" : option.substring(2) + " condition", config);
        }
        if (classes != null && !classWanted) {
            throw refusal("--class", "class", config);
        }
        return all;
    }

    /** Whether there are conditions that go along with positions. */
    boolean frames() {
        return local != null || condition != null;
    }

    private Map<String, String> byOption() {
        Map<String, String> given = new LinkedHashMap<>();
        if (condition != null) {
            given.put("--condition", condition);
        }
        if (local != null) {
            given.put("--local", local);
        }
        if (global != null) {
            given.put("--global", global);
        }
        return given;
    }

    private static String needed(Wanted wanted, @Nullable String source) {
        if (source == null) {
            throw new UsageException(wanted.option() + ": is needed, for the model has a " + wanted.kind());
        }
        return source;
    }

    private static UsageException refusal(String option, String what, ModelConfig config) {
        return new UsageException(
                option + ": this model, of the family " + config.architecture() + ", takes no " + what);
    }

    private int[] labels(Wanted wanted, @Nullable String source, @Nullable DataSet set, Split split, int rows)
            throws IOException {
        if (classes != null) {
            if (source != null) {
                throw new UsageException("--class and " + wanted.option() + ": expected one of them");
            }
            return chosen(classes, wanted, set, rows);
        }
        if (!needed(wanted, source).equals(LABELS)) {
            return ConditionFile.open(Path.of(needed(wanted, source)), split).classes(wanted, rows);
        }
        int[] own = set == null ? null : set.labels(split);
        if (own == null || own.length != rows) {
            String found = set == null
                    ? "there are no data here"
                    : set.name() + " has " + (own == null ? "none" : own.length + " of them for " + rows + " examples");
            throw new UsageException(wanted.option() + ": found \"" + LABELS + "\", but " + found);
        }
        checkClasses(wanted.option(), own, wanted);
        return own;
    }

    private static int[] chosen(List<String> classes, Wanted wanted, @Nullable DataSet set, int rows) {
        if (classes.contains(ALL)) {
            if (set != null) {
                throw new UsageException("--class: found '" + ALL + "', expected classes: it is for sample");
            }
            return IntStream.range(0, rows)
                    .map(row -> row / (rows / wanted.classes()))
                    .toArray();
        }
        int[] some = classes.stream().mapToInt(ConditionOptions::number).toArray();
        checkClasses("--class", some, wanted);
        return ConditionFile.repeated(some, rows);
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new UsageException("--class: found '" + text + "', expected the number of a class, or " + ALL);
        }
    }

    private static void checkClasses(String option, int[] found, Wanted wanted) {
        for (int label : found) {
            if (label < 0 || label >= wanted.classes()) {
                throw new UsageException(option + ": found class " + label + ", expected 0.." + (wanted.classes() - 1));
            }
        }
    }
}
