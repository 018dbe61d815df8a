package dev.gatun.family;

import dev.gatun.file.FormatException;
import dev.gatun.file.Json;
import dev.gatun.file.JsonException;
import dev.gatun.file.Safetensors;
import dev.gatun.file.SafetensorsWriter;
import dev.gatun.tensor.Parameters;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Model files: a {@code .safetensors} file whose metadata key {@code gatun} holds the configuration as JSON. Whatever is
 * wrong with a file is a {@link FormatException} that names the file, then the key or the tensor. All methods may be
 * called by any thread.
 */
public final class ModelFile {
    private static final String KEY = "gatun";

    /**
     * What a model file holds.
     *
     * @param config a valid configuration
     * @param parameters the tensors that it asks for, in memory of the arena they were loaded into; entries that a mask
     *     hides are 0, all others finite
     */
    public record Loaded(ModelConfig config, Parameters parameters) {}

    private ModelFile() {}

    /**
     * Loads a model. Nothing is allocated for tensors before all names, types and shapes are found to be right.
     *
     * @param path the file
     * @param arena owner of the tensors' memory
     * @throws FormatException if the file is no model file, or not a valid one
     * @throws IOException if it cannot be read
     */
    public static Loaded load(Path path, Arena arena) throws IOException {
        try (Safetensors file = Safetensors.open(path)) {
            return load(file, arena);
        }
    }

    /**
     * As {@link #load(Path, Arena)}, from a file that is open.
     *
     * @throws FormatException if the file is no model file, or not a valid one
     */
    public static Loaded load(Safetensors file, Arena arena) throws IOException {
        try {
            ModelConfig config = config(file);
            ParameterLayout layout = config.family().layout(config);
            checkTensors(file, layout);
            Map<String, long[]> integers = integers(file, layout);
            config.family().checkIntegers(config, integers);
            Parameters parameters = layout.allocate(integers, arena);
            for (String name : parameters.names()) {
                file.floats(name, parameters.get(name));
                Values.clearMasked(parameters.get(name), layout.entries(name, integers));
                Values.requireFinite(name, parameters.get(name), parameters.shape(name), null);
            }
            return new Loaded(config, parameters);
        } catch (InvalidModelException e) {
            throw refusal(file.path(), e);
        }
    }

    /**
     * Reads a model's configuration alone; the tensors are not looked at.
     *
     * @param path the file
     * @throws FormatException if the file has no valid configuration
     * @throws IOException if it cannot be read
     */
    public static ModelConfig readConfig(Path path) throws IOException {
        try (Safetensors file = Safetensors.open(path)) {
            return config(file);
        } catch (InvalidModelException e) {
            throw refusal(path, e);
        }
    }

    /**
     * Saves a model, replacing the file whole or not at all. The same model makes the same bytes.
     *
     * @param path the file
     * @param config the configuration
     * @param parameters its tensors
     * @throws InvalidModelException if the tensors are not what the configuration asks for, or an entry that counts is
     *     not finite: the file could not be loaded
     * @throws IOException if it cannot be written; what was there is then intact
     */
    public static void save(Path path, ModelConfig config, Parameters parameters) throws IOException {
        ParameterLayout layout = config.family().layout(config);
        checkParameters(config, layout, parameters);
        SafetensorsWriter writer = new SafetensorsWriter();
        writer.metadata(KEY, Json.write(config.toJson()));
        for (ParameterSpec spec : layout.specs()) {
            long[] shape = longs(spec.shape());
            long @Nullable [] integers = parameters.integers().get(spec.name());
            if (!spec.integer()) {
                writer.add(spec.name(), shape, parameters.get(spec.name()));
            } else if (integers != null) {
                writer.addLongs(spec.name(), shape, integers);
            }
        }
        writer.write(path);
    }

