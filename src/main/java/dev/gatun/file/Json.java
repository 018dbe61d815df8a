package dev.gatun.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Strict JSON: duplicate keys, trailing text, numbers that do not fit, NaN and endless nesting are refused. */
public final class Json {
    private static final int DEEPEST = 100;

    /** Limits that let every header through that a file of ours may have, and nothing that nests without end. */
    static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxStringLength(SafetensorsHeader.MOST_BYTES)
                    .maxNameLength(SafetensorsHeader.MOST_BYTES)
                    .build())
            .build();

    private Json() {}

    /**
     * Parses one JSON value.
     *
     * @param text the whole text; only white space may surround the value
     * @return a {@link LinkedHashMap} in the text's order, {@link List}, {@link String}, {@link Long}, {@link Double},
     *     {@link Boolean} or null; a number with a fraction or an exponent is a double, any other a long
     * @throws JsonException if the text is not JSON, repeats a key in an object, goes on after the value, holds a whole
     *     number beyond 64 bits or one beyond the range of a double, or nests deeper than 100
     */
    public static @Nullable Object parse(String text) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new JsonException("no JSON value in an empty text");
            }
            Object value = value(parser, first);
            if (parser.nextToken() != null) {
                throw new JsonException("text after the JSON value" + where(parser));
            }
            return value;
        } catch (JsonProcessingException e) {
            throw new JsonException(problem(e), e);
        } catch (IOException e) {
            throw new JsonException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Writes a value as compact JSON. Maps are written in their own order, so one value always makes one text.
     *
     * @param value a map with string keys, a list, a string, a whole number, a finite float or double, a boolean, or
     *     null
     * @return the text, without white space
     * @throws IllegalArgumentException if there is anything else in it, or it nests deeper than 100
     */
    public static String write(@Nullable Object value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(text)) {
            write(generator, value, 0);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot be written as JSON: " + e.getMessage(), e);
        }
        return text.toString();
    }

    /** What is wrong with a text, and where, from the parser's own exception. */
    static String problem(JsonProcessingException e) {
        JsonLocation at = e.getLocation();
        return "not JSON: " + e.getOriginalMessage() + (at == null ? "" : where(at));
    }

    static String where(JsonParser parser) {
        return where(parser.currentTokenLocation());
    }

    private static String where(JsonLocation at) {
        return " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
    }

    private static @Nullable Object value(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> whole(parser);
            case VALUE_NUMBER_FLOAT -> real(parser);
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> throw new JsonException("unexpected " + token + where(parser));
        };
    }

    private static Map<String, @Nullable Object> object(JsonParser parser) throws IOException {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            if (object.containsKey(key)) {
                throw new JsonException("key " + Text.quote(key) + " appears twice in one object" + where(parser));
            }
            object.put(key, value(parser, parser.nextToken()));
        }
        return object;
    }

    private static List<@Nullable Object> array(JsonParser parser) throws IOException {
        List<@Nullable Object> array = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            array.add(value(parser, token));
        }
        return array;
    }

    private static Long whole(JsonParser parser) throws IOException {
        if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            throw new JsonException(
                    "number " + Text.quote(parser.getText()) + " does not fit in 64 bits" + where(parser));
        }
        return parser.getLongValue();
    }

    private static Double real(JsonParser parser) throws IOException {
        double value = parser.getDoubleValue();
        if (!Double.isFinite(value)) {
            throw new JsonException(
                    "number " + Text.quote(parser.getText()) + " does not fit in a double" + where(parser));
        }
        return value;
    }

    private static void write(JsonGenerator generator, @Nullable Object value, int depth) throws IOException {
        if (depth > DEEPEST) {
            throw new IllegalArgumentException("cannot be written as JSON: nested deeper than " + DEEPEST);
        }
        switch (value) {
            case null -> generator.writeNull();
            case Map<?, ?> map -> writeObject(generator, map, depth);
            case List<?> list -> {
                generator.writeStartArray();
                for (Object element : list) {
                    write(generator, element, depth + 1);
                }
                generator.writeEndArray();
            }
            case String text -> generator.writeString(text);
            case Boolean truth -> generator.writeBoolean(truth);
            case Number number -> writeNumber(generator, number);
            default ->
                throw new IllegalArgumentException(
                        "cannot be written as JSON: a " + value.getClass().getName());
        }
    }

    private static void writeObject(JsonGenerator generator, Map<?, ?> map, int depth) throws IOException {
        generator.writeStartObject();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (!(entry.getKey() instanceof String key)) {
                throw new IllegalArgumentException(
                        "cannot be written as JSON: key " + entry.getKey() + " is no string");
            }
            generator.writeFieldName(key);
            write(generator, entry.getValue(), depth + 1);
        }
        generator.writeEndObject();
    }

    private static void writeNumber(JsonGenerator generator, Number number) throws IOException {
        switch (number) {
            case Long whole -> generator.writeNumber(whole.longValue());
            case Integer whole -> generator.writeNumber(whole.intValue());
            case Float real when Float.isFinite(real) -> generator.writeNumber(real.floatValue());
            case Double real when Double.isFinite(real) -> generator.writeNumber(real.doubleValue());
            default ->
                throw new IllegalArgumentException("cannot be written as JSON: " + number + " ("
                        + number.getClass().getSimpleName() + ")");
        }
    }
}
