package dev.gatun.cli;

import dev.gatun.family.DataSpec;
import dev.gatun.family.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A condition that a model's configuration asks for.
 *
 * @param option that gives it
 * @param kind what messages call it
 * @param classes how many there are, 0 where the condition is features
 * @param shape of an example's features, {@code [channels, frames]}, {@code [size]} or {@code [channels, H, W]}; empty for a
 *     class
 */
record Wanted(String option, String kind, int classes, List<Integer> shape) {
    private static final String LOCAL = "local_condition";
    private static final String GLOBAL = "global_condition";
    private static final String CONDITION = "condition";

    /** What a model asks for, of data of a length: a class, features, both or neither. */
    static List<Wanted> of(ModelConfig config, int length) {
        List<Wanted> wanted = new ArrayList<>();
        if (object(config, LOCAL) != null) {
            int frames = Math.ceilDiv(length, config.integer(LOCAL + ".hop"));
            wanted.add(
                    new Wanted("--local", "local condition", 0, List.of(config.integer(LOCAL + ".channels"), frames)));
        }
        if (object(config, GLOBAL) != null) {
            wanted.add(new Wanted("--global", "global condition", config.integer(GLOBAL + ".classes"), List.of()));
        }
        Map<String, @Nullable Object> condition = object(config, CONDITION);
        if (condition != null) {
            wanted.add(ofImage(config, String.valueOf(condition.get("type"))));
        }
        return wanted;
    }

    private static Wanted ofImage(ModelConfig config, String type) {
        return switch (type) {
            case "class" ->
                new Wanted("--condition", "class condition", config.integer(CONDITION + ".classes"), List.of());
            case "vector" ->
                new Wanted("--condition", "vector condition", 0, List.of(config.integer(CONDITION + ".size")));
            case "spatial" -> {
                DataSpec.Image image = (DataSpec.Image) config.data();
                List<Integer> shape = List.of(config.integer(CONDITION + ".channels"), image.height(), image.width());
                yield new Wanted("--condition", "spatial condition", 0, shape);
            }
            default -> throw new IllegalStateException("a condition of type " + type);
        };
    }

    private static @Nullable Map<String, @Nullable Object> object(ModelConfig config, String key) {
        return config.options().containsKey(key) ? config.object(key) : null;
    }

    /** Whether longer features will do: frames that nothing is held for. */
    boolean longer() {
        return shape.size() == 2;
    }

    /** Whether the shape of an array of some rows is that of this condition. */
    boolean fits(int[] found) {
        return found.length == shape.size() + 1
                && IntStream.range(0, shape.size())
                        .allMatch(i ->
                                found[i + 1] == shape.get(i) || (longer() && i == 1 && found[i + 1] > shape.get(i)));
    }

    /** Channels of features. */
    int channels() {
        return shape.getFirst();
    }

    /** The shape that is expected of so many rows, as messages have it. */
    String expected(int rows) {
        String sizes = IntStream.range(0, shape.size())
                .mapToObj(i -> ", " + (longer() && i == 1 ? "at least " : "") + shape.get(i))
                .collect(Collectors.joining());
        return "[" + (rows == 1 ? "1" : rows + " (or 1)") + sizes + "]";
    }
}
