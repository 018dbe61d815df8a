package dev.gatun.data;

import dev.gatun.Examples;
import dev.gatun.LongSequence;
import dev.gatun.family.Companding;
import dev.gatun.family.DataSpec;
import dev.gatun.file.FormatException;
import dev.gatun.file.WavReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Sounds, each a sequence of its own: brought to the model's rate by a {@link Resampler}, mixed down where that is asked for, and
 * to levels by the model's companding. Levels are kept as bytes, in a temporary file where there are many. For one thread.
 */
final class SoundSet implements DataSet {
    private static final int LEVELS = 256;
    private static final int WINDOW_FRAMES = 1 << 12;

    private final String name;
    private final SoundFiles files;
    private final Reading reading;
    private final Function<String, @Nullable Split> division;
    private final @Nullable ToIntFunction<String> label;
    private @Nullable Kept kept;

    /** What was read last. */
    private record Kept(Split split, DataSpec data, List<String> names, List<LongSequence> sequences) {}

    /**
     * A set.
     *
     * @param division the part that a file belongs to, by its name; null for every name where the set is not divided
     * @param label the class of a file, by its name; null where there are none
     */
    SoundSet(
            String name,
            SoundFiles files,
            Reading reading,
            Function<String, @Nullable Split> division,
            @Nullable ToIntFunction<String> label) {
        this.name = name;
        this.files = files;
        this.reading = reading;
        this.division = division;
        this.label = label;
    }

    /** Sounds that lie in folders train, valid and test, or are not divided. */
    static SoundSet byFolders(String name, SoundFiles files, Reading reading) throws IOException {
        Function<String, @Nullable Split> folder = file -> Stream.of(Split.TRAIN, Split.VALID, Split.TEST)
                .filter(split -> file.startsWith(split.text() + "/"))
                .findFirst()
                .orElse(null);
        List<String> names = files.names();
        boolean divided = !names.isEmpty() && names.stream().allMatch(file -> folder.apply(file) != null);
        return new SoundSet(name, files, reading, divided ? folder : _ -> null, null);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<Split> splits() {
        try {
            List<String> names = files.names();
            return Stream.of(Split.TRAIN, Split.VALID, Split.TEST)
                    .filter(split -> names.stream().anyMatch(file -> division.apply(file) == split))
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** The rate of the first sound, 256 levels by mu-law. */
    @Override
    public DataSpec spec(boolean images) throws IOException {
        int[] rate = {0};
        files.each(names(Split.ALL).subList(0, 1), (_, opening) -> {
            try (WavReader wav = opening.open()) {
                rate[0] = wav.sampleRate();
            }
        });
        return new DataSpec.Audio(rate[0], LEVELS, Companding.MU_LAW);
    }

    @Override
    public int @Nullable [] labels(Split split) throws IOException {
        ToIntFunction<String> of = label;
        if (of == null) {
            return null;
        }
        Kept last = kept;
        // Of those that were read, where bad ones may have been passed over.
        List<String> names = last != null && last.split() == split ? last.names() : names(split);
        return names.stream().mapToInt(of).toArray();
    }

    @Override
    public Examples read(Split split, DataSpec data) throws IOException {
        List<LongSequence> sounds = sequences(split, data);
        long length = sounds.getFirst().length();
        for (LongSequence sound : sounds) {
            if (sound.length() != length) {
                throw new FormatException(
                        Path.of(name),
                        "its sounds have different lengths, such as " + length + " and " + sound.length()
                                + "; --length cuts them into pieces of one");
            }
        }
        return Examples.ofSequence(sounds.size(), Math.toIntExact(length), Joined.of(sounds));
    }

    @Override
    public List<LongSequence> sequences(Split split, DataSpec data) throws IOException {
        DataSets.demand(this, split);
        if (!(data instanceof DataSpec.Audio audio)) {
            throw new FormatException(
                    Path.of(name), "is sound, expected data of kind \"" + data.kind() + "\" (.npy, .npz or .csv)");
        }
        Kept last = kept;
        if (last == null || last.split() != split || !last.data().equals(data)) {
            last = load(split, audio);
            kept = last;
        }
        return last.sequences();
    }

    private List<String> names(Split split) throws IOException {
        List<String> names = files.names().stream()
                .filter(file -> split == Split.ALL || division.apply(file) == split)
                .toList();
        if (names.isEmpty()) {
            throw new FormatException(Path.of(name), "holds no .wav files");
        }
        return names;
    }

    private Kept load(Split split, DataSpec.Audio data) throws IOException {
        List<String> good = new ArrayList<>();
        List<long[]> ranges = new ArrayList<>();
        List<String> bad = new ArrayList<>();
        try (LevelStore store = new LevelStore(data.levels())) {
            files.each(names(split), (file, opening) -> {
                long begin = store.count();
                try (WavReader wav = opening.open()) {
                    put(file, wav, data, store);
                } catch (FormatException e) {
                    if (!reading.skipBad()) {
                        throw e;
                    }
                    // What it left in the store belongs to no sequence.
                    bad.add(e.getMessage());
                    return;
                }
                good.add(file);
                ranges.add(new long[] {begin, store.count() - begin});
            });
            bad.forEach(message -> reading.notes().accept("skipped: " + message));
            if (!bad.isEmpty()) {
                reading.notes().accept(name + ": skipped " + bad.size() + " bad files, read " + good.size());
            }
            if (good.isEmpty()) {
                throw new FormatException(Path.of(name), "has no good .wav file");
            }
            LongSequence all = store.finish();
            return new Kept(
                    split,
                    data,
                    List.copyOf(good),
                    ranges.stream().map(range -> all.slice(range[0], range[1])).toList());
        }
    }

    private void put(String file, WavReader wav, DataSpec.Audio data, LevelStore store) throws IOException {
        int channels = wav.channels();
        if (channels > 1 && !reading.mono()) {
            throw new FormatException(
                    Path.of(file), "has " + channels + " channels, expected 1 (--mono mixes them down)");
        }
        if (wav.frames() == 0) {
            throw new FormatException(Path.of(file), "has no samples");
        }
        Resampler.Sink levels = sample -> store.put(AudioLevels.level(data, sample));
        boolean same = wav.sampleRate() == data.sampleRate();
        Resampler resampler = same ? null : new Resampler(wav.sampleRate(), data.sampleRate(), levels);
        float[] window = new float[WINDOW_FRAMES * channels];
        for (int count = wav.read(window, WINDOW_FRAMES); count > 0; count = wav.read(window, WINDOW_FRAMES)) {
            mix(window, count, channels);
            if (resampler != null) {
                resampler.put(window, count);
                continue;
            }
            for (int i = 0; i < count; i++) {
                levels.sample(window[i]);
            }
        }
        if (resampler != null) {
            resampler.end();
        }
    }

    /** The mean of the channels of each frame, in place. */
    private static void mix(float[] window, int frames, int channels) {
        for (int i = 0; channels > 1 && i < frames; i++) {
            double sum = 0;
            for (int c = 0; c < channels; c++) {
                sum += window[i * channels + c];
            }
            window[i] = (float) (sum / channels);
        }
    }
}
