package dev.gatun.family;

import java.util.Arrays;
import java.util.List;

/** How audio's amplitudes, in [-1, 1], are spread over levels. */
public enum Companding {
    /** Evenly. */
    LINEAR("linear"),
    /** More levels for small amplitudes, with μ = levels - 1. */
    MU_LAW("mu-law");

    private final String jsonName;

    Companding(String jsonName) {
        this.jsonName = jsonName;
    }

    /** The name in a configuration, such as {@code "mu-law"}. */
    public String jsonName() {
        return jsonName;
    }

    static Companding parse(String path, Object json) {
        List<String> names = Arrays.stream(values()).map(Companding::jsonName).toList();
        return values()[names.indexOf(Fields.choice(path, json, names))];
    }
}
