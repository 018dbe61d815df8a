package dev.gatun.train;

import dev.gatun.DeviceVectors;
import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.StreamPass;
import dev.gatun.TrainingDraws;
import dev.gatun.TrainingPass;
import dev.gatun.file.Json;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * One long sequence, such as a text, by truncated back-propagation through time: cut into streams side by side, of which each
 * step takes the next window. What the trainer calls an example is one window of all streams, so that its batches are of size
 * 1; their order is the sequence's. An epoch begins at the beginning of every stream. What is left over, less than a window
 * of every stream, is dropped. Belongs to the thread that made it.
 */
public final class StreamObjective implements TrainedObjective {
    private final Model model;
    private final TrainingPass pass;
    private final StreamPass streams;
    private final TrainingDraws draws;
    private final Windows training;
    private final @Nullable Windows validation;

    /** A sequence as streams: window w of stream s begins at {@code s * perStream + w * length}. */
    private record Windows(Examples sequence, int streams, int length) {
        int perStream() {
            return sequence.length() / streams;
        }

        int count() {
            return perStream() / length;
        }

        String fingerprint() {
            return ExampleSource.of(ExampleSet.of(sequence)).fingerprint();
        }

        Examples window(int number) {
            int[] levels = new int[sequence.real() ? 0 : streams * length];
            float[] reals = new float[sequence.real() ? streams * length : 0];
            for (int s = 0; s < streams; s++) {
                int from = s * perStream() + number * length;
                if (sequence.real()) {
                    System.arraycopy(sequence.reals(), from, reals, s * length, length);
                } else {
                    sequence.sequence().read(from, levels, s * length, length);
                }
            }
            return sequence.real()
                    ? Examples.ofReals(streams, length, reals)
                    : Examples.ofLevels(streams, length, levels);
        }
    }

    /**
     * An objective that starts from a model's parameters, which it copies.
     *
     * @param model what to train; not closed
     * @param training one example, the sequence
     * @param validation likewise, or null for none; evaluated in as many streams, each from its beginning
     * @param streams sequences side by side
     * @param window positions through which gradients flow back
     * @throws IllegalArgumentException if a sequence does not hold a window of every stream
     */
    public StreamObjective(Model model, Examples training, @Nullable Examples validation, int streams, int window) {
        this(model, training, validation, streams, window, TrainingDraws.NONE);
    }

    /** As {@link #StreamObjective(Model, Examples, Examples, int, int)}, of steps that draw. */
    public StreamObjective(
            Model model,
            Examples training,
            @Nullable Examples validation,
            int streams,
            int window,
            TrainingDraws draws) {
        this.draws = draws;
        this.model = model;
        this.training = windows("training", training, streams, window);
        this.validation = validation == null ? null : windows("validation", validation, streams, window);
        pass = new TrainingPass(model, 1, draws);
        try {
            this.streams = new StreamPass(pass, streams, window);
        } catch (Throwable failure) {
            pass.close();
            throw failure;
        }
    }

    private static Windows windows(String name, Examples sequence, int streams, int window) {
        Ranges.atLeast("streams", streams, 1);
        Ranges.atLeast("positions of a window", window, 1);
        if (sequence.count() != 1) {
            throw new IllegalArgumentException(name + " sequence: found " + sequence.count() + " examples, expected 1");
        }
        if (sequence.length() / streams < window) {
            throw new IllegalArgumentException(name + " sequence: found " + sequence.length()
                    + " positions, expected at least " + streams + " streams of " + window);
        }
        return new Windows(sequence, streams, window);
    }

    @Override
    public Parameters parameters() {
        return pass.parameters();
    }

    @Override
    public MemorySegment gradient() {
        return pass.gradient();
    }

    @Override
    public @Nullable DeviceVectors stay() {
        return streams.stay();
    }

    @Override
    public int trainingExamples() {
        return training.count();
    }

    @Override
    public int validationExamples() {
        return validation == null ? 0 : validation.count();
    }

    @Override
    public int dimensions() {
        return training.length();
    }

    @Override
    public SequencedMap<String, String> identity() {
        SequencedMap<String, String> identity = new LinkedHashMap<>();
        identity.put("configuration", Json.write(model.config().toJson()));
        identity.put("streams", training.streams + " of windows of " + training.length);
        if (!draws.equals(TrainingDraws.NONE)) {
            identity.put("draws", draws.toString());
        }
        identity.put("training data", training.fingerprint());
        identity.put("validation data", validation == null ? "none" : validation.fingerprint());
        return identity;
    }

    @Override
    public SequencedMap<String, MemorySegment> carried() {
        SequencedMap<String, MemorySegment> carried = new LinkedHashMap<>();
        carried.put("streams", streams.carried());
        return carried;
    }

    /** @param examples one, whichever: the step says which window it is */
    @Override
    public double lossAndGradient(int[] examples, long step) {
        if (examples.length != 1) {
            throw new IllegalArgumentException(
                    "windows: found a batch of " + examples.length + ", expected 1; streams are the batch");
        }
        int window = (int) (step % training.count());
        if (window == 0) {
            streams.begin();
        }
        return streams.lossAndGradient(training.window(window), step);
    }

    /** The mean over windows, each after the ones before it. */
    @Override
    public double validationLoss() {
        if (validation == null) {
            throw new IllegalStateException("there is no validation sequence");
        }
        double sum = streams.aside(() -> sumOfLosses(validation));
        return sum / validation.count();
    }

    private double sumOfLosses(Windows windows) {
        streams.begin();
        double sum = 0;
        for (int w = 0; w < windows.count(); w++) {
            sum += streams.loss(windows.window(w));
        }
        return sum;
    }

    @Override
    public List<String> productChoices() {
        return pass.productChoices();
    }

    @Override
    public Model trained() {
        return pass.model(model.device());
    }

    @Override
    public void close() {
        streams.close();
        pass.close();
    }
}
