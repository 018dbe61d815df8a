package dev.gatun.train;

import dev.gatun.file.FormatException;
import dev.gatun.file.Safetensors;
import dev.gatun.file.SafetensorsWriter;
import dev.gatun.tensor.Parameters;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The state of a run as a safetensors file: the vectors as tensors, the counters and sums in the metadata (doubles in
 * hexadecimal, so that nothing is lost), beside what a resumed run must share with the one that wrote it.
 */
final class StateFile {
    private static final String FORMAT_KEY = "gatun.training";
    private static final String FORMAT = "1";
    private static final String OPTION = "option ";
    private static final String IDENTITY = "identity ";
    private static final String LAYOUT = "layout";
    private static final String LIMIT = "limit ";

    private final Path path;
    private final Objective objective;
    private final TrainerOptions options;
    private final SequencedMap<String, String> fixed = new LinkedHashMap<>();

    StateFile(Path path, Objective objective, TrainerOptions options) {
        this.path = path;
        this.objective = objective;
        this.options = options;
    }

    Path path() {
        return path;
    }

    /** Writes the state beside the old file and puts it in its place. */
    void save(TrainingState state) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        writer.metadata(FORMAT_KEY, FORMAT);
        fixed().forEach(writer::metadata);
        limits().forEach((name, limit) -> writer.metadata(LIMIT + name, Long.toString(limit)));
        for (Counter counter : Counter.values()) {
            writer.metadata(counter.key, counter.get.apply(state));
        }
        state.vectors().forEach((name, vector) -> writer.add(name, new long[] {floats(vector)}, vector));
        writer.write(path);
    }

    /**
     * Fills a fresh state from the file.
     *
     * @throws FormatException if the file is no state of a run with this objective and these options
     */
    void load(TrainingState state) throws IOException {
        try (Safetensors file = Safetensors.open(path)) {
            Map<String, String> metadata = file.metadata();
            if (!FORMAT.equals(metadata.get(FORMAT_KEY))) {
                throw new FormatException(
                        path,
                        "is no training state of this version: metadata key \"" + FORMAT_KEY + "\" is "
                                + metadata.get(FORMAT_KEY) + ", expected " + FORMAT);
            }
            checkFixed(metadata);
            checkLimits(metadata);
            checkTensors(file, state);
            for (Counter counter : Counter.values()) {
                read(metadata, counter, state);
            }
            checkCounters(state);
            for (Map.Entry<String, MemorySegment> vector : state.vectors().entrySet()) {
                file.floats(vector.getKey(), vector.getValue());
            }
        }
    }

    /** What must be the same in both runs, by metadata key; found once, since all of the data are read for it. */
    private SequencedMap<String, String> fixed() {
        if (fixed.isEmpty()) {
            findFixed();
        }
        return fixed;
    }

    private void findFixed() {
        options.fixed().forEach((name, value) -> fixed.put(OPTION + name, value));
        objective.identity().forEach((name, value) -> fixed.put(IDENTITY + name, value));
        fixed.put(LAYOUT, layout(objective.parameters()));
    }

    /** What may grow; 0 stands for no limit. */
    private SequencedMap<String, Long> limits() {
        SequencedMap<String, Long> limits = new LinkedHashMap<>();
        limits.put("epochs", (long) options.epochs());
        limits.put("maxSteps", options.maxSteps());
        limits.put("patience", (long) options.patience());
        return limits;
    }

    private void checkFixed(Map<String, String> metadata) throws FormatException {
        SequencedMap<String, String> expected = fixed();
        for (Map.Entry<String, String> entry : expected.entrySet()) {
            String found = metadata.get(entry.getKey());
            if (!entry.getValue().equals(found)) {
                throw new FormatException(
                        path,
                        "cannot be resumed with another " + entry.getKey() + ": the run was made with "
                                + (found == null ? "none" : found) + ", now it is " + entry.getValue());
            }
        }
        for (String key : metadata.keySet()) {
            boolean fixed = key.startsWith(OPTION) || key.startsWith(IDENTITY);
            if (fixed && !expected.containsKey(key)) {
                throw new FormatException(
                        path, "cannot be resumed without " + key + ": the run was made with " + metadata.get(key));
            }
        }
    }

    private void checkLimits(Map<String, String> metadata) throws FormatException {
        for (Map.Entry<String, Long> entry : limits().entrySet()) {
            long now = entry.getValue();
            long before = number(metadata, LIMIT + entry.getKey(), Long::parseLong);
            if (now != 0 && (before == 0 || now < before)) {
                throw new FormatException(
                        path,
                        "cannot be resumed with " + entry.getKey() + " " + now + ": the run was made with "
                                + (before == 0 ? "no such limit" : before) + ", and this option may only grow");
            }
        }
    }

    private void checkTensors(Safetensors file, TrainingState state) throws FormatException {
        SequencedMap<String, MemorySegment> vectors = state.vectors();
        if (!file.tensors().keySet().equals(vectors.keySet())) {
            throw new FormatException(
                    path,
                    "has the tensors " + new TreeSet<>(file.tensors().keySet()) + ", expected "
                            + new TreeSet<>(vectors.keySet()));
        }
        for (Safetensors.Info info : file.tensors().values()) {
            long[] expected = {floats(Objects.requireNonNull(vectors.get(info.name())))};
            if (info.type() != Safetensors.Type.F32 || !Arrays.equals(info.shape(), expected)) {
                throw new FormatException(
                        path,
                        "tensor \"" + info.name() + "\" is " + info.type() + " " + Arrays.toString(info.shape())
                                + ", expected F32 " + Arrays.toString(expected));
            }
        }
    }

    private void read(Map<String, String> metadata, Counter counter, TrainingState state) throws FormatException {
        number(metadata, counter.key, text -> {
            counter.set.accept(state, text);
            return 0;
        });
    }

    private void checkCounters(TrainingState state) throws FormatException {
        int batches = Math.ceilDiv(objective.trainingExamples(), options.batchSize());
        boolean fits = state.epoch >= 0
                && state.batch >= 0
                && state.batch <= batches
                && state.step == (long) state.epoch * batches + state.batch
                && state.bestEpoch >= 0
                && state.bestEpoch <= state.epoch;
        if (!fits) {
            throw new FormatException(
                    path,
                    "has impossible counters: epoch " + state.epoch + ", batch " + state.batch + " of " + batches
                            + ", step " + state.step + ", best epoch " + state.bestEpoch);
        }
    }

    private <T> T number(Map<String, String> metadata, String key, Function<String, T> parse) throws FormatException {
        String text = metadata.get(key);
        if (text == null) {
            throw new FormatException(path, "lacks the metadata key \"" + key + "\"");
        }
        try {
            return parse.apply(text);
        } catch (NumberFormatException e) {
            throw new FormatException(path, "metadata key \"" + key + "\" is \"" + text + "\", expected a number");
        }
    }

    private static String layout(Parameters parameters) {
        StringBuilder text = new StringBuilder();
        for (String name : parameters.names()) {
            text.append(name).append(Arrays.toString(parameters.shape(name))).append(' ');
        }
        return text.toString().strip();
    }

    private static long floats(MemorySegment vector) {
        return vector.byteSize() / Float.BYTES;
    }
}
