package dev.gatun.family;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The {@code data} part of a configuration, read, checked and written. */
final class DataJson {
    /** The keys of each kind beside "kind" itself, in the order in which they are written. */
    private static final Map<String, List<String>> KEYS = new LinkedHashMap<>();

    static {
        KEYS.put("image", List.of("height", "width", "channels", "levels"));
        KEYS.put("sequence", List.of("length", "levels"));
        KEYS.put("audio", List.of("sample_rate", "levels", "companding"));
        KEYS.put("text", List.of("vocabulary"));
        KEYS.put("series", List.of());
    }

    private DataJson() {}

    static DataSpec parse(Object json) {
        Map<String, @Nullable Object> given = Fields.object("data", json);
        List<String> kinds = List.copyOf(KEYS.keySet());
        Object found = Fields.required("data", given, "kind", Fields.oneOf(kinds));
        String kind = Fields.choice("data.kind", found, kinds);
        List<String> known = new ArrayList<>(List.of("kind"));
        known.addAll(KEYS.get(kind));
        Fields.refuseUnknown("data", given, known);
        return switch (kind) {
            case "image" ->
                new DataSpec.Image(
                        size(given, "height"),
                        size(given, "width"),
                        channels(given),
                        Fields.whole("data", given, "levels", 2));
            case "sequence" -> new DataSpec.Sequence(size(given, "length"), Fields.whole("data", given, "levels", 2));
            case "audio" ->
                new DataSpec.Audio(
                        size(given, "sample_rate"), Fields.whole("data", given, "levels", 2), companding(given));
            case "text" -> new DataSpec.Text(vocabulary(given));
            default -> new DataSpec.Series();
        };
    }

    private static int size(Map<String, @Nullable Object> given, String key) {
        return Fields.whole("data", given, key, 1);
    }

    private static int channels(Map<String, @Nullable Object> given) {
        Object found = Fields.required("data", given, "channels", "1 or 3");
        if (!found.equals(1L) && !found.equals(3L)) {
            throw InvalidModelException.of("data.channels", Fields.show(found), "1 or 3");
        }
        return found.equals(1L) ? 1 : 3;
    }

    private static Companding companding(Map<String, @Nullable Object> given) {
        return Companding.parse(
                "data.companding", Fields.required("data", given, "companding", "\"linear\" or \"mu-law\""));
    }

    private static String vocabulary(Map<String, @Nullable Object> given) {
        String expected = "a string of different code points";
        Object found = Fields.required("data", given, "vocabulary", expected);
        if (!(found instanceof String vocabulary)) {
            throw InvalidModelException.of("data.vocabulary", Fields.show(found), expected);
        }
        return vocabulary;
    }

    static void checkVocabulary(String path, String vocabulary) {
        int levels = vocabulary.codePointCount(0, vocabulary.length());
        if (levels < 2) {
            throw InvalidModelException.of(path, levels + " code points", "2 or more");
        }
        IntPredicate surrogate = c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
        if (vocabulary.codePoints().anyMatch(surrogate)) {
            throw InvalidModelException.of(path, "an unpaired surrogate", "code points that a text can hold");
        }
        Map<Integer, Boolean> seen = new LinkedHashMap<>();
        vocabulary.codePoints().forEach(c -> {
            if (seen.put(c, true) != null) {
                throw InvalidModelException.of(
                        path, Fields.show(Character.toString(c)) + " twice", "different code points");
            }
        });
    }

    static Map<String, Object> write(DataSpec data) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kind", data.kind());
        switch (data) {
            case DataSpec.Image image -> {
                json.put("height", (long) image.height());
                json.put("width", (long) image.width());
                json.put("channels", (long) image.channels());
                json.put("levels", (long) image.levels());
            }
            case DataSpec.Sequence sequence -> {
                json.put("length", (long) sequence.positions());
                json.put("levels", (long) sequence.levels());
            }
            case DataSpec.Audio audio -> {
                json.put("sample_rate", (long) audio.sampleRate());
                json.put("levels", (long) audio.levels());
                json.put("companding", audio.companding().jsonName());
            }
            case DataSpec.Text text -> json.put("vocabulary", text.vocabulary());
            case DataSpec.Series _ -> {}
        }
        return json;
    }

    /** Refuses a length of an example that is not the data's own, where they have one. */
    static void requireLength(DataSpec data, int length) {
        if (length < 1 || data.length().orElse(length) != length) {
            String expected =
                    data.length().isPresent() ? Integer.toString(data.length().getAsInt()) : "at least 1";
            throw new IllegalArgumentException(
                    data.kind() + ": an example of " + length + " positions, expected " + expected);
        }
    }
}
