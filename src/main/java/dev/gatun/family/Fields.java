package dev.gatun.family;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON values (maps, lists, strings, longs, doubles, booleans, null) and refuses, with the path of the key, what is
 * not of the kind that is asked for. A number with a point or an exponent is not a whole number, even where its value is.
 */
final class Fields {
    private static final int LONGEST_SHOWN = 60;

    private Fields() {}

    /** The object's keys and values, in a map that is the caller's. */
    static Map<String, @Nullable Object> object(String path, @Nullable Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            throw InvalidModelException.of(path, show(value), "an object");
        }
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        map.forEach((key, of) -> object.put(String.valueOf(key), of));
        return object;
    }

    /** Refuses keys that are not {@code known}. {@code where}: the object's path, "" for the outermost. */
    static void refuseUnknown(String where, Map<String, ?> object, Collection<String> known) {
        for (String key : object.keySet()) {
            if (!known.contains(key)) {
                throw new InvalidModelException(path(where, key) + ": unknown key, expected one of " + known);
            }
        }
    }

    /** The value of a key that must be there. */
    static Object required(String where, Map<String, ? extends @Nullable Object> object, String key, String expected) {
        if (!object.containsKey(key)) {
            throw new InvalidModelException(path(where, key) + ": missing, expected " + expected);
        }
        @Nullable Object value = object.get(key);
        if (value == null) {
            throw InvalidModelException.of(path(where, key), "null", expected);
        }
        return value;
    }

    static int whole(String where, Map<String, ? extends @Nullable Object> object, String key, int least) {
        return whole(path(where, key), required(where, object, key, atLeast(least)), least);
    }

    static int whole(String path, @Nullable Object value, int least) {
        if (!(value instanceof Long || value instanceof Integer)) {
            throw InvalidModelException.of(path, show(value), atLeast(least));
        }
        long whole = ((Number) value).longValue();
        if (whole < least) {
            throw InvalidModelException.of(path, show(value), atLeast(least));
        }
        if (whole > Integer.MAX_VALUE) {
            throw InvalidModelException.of(path, show(value), "a whole number <= " + Integer.MAX_VALUE);
        }
        return (int) whole;
    }

    static double number(String path, @Nullable Object value) {
        if (!(value instanceof Number number) || !Double.isFinite(number.doubleValue())) {
            throw InvalidModelException.of(path, show(value), "a finite number");
        }
        return number.doubleValue();
    }

    static boolean flag(String path, @Nullable Object value) {
        if (!(value instanceof Boolean flag)) {
            throw InvalidModelException.of(path, show(value), "true or false");
        }
        return flag;
    }

    static List<Long> wholes(String path, @Nullable Object value, int least) {
        if (!(value instanceof List<?> list)) {
            throw InvalidModelException.of(path, show(value), "a list of whole numbers >= " + least);
        }
        List<Long> wholes = new ArrayList<>(list.size());
        for (int i = 0; i < list.size(); i++) {
            wholes.add((long) whole(path + "[" + i + "]", list.get(i), least));
        }
        return List.copyOf(wholes);
    }

    static String choice(String path, @Nullable Object value, List<String> choices) {
        if (!(value instanceof String word) || !choices.contains(word)) {
            throw InvalidModelException.of(path, show(value), oneOf(choices));
        }
        return word;
    }

    static String path(String where, String key) {
        return where.isEmpty() ? key : where + "." + key;
    }

    static String atLeast(int least) {
        return "a whole number >= " + least;
    }

    static String oneOf(Collection<String> choices) {
        String quoted = "\"" + String.join("\", \"", choices) + "\"";
        return choices.size() == 1 ? quoted : "one of " + quoted;
    }

    /** A value as an error shows it: short. */
    static String show(@Nullable Object value) {
        if (value instanceof Map) {
            return "an object";
        }
        if (value instanceof List) {
            return "a list";
        }
        String text = String.valueOf(value);
        String cut = text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
        return value instanceof String ? "\"" + cut + "\"" : cut;
    }
}
