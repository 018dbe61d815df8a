package dev.gatun.cli;

import dev.gatun.data.DataSet;
import dev.gatun.data.DataSets;
import dev.gatun.family.DataSpec;
import dev.gatun.family.Families;
import dev.gatun.family.InvalidModelException;
import dev.gatun.family.ModelConfig;
import dev.gatun.file.FormatException;
import dev.gatun.file.Json;
import dev.gatun.file.JsonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model to train: a family and its configuration, from a file, single keys, and what is known without them. */
final class ConfigOptions {
    private static final String RECIPE_FAMILY = "causal_conv_arm";

    @Option(
            names = "--family",
            paramLabel = "F",
            description =
                    "The model's family, such as causal_conv_arm, which is what bundled data get if none is given.")
    private @Nullable String family;

    @Option(
            names = "--config",
            paramLabel = "F.json",
            description =
                    "The configuration or a part of it, as model files have it: the family's keys, \"data\", \"input\","
                            + " \"distribution\".")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "key=value",
            description =
                    "A key of the configuration, after those of --config: --set channels=[64,64] --set input=one_hot"
                            + " --set data.levels=2. The value is JSON; what is none is a string.")
    private List<String> settings = new ArrayList<>();

    boolean given() {
        return family != null || file != null || !settings.isEmpty();
    }

    /** The configuration of a model of some data. */
    ModelConfig config(DataSet set) throws IOException {
        Map<String, @Nullable Object> json = file == null ? new LinkedHashMap<>() : read(file);
        settings.forEach(setting -> set(json, setting));
        String name = family(json, set);
        try {
            json.put("architecture", name);
            json.putIfAbsent("format", 1L);
            boolean images = Families.of(name).imageOnly();
            DataSpec spec = set.spec(images);
            if (bundled(set) && name.equals(RECIPE_FAMILY)) {
                recipe().forEach(json::putIfAbsent);
            }
            // What is said of the data alone, such as their levels, is beside what the set says itself.
            Map<String, @Nullable Object> said =
                    json.containsKey("data") ? object("data: found no object", json.get("data")) : Map.of();
            if (!said.containsKey("kind")) {
                Map<String, @Nullable Object> data = object("data: found no object", dataOf(set, spec, images));
                data.putAll(said);
                json.put("data", data);
            }
            json.putIfAbsent("distribution", Map.of("type", distribution(json)));
            return ModelConfig.parse(json);
        } catch (InvalidModelException e) {
            throw new UsageException("the model's configuration: " + e.getMessage());
        }
    }

    /** The model that the README trains on the digits. */
    private static Map<String, Object> recipe() {
        Map<String, Object> recipe = new LinkedHashMap<>();
        recipe.put("channels", List.of(256L, 256L, 256L));
        recipe.put("kernel_size", 7L);
        recipe.put("dilations", List.of(1L, 1L, 1L, 1L));
        recipe.put("activation", "leaky_relu");
        return recipe;
    }

    private static Map<String, @Nullable Object> read(Path file) throws IOException {
        try {
            return object(file + ": found no JSON object", Json.parse(Files.readString(file)));
        } catch (JsonException | UsageException e) {
            throw new FormatException(file, String.valueOf(e.getMessage()));
        }
    }

    private static Map<String, @Nullable Object> object(String problem, @Nullable Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            throw new UsageException(problem);
        }
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        map.forEach((key, of) -> object.put(String.valueOf(key), of));
        return object;
    }

    /** Puts one key; a point leads into an object inside. */
    private static void set(Map<String, @Nullable Object> json, String setting) {
        int equals = setting.indexOf('=');
        if (equals < 1) {
            throw new UsageException("--set: found '" + setting + "', expected key=value");
        }
        put(json, setting.substring(0, equals), value(setting.substring(equals + 1)));
    }

    private static void put(Map<String, @Nullable Object> json, String path, @Nullable Object value) {
        int dot = path.indexOf('.');
        if (dot < 0) {
            json.put(path, value);
            return;
        }
        String key = path.substring(0, dot);
        Object inner = json.containsKey(key) ? json.get(key) : Map.of();
        Map<String, @Nullable Object> object = object("--set " + path + ": \"" + key + "\" is no object", inner);
        put(object, path.substring(dot + 1), value);
        json.put(key, object);
    }

    private static @Nullable Object value(String text) {
        try {
            return Json.parse(text);
        } catch (JsonException e) {
            return text;
        }
    }

    private String family(Map<String, @Nullable Object> json, DataSet set) throws IOException {
        Object given = json.get("architecture");
        if (given == null && family == null) {
            if (!bundled(set)) {
                throw new UsageException("--family: is needed, one of " + Families.names());
            }
            return RECIPE_FAMILY;
        }
        if (given != null && family != null && !given.equals(family)) {
            throw new UsageException(
                    "--family: found " + family + ", but the configuration has the architecture " + given);
        }
        return family != null ? family : String.valueOf(given);
    }

    private static boolean bundled(DataSet set) {
        return DataSets.bundledNames().contains(set.name());
    }

    private static Object dataOf(DataSet set, @Nullable DataSpec spec, boolean images) {
        if (spec == null) {
            String example = images
                    ? "{\"kind\":\"image\",\"height\":28,\"width\":28,\"channels\":1,\"levels\":2}"
                    : "{\"kind\":\"sequence\",\"length\":64,\"levels\":17}";
            throw new UsageException("the model's configuration: data: missing, and " + set.name()
                    + " does not say it itself; give it by --config or --set, such as --set 'data=" + example + "'");
        }
        return switch (spec) {
            case DataSpec.Image image ->
                Map.of(
                        "kind", image.kind(),
                        "height", (long) image.height(),
                        "width", (long) image.width(),
                        "channels", (long) image.channels(),
                        "levels", (long) image.levels());
            case DataSpec.Sequence sequence ->
                Map.of(
                        "kind", sequence.kind(),
                        "length", (long) sequence.positions(),
                        "levels", (long) sequence.levels());
            case DataSpec.Audio audio ->
                Map.of(
                        "kind",
                        audio.kind(),
                        "sample_rate",
                        (long) audio.sampleRate(),
                        "levels",
                        (long) audio.levels(),
                        "companding",
                        audio.companding().jsonName());
            case DataSpec.Text text -> Map.of("kind", text.kind(), "vocabulary", text.vocabulary());
            case DataSpec.Series series -> Map.of("kind", series.kind());
        };
    }

    /** The distribution that suits the data, where none is said. */
    private static String distribution(Map<String, @Nullable Object> json) {
        Map<?, ?> data = json.get("data") instanceof Map<?, ?> map ? map : Map.of();
        if ("series".equals(data.get("kind"))) {
            return "gaussian";
        }
        boolean binary = Long.valueOf(2).equals(data.get("levels"));
        return binary
                        && Families.of(String.valueOf(json.get("architecture")))
                                .distributions()
                                .contains(dev.gatun.family.DistributionSpec.Type.BERNOULLI)
                ? "bernoulli"
                : "categorical";
    }
}
