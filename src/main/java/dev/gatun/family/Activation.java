package dev.gatun.family;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The function between two layers. */
public enum Activation {
    /** max(x, 0). */
    RELU,
    /** x where x > 0, else 0.01 x. */
    LEAKY_RELU,
    /** The hyperbolic tangent. */
    TANH,
    /** 1 / (1 + e^-x). */
    SIGMOID;

    /** The name in a configuration, such as {@code "leaky_relu"}. */
    public String jsonName() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Activation of(String jsonName) {
        return valueOf(jsonName.toUpperCase(Locale.ROOT));
    }

    static List<String> jsonNames() {
        return Arrays.stream(values()).map(Activation::jsonName).toList();
    }
}