    private static ModelConfig config(Safetensors file) {
        @Nullable String json = file.metadata().get(KEY);
        if (json == null) {
            throw new InvalidModelException(
                    "__metadata__." + KEY + ": missing, expected a model's configuration as JSON");
        }
        try {
            return ModelConfig.parse(Json.parse(json));
        } catch (JsonException e) {
            throw (InvalidModelException) new InvalidModelException("__metadata__." + KEY + ": " + e.getMessage()
                            + ", expected a model's configuration as JSON")
                    .initCause(e);
        }
    }

    static void checkTensors(Safetensors file, ParameterLayout layout) {
        for (ParameterSpec spec : layout.specs()) {
            Safetensors.@Nullable Info info = file.tensors().get(spec.name());
            if (info != null) {
                checkTensor(spec, info);
            } else if (!spec.optional()) {
                throw new InvalidModelException(
                        spec.name() + ": missing, expected a tensor of shape " + Arrays.toString(spec.shape()));
            }
        }
        for (Safetensors.Info info : file.tensors().values()) {
            if (!layout.byName().containsKey(info.name())) {
                throw new InvalidModelException(info.name() + ": not a tensor of this model, found with the shape "
                        + Arrays.toString(info.shape()));
            }
        }
    }

    private static void checkTensor(ParameterSpec spec, Safetensors.Info info) {
        if (!Arrays.equals(info.shape(), longs(spec.shape()))) {
            throw InvalidModelException.of(
                    spec.name(), "the shape " + Arrays.toString(info.shape()), Arrays.toString(spec.shape()));
        }
        boolean right = switch (info.type()) {
            case F32, F64, F16, BF16 -> !spec.integer();
            case I64 -> spec.integer();
            default -> false;
        };
        if (!right) {
            throw InvalidModelException.of(
                    spec.name(), "the type " + info.type(), spec.integer() ? "I64" : "F32, F64, F16 or BF16");
        }
    }

    private static Map<String, long[]> integers(Safetensors file, ParameterLayout layout) throws FormatException {
        Map<String, long[]> integers = new LinkedHashMap<>();
        for (ParameterSpec spec : layout.specs()) {
            if (spec.integer() && file.tensors().containsKey(spec.name())) {
                integers.put(spec.name(), file.longs(spec.name()));
            }
        }
        return integers;
    }

    private static void checkParameters(ModelConfig config, ParameterLayout layout, Parameters parameters) {
        Set<String> left = new LinkedHashSet<>(parameters.names());
        left.addAll(parameters.integers().keySet());
        for (ParameterSpec spec : layout.specs()) {
            int @Nullable [] shape = shape(parameters, spec);
            if (shape == null && !spec.optional()) {
                throw new InvalidModelException(
                        spec.name() + ": missing, expected a tensor of shape " + Arrays.toString(spec.shape()));
            }
            if (shape != null && !Arrays.equals(shape, spec.shape())) {
                throw InvalidModelException.of(
                        spec.name(), "the shape " + Arrays.toString(shape), Arrays.toString(spec.shape()));
            }
            left.remove(spec.name());
        }
        if (!left.isEmpty()) {
            throw new InvalidModelException(left.iterator().next() + ": not a tensor of this model");
        }
        Map<String, long[]> integers = parameters.integers();
        config.family().checkIntegers(config, integers);
        for (String name : parameters.names()) {
            Values.requireFinite(name, parameters.get(name), parameters.shape(name), layout.entries(name, integers));
        }
    }

    private static int @Nullable [] shape(Parameters parameters, ParameterSpec spec) {
        if (!spec.integer()) {
            return parameters.has(spec.name()) ? parameters.shape(spec.name()) : null;
        }
        long @Nullable [] values = parameters.integers().get(spec.name());
        return values == null ? null : new int[] {values.length};
    }

    private static long[] longs(int[] shape) {
        return Arrays.stream(shape).asLongStream().toArray();
    }

    static FormatException refusal(Path path, InvalidModelException e) {
        FormatException refusal = new FormatException(path, String.valueOf(e.getMessage()));
        refusal.initCause(e);
        return refusal;
    }
}
