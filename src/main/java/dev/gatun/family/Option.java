package dev.gatun.family;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One of a family's own configuration keys: whether it must be there, what it is if it is not, and how its value is
 * checked. Whole numbers are kept as {@link Long}, lists of them as {@code List<Long>}, other numbers as {@link Double}.
 *
 * @param key the name in the configuration
 * @param required whether the configuration must have it
 * @param fallback the value where the configuration has none, {@code null} for "none"
 * @param expected what a value must be, as an error says it
 * @param reader checks a value
 */
public record Option(String key, boolean required, @Nullable Object fallback, String expected, Reader reader) {
    /** Checks a value and brings it into the form in which configurations keep it. */
    @FunctionalInterface
    public interface Reader {
        /**
         * Checks one value.
         *
         * @param path the key, as errors name it
         * @param value what the configuration holds
         * @throws InvalidModelException if the value is not allowed
         */
        @Nullable
        Object read(String path, @Nullable Object value);
    }

    /** A whole number ≥ 1 that must be there. */
    static Option size(String key) {
        return new Option(key, true, null, Fields.atLeast(1), (path, value) -> (long) Fields.whole(path, value, 1));
    }

    /** A whole number. */
    static Option whole(String key, int least, long fallback) {
        return new Option(
                key, false, fallback, Fields.atLeast(least), (path, value) -> (long) Fields.whole(path, value, least));
    }

    /** A whole number that must be there. */
    static Option wholeRequired(String key, int least) {
        return new Option(
                key, true, null, Fields.atLeast(least), (path, value) -> (long) Fields.whole(path, value, least));
    }

    /** The size of a kernel that has a middle. */
    static Option oddSize(String key, long fallback) {
        return new Option(key, false, fallback, "an odd whole number >= 1", (path, value) -> {
            int size = Fields.whole(path, value, 1);
            if (size % 2 == 0) {
                throw InvalidModelException.of(path, Integer.toString(size), "an odd whole number");
            }
            return (long) size;
        });
    }

    /** A list of whole numbers ≥ 1 that must be there. */
    static Option sizes(String key) {
        return new Option(
                key, true, null, "a list of whole numbers >= 1", (path, value) -> Fields.wholes(path, value, 1));
    }

    /** A list of whole numbers ≥ 1, or none. */
    static Option sizesOrNone(String key) {
        return new Option(
                key,
                false,
                null,
                "a list of whole numbers >= 1, or null",
                (path, value) -> value == null ? null : Fields.wholes(path, value, 1));
    }

    /** One of several words, or none. */
    static Option choiceOrNone(String key, List<String> choices) {
        return new Option(
                key,
                false,
                null,
                Fields.oneOf(choices) + ", or null",
                (path, value) -> value == null ? null : Fields.choice(path, value, choices));
    }

    static Option number(String key, double fallback) {
        return new Option(key, false, fallback, "a finite number", Fields::number);
    }

    static Option flag(String key, boolean fallback) {
        return new Option(key, false, fallback, "true or false", Fields::flag);
    }

    static Option choice(String key, List<String> choices) {
        return new Option(key, true, null, Fields.oneOf(choices), (path, value) -> Fields.choice(path, value, choices));
    }

    static Option activation() {
        List<String> names = Activation.jsonNames();
        return new Option(
                "activation",
                false,
                Activation.RELU.jsonName(),
                Fields.oneOf(names),
                (path, value) -> Fields.choice(path, value, names));
    }

    /** Nothing, or an object with these keys, whose values are whole numbers ≥ 1. */
    static Option sizesOrNull(String key, List<String> keys) {
        return new Option(key, false, null, "an object or null", (path, value) -> {
            if (value == null) {
                return null;
            }
            Map<String, @Nullable Object> given = Fields.object(path, value);
            Fields.refuseUnknown(path, given, keys);
            Map<String, Object> read = new LinkedHashMap<>();
            keys.forEach(inner -> read.put(inner, (long) Fields.whole(path, given, inner, 1)));
            return Collections.unmodifiableMap(read);
        });
    }

    /** Nothing, or a condition of one of these types, each with the key of its size. */
    static Option condition(Map<String, String> sizeOfType) {
        List<String> types = sizeOfType.keySet().stream().sorted().toList();
        return new Option("condition", false, null, "an object or null", (path, value) -> {
            if (value == null) {
                return null;
            }
            Map<String, @Nullable Object> given = Fields.object(path, value);
            String type = Fields.choice(
                    Fields.path(path, "type"), Fields.required(path, given, "type", Fields.oneOf(types)), types);
            String size = Objects.requireNonNull(sizeOfType.get(type));
            Fields.refuseUnknown(path, given, List.of("type", size));
            Map<String, Object> read = new LinkedHashMap<>();
            read.put("type", type);
            read.put(size, (long) Fields.whole(path, given, size, 1));
            return Collections.unmodifiableMap(read);
        });
    }

    /** All options of a family, checked, those that are not given with their defaults, in the family's order. */
    static Map<String, @Nullable Object> readAll(List<Option> options, Map<String, ? extends @Nullable Object> given) {
        List<String> keys = new ArrayList<>(options.stream().map(Option::key).toList());
        Fields.refuseUnknown("", given, keys);
        Map<String, @Nullable Object> read = new LinkedHashMap<>();
        for (Option option : options) {
            String key = option.key;
            if (option.required && !given.containsKey(key)) {
                throw new InvalidModelException(key + ": missing, expected " + option.expected);
            }
            read.put(key, given.containsKey(key) ? option.reader.read(key, given.get(key)) : option.fallback);
        }
        return Collections.unmodifiableMap(read);
    }
}
