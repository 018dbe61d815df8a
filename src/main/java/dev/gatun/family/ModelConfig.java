package dev.gatun.family;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a model. An instance is always a valid one: the constructor checks everything that can be checked
 * without the tensors, fills in defaults, and throws {@link InvalidModelException}, whose message begins with the key.
 *
 * @param architecture the name of the family
 * @param data what an example is
 * @param input how values enter the network
 * @param distribution what the network's outputs mean
 * @param options the family's own keys, each with its value: {@link Long}, {@link Double}, {@link Boolean},
 *     {@link String}, {@code List<Long>}, {@code Map<String, Object>} or {@code null}; unmodifiable
 */
public record ModelConfig(
        String architecture,
        DataSpec data,
        InputEncoding input,
        DistributionSpec distribution,
        Map<String, @Nullable Object> options) {
    private static final long FORMAT = 1;
    private static final List<String> COMMON = List.of("format", "architecture", "data", "input", "distribution");

    /** Checks and completes; {@code options} may hold {@link Integer} for {@link Long}, and lack what has a default. */
    public ModelConfig(
            String architecture,
            DataSpec data,
            InputEncoding input,
            DistributionSpec distribution,
            Map<String, @Nullable Object> options) {
        Family family = Families.of(architecture);
        this.architecture = architecture;
        this.data = data;
        this.input = input;
        this.distribution = distribution;
        this.options = Option.readAll(family.options(), options);
        Compatibility.check(this, family);
        family.check(this);
        family.layout(this);
    }

    /**
     * Reads a configuration.
     *
     * @param json the JSON value: maps, lists, strings, longs, doubles, booleans, null
     * @throws InvalidModelException if it is not a model's configuration
     */
    public static ModelConfig parse(@Nullable Object json) {
        Map<String, @Nullable Object> given = Fields.object("configuration", json);
        Object format = Fields.required("", given, "format", Long.toString(FORMAT));
        if (!format.equals(FORMAT) && !format.equals((int) FORMAT)) {
            throw InvalidModelException.of("format", Fields.show(format), Long.toString(FORMAT));
        }
        String names = Fields.oneOf(Families.names());
        Object architecture = Fields.required("", given, "architecture", names);
        if (!(architecture instanceof String name)) {
            throw InvalidModelException.of("architecture", Fields.show(architecture), names);
        }
        List<String> known = new ArrayList<>(COMMON);
        Families.of(name).options().forEach(option -> known.add(option.key()));
        Fields.refuseUnknown("", given, known);
        DataSpec data = DataJson.parse(Fields.required("", given, "data", "an object"));
        DistributionSpec distribution = DistributionSpec.parse(Fields.required("", given, "distribution", "an object"));
        InputEncoding input = InputEncoding.parse(given.containsKey("input") ? given.get("input") : "raw");
        COMMON.forEach(given::remove);
        return new ModelConfig(name, data, input, distribution, given);
    }

    /** The JSON value of this configuration, defaults included, as {@link #parse} takes it. */
    public Object toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("format", FORMAT);
        json.put("architecture", architecture);
        json.put("data", DataJson.write(data));
        json.put("input", input.jsonName());
        json.put("distribution", distribution.toJson());
        options.forEach((key, value) -> {
            if (value != null) {
                json.put(key, value);
            }
        });
        return json;
    }

    /** The family that computes this model. */
    public Family family() {
        return Families.of(architecture);
    }

    /** A whole-number option; {@code "condition.classes"} is a key of an object inside. */
    public int integer(String key) {
        int dot = key.indexOf('.');
        if (dot < 0) {
            return Math.toIntExact(value(key, Long.class));
        }
        Map<String, Object> inner = Objects.requireNonNull(object(key.substring(0, dot)), key);
        return Math.toIntExact((Long) Objects.requireNonNull(inner.get(key.substring(dot + 1)), key));
    }

    /** An option that is a list of whole numbers. */
    public int[] integers(String key) {
        return ((List<?>) value(key, List.class))
                .stream().mapToInt(of -> Math.toIntExact((Long) of)).toArray();
    }

    /** An option that is a number, whole or not. */
    public double number(String key) {
        return value(key, Number.class).doubleValue();
    }

    /** An option that is true or false. */
    public boolean flag(String key) {
        return value(key, Boolean.class);
    }

    /** An option that is one of several words. */
    public String word(String key) {
        return value(key, String.class);
    }

    /** The option {@code activation}. */
    public Activation activation() {
        return Activation.of(word("activation"));
    }

    /** Whether an option that may be left out is there. */
    public boolean isGiven(String key) {
        requireKey(key);
        return options.get(key) != null;
    }

    /** An option that is an object or {@code null}, such as a condition. */
    @SuppressWarnings("unchecked") // options hold objects only as they were read, with strings and longs
    public @Nullable Map<String, Object> object(String key) {
        requireKey(key);
        return options.get(key) == null ? null : (Map<String, Object>) value(key, Map.class);
    }

    private <T> T value(String key, Class<T> type) {
        requireKey(key);
        @Nullable Object value = options.get(key);
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException(
                    key + ": is " + Fields.show(value) + ", asked for as " + type.getSimpleName());
        }
        return type.cast(value);
    }

    private void requireKey(String key) {
        if (!options.containsKey(key)) {
            throw new IllegalArgumentException(
                    key + ": not an option of " + architecture + ", which has " + options.keySet());
        }
    }

    /** E, the inputs of a position: {@code levels} if one-hot, else 1. */
    public int encoded() {
        return input == InputEncoding.ONE_HOT ? data.levels() : 1;
    }

    /** P, the outputs of a position; for image families those of a pixel. */
    public int outputs() {
        int ofOne = distribution.outputs(data.levels(), rgbPixels());
        return family().imageOnly() && !rgbPixels() ? ofOne * data.channels() : ofOne;
    }

    /** Whether the outputs are those of a mixture over whole pixels of three channels. */
    public boolean rgbPixels() {
        return family().imageOnly()
                && data.channels() == 3
                && distribution.type() == DistributionSpec.Type.DISCRETIZED_LOGISTIC_MIXTURE;
    }

    /** The groups among which an image family's features are divided: one a channel, but one alone with an RGB mixture. */
    public int groups() {
        return family().imageOnly() && !rgbPixels() ? data.channels() : 1;
    }
}
