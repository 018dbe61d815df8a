package dev.gatun.family;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a network's outputs mean.
 *
 * @param type the kind of distribution
 * @param components of a mixture, ≥ 1; 0 for the other types
 */
public record DistributionSpec(Type type, int components) {
    /** The most components of which an RGB pixel's outputs (ten a component) can be counted. */
    private static final int MOST_COMPONENTS = Integer.MAX_VALUE / 10;

    /** The kinds of distribution. */
    public enum Type {
        /** One output a position: the logit of x = 1. */
        BERNOULLI,
        /** {@code levels} outputs a position: logits. */
        CATEGORICAL,
        /** Two outputs a position: mean and ln σ. */
        GAUSSIAN,
        /** Logits, means and log-scales of each component, and for RGB pixels the coefficients between channels. */
        DISCRETIZED_LOGISTIC_MIXTURE;

        /** The name in a configuration, such as {@code "bernoulli"}. */
        public String jsonName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @throws InvalidModelException if the number of components does not fit the type */
    public DistributionSpec {
        if (type == Type.DISCRETIZED_LOGISTIC_MIXTURE) {
            Fields.whole("distribution.components", components, 1);
            if (components > MOST_COMPONENTS) {
                throw InvalidModelException.of(
                        "distribution.components",
                        Integer.toString(components),
                        "a whole number <= " + MOST_COMPONENTS);
            }
        } else if (components != 0) {
            throw InvalidModelException.of("distribution.components", Integer.toString(components), "none");
        }
    }

    /** A distribution without components. */
    public static DistributionSpec of(Type type) {
        return new DistributionSpec(type, 0);
    }

    /** A discretized logistic mixture. */
    public static DistributionSpec mixture(int components) {
        return new DistributionSpec(Type.DISCRETIZED_LOGISTIC_MIXTURE, components);
    }

    /**
     * The outputs of a position, or with {@code rgbPixels} of a pixel of three channels.
     *
     * @param levels the number of values of a position
     * @param rgbPixels whether a mixture is over whole pixels of three channels
     */
    public int outputs(int levels, boolean rgbPixels) {
        return switch (type) {
            case BERNOULLI -> 1;
            case CATEGORICAL -> levels;
            case GAUSSIAN -> 2;
            case DISCRETIZED_LOGISTIC_MIXTURE -> (rgbPixels ? 10 : 3) * components;
        };
    }

    static DistributionSpec parse(Object json) {
        Map<String, @Nullable Object> given = Fields.object("distribution", json);
        List<String> names = Arrays.stream(Type.values()).map(Type::jsonName).toList();
        Object name = Fields.required("distribution", given, "type", Fields.oneOf(names));
        Type type = Type.values()[names.indexOf(Fields.choice("distribution.type", name, names))];
        if (type != Type.DISCRETIZED_LOGISTIC_MIXTURE) {
            Fields.refuseUnknown("distribution", given, List.of("type"));
            return of(type);
        }
        Fields.refuseUnknown("distribution", given, List.of("type", "components"));
        return mixture(Fields.whole("distribution", given, "components", 1));
    }

    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", type.jsonName());
        if (type == Type.DISCRETIZED_LOGISTIC_MIXTURE) {
            json.put("components", (long) components);
        }
        return json;
    }
}
