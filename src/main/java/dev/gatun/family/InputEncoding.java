package dev.gatun.family;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a position's value v, out of {@code levels}, enters a network. */
public enum InputEncoding {
    /** v itself. */
    RAW,
    /** v / (levels - 1). */
    UNIT,
    /** 2 v / (levels - 1) - 1. */
    SCALED,
    /** {@code levels} inputs, of which number v is 1 and the others are 0. */
    ONE_HOT;

    /** The name in a configuration, such as {@code "one_hot"}. */
    public String jsonName() {
        return name().toLowerCase(Locale.ROOT);
    }

    static InputEncoding parse(@Nullable Object json) {
        List<String> names =
                Arrays.stream(values()).map(InputEncoding::jsonName).toList();
        return values()[names.indexOf(Fields.choice("input", json, names))];
    }
}
