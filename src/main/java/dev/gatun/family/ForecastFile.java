package dev.gatun.family;

import dev.gatun.file.FormatException;
import dev.gatun.file.Json;
import dev.gatun.file.JsonException;
import dev.gatun.file.Safetensors;
import dev.gatun.file.SafetensorsWriter;
import dev.gatun.graph.Graph;
import dev.gatun.tensor.Parameters;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Files of forecasting heads: {@code .safetensors} whose metadata key {@code gatun.forecast} holds, as JSON, the format's
 * version, the fingerprint of the model that they belong to, the horizon and the width.
 */
public final class ForecastFile {
    private static final String KEY = "gatun.forecast";
    private static final int FORMAT = 1;
    private static final String MODEL = "model";
    private static final String HORIZON = "horizon";
    private static final String HIDDEN = "hidden";

    /** What a file holds. */
    public record Loaded(ForecastHead head, Parameters parameters) {}

    private ForecastFile() {}

    /**
     * Loads heads.
     *
     * @param model the fingerprint of the model that they are for
     * @throws FormatException if the file has none, or not valid ones, or they are another model's
     */
    public static Loaded load(Path path, ModelConfig config, Graph graph, byte[] model, Arena arena)
            throws IOException {
        try (Safetensors file = Safetensors.open(path)) {
            ForecastHead head = head(file, config, graph, model);
            ParameterLayout layout = head.layout();
            ModelFile.checkTensors(file, layout);
            Parameters parameters = layout.allocate(arena);
            for (String name : parameters.names()) {
                file.floats(name, parameters.get(name));
                Values.requireFinite(name, parameters.get(name), parameters.shape(name), null);
            }
            return new Loaded(head, parameters);
        } catch (InvalidModelException e) {
            throw ModelFile.refusal(path, e);
        }
    }

    private static ForecastHead head(Safetensors file, ModelConfig config, Graph graph, byte[] model) {
        String where = "__metadata__." + KEY;
        @Nullable String json = file.metadata().get(KEY);
        if (json == null) {
            throw new InvalidModelException(where + ": missing, expected the forecasting heads of a model");
        }
        Map<String, @Nullable Object> object;
        try {
            object = Fields.object(where, Json.parse(json));
        } catch (JsonException e) {
            throw (InvalidModelException) new InvalidModelException(where + ": " + e.getMessage()).initCause(e);
        }
        Fields.refuseUnknown(where, object, List.of("format", MODEL, HORIZON, HIDDEN));
        int format = Fields.whole(where, object, "format", 1);
        if (format != FORMAT) {
            throw InvalidModelException.of(where + ".format", Integer.toString(format), Integer.toString(FORMAT));
        }
        String own = HexFormat.of().formatHex(model);
        Object found = Fields.required(where, object, MODEL, "a model's fingerprint");
        if (!own.equals(found)) {
            throw InvalidModelException.of(where + "." + MODEL, Fields.show(found), "this model's fingerprint, " + own);
        }
        int horizon = Fields.whole(where, object, HORIZON, 1);
        return ForecastHead.of(config, graph, horizon, Fields.whole(where, object, HIDDEN, 1));
    }

    /**
     * Saves heads, replacing the file whole or not at all.
     *
     * @throws InvalidModelException if a value is not finite
     */
    public static void save(Path path, ForecastHead head, Parameters parameters, byte[] model) throws IOException {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("format", (long) FORMAT);
        json.put(MODEL, HexFormat.of().formatHex(model));
        json.put(HORIZON, (long) head.horizon());
        json.put(HIDDEN, (long) head.hidden());
        SafetensorsWriter writer = new SafetensorsWriter();
        writer.metadata(KEY, Json.write(json));
        for (String name : parameters.names()) {
            Values.requireFinite(name, parameters.get(name), parameters.shape(name), null);
            long[] shape = Arrays.stream(parameters.shape(name)).asLongStream().toArray();
            writer.add(name, shape, parameters.get(name));
        }
        writer.write(path);
    }
}
