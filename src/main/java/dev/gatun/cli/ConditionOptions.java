package dev.gatun.cli;

import dev.gatun.Condition;
import dev.gatun.family.ModelConfig;
import dev.gatun.file.FormatException;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Conditions, which some models take. One that the model does not take is an error, and so is one that it lacks. */
final class ConditionOptions {
    private static final String LOCAL_KEY = "local_condition";
    private static final String GLOBAL_KEY = "global_condition";

    @Option(
            names = "--condition",
            paramLabel = "C.npy",
            description = "Condition of each example, for models that take one.")
    private @Nullable Path condition;

    @Option(
            names = "--local",
            paramLabel = "L.npy",
            description = "Features of each frame, [N, channels, frames], for models with a local condition. One row is"
                    + " taken for all.")
    private @Nullable Path local;

    @Option(
            names = "--global",
            paramLabel = "G.npy",
            description = "Class of each example, [N], for models with a global condition. One is taken for all.")
    private @Nullable Path global;

    /** Whether any is given. */
    boolean given() {
        return condition != null || local != null || global != null;
    }

    /** The keys of a configuration that ask for a condition. */
    static boolean asked(ModelConfig config) {
        return key(config, LOCAL_KEY) != null || key(config, GLOBAL_KEY) != null || key(config, "condition") != null;
    }

    private static @Nullable Map<String, Object> key(ModelConfig config, String key) {
        return config.options().containsKey(key) ? config.object(key) : null;
    }

    /**
     * Reads what the model is conditioned on.
     *
     * @param rows examples or samples
     * @param length values of each
     * @throws UsageException if a condition is missing, or the model takes none
     * @throws FormatException if a file does not hold it
     */
    Condition read(ModelConfig config, int rows, int length) throws IOException {
        Map<String, Object> wantsFrames = key(config, LOCAL_KEY);
        Map<String, Object> wantsClasses = key(config, GLOBAL_KEY);
        if (condition != null) {
            throw refusal("--condition", "condition", config);
        }
        demand("--local", "local", local, wantsFrames != null, config);
        demand("--global", "global", global, wantsClasses != null, config);
        Condition all = global == null
                ? Condition.none()
                : Condition.ofClasses(classes(global, config.integer(GLOBAL_KEY + ".classes"), rows));
        if (local == null) {
            return all;
        }
        int needed = Math.ceilDiv(length, config.integer(LOCAL_KEY + ".hop"));
        return frames(all, local, config.integer(LOCAL_KEY + ".channels"), needed, rows);
    }

    private static void demand(String option, String kind, @Nullable Path given, boolean wanted, ModelConfig config) {
        if (given != null && !wanted) {
            throw refusal(option, kind + " condition", config);
        }
        if (given == null && wanted) {
            throw new UsageException(option + ": is needed, for the model has a " + kind + " condition");
        }
    }

    private static UsageException refusal(String option, String what, ModelConfig config) {
        return new UsageException(
                option + ": this model, of the family " + config.architecture() + ", takes no " + what);
    }

    private static int[] classes(Path file, int classes, int rows) throws IOException {
        NpyArray array = Npy.read(file);
        int[] shape = array.shape();
        if (shape.length != 1 || !fits(shape[0], rows)) {
            throw shape(file, shape, "[" + rows(rows) + "]");
        }
        int[] values = array.ints();
        for (int i = 0; i < values.length; i++) {
            if (values[i] < 0 || values[i] >= classes) {
                throw new FormatException(
                        file, "found " + values[i] + " at [" + i + "], expected a class, 0.." + (classes - 1));
            }
        }
        int[] all = new int[rows];
        for (int i = 0; i < rows; i++) {
            all[i] = values[i % values.length];
        }
        return all;
    }

    private static Condition frames(Condition all, Path file, int channels, int needed, int rows) throws IOException {
        NpyArray array = Npy.read(file);
        int[] shape = array.shape();
        if (shape.length != 3 || !fits(shape[0], rows) || shape[1] != channels || shape[2] < needed) {
            throw shape(file, shape, "[" + rows(rows) + ", " + channels + ", at least " + needed + "]");
        }
        float[] given = array.floats();
        for (int i = 0; i < given.length; i++) {
            if (!Float.isFinite(given[i])) {
                throw new FormatException(
                        file, "found " + given[i] + " as value number " + i + ", expected finite ones");
            }
        }
        float[] values = Arrays.copyOf(given, Math.multiplyExact(rows, given.length / shape[0]));
        for (int at = given.length; at < values.length; at += given.length) {
            System.arraycopy(given, 0, values, at, given.length);
        }
        return all.withFrames(values, channels, shape[2]);
    }

    private static boolean fits(int found, int rows) {
        return found == rows || found == 1;
    }

    private static String rows(int rows) {
        return rows == 1 ? "1" : rows + " (or 1)";
    }

    private static FormatException shape(Path file, int[] found, String expected) {
        return new FormatException(file, "found the shape " + Arrays.toString(found) + ", expected " + expected);
    }
}
