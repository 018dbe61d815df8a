package dev.gatun.cli;

import dev.gatun.Examples;
import dev.gatun.data.AudioLevels;
import dev.gatun.data.Vocabulary;
import dev.gatun.family.DataSpec;
import dev.gatun.file.AtomicFile;
import dev.gatun.file.NpyArray.DType;
import dev.gatun.file.Wav;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Picks the kind of file by its name, and refuses what cannot hold the model's data, before anything is drawn. */
final class SampleFiles {
    /** Standard output. */
    static final String STANDARD = "-";

    private SampleFiles() {}

    /**
     * The file that an option names.
     *
     * @param data what the samples are
     * @param count how many
     * @param columns side by side in a picture where no option says it; 0 for as many as make it nearly square
     * @param length values of each
     */
    static SampleFile of(
            String out, DataSpec data, int count, int columns, int length, PictureOptions pictures, Console console)
            throws IOException {
        String name = out.toLowerCase(Locale.ROOT);
        if (name.endsWith(".png")) {
            return Picture.of(outFile(out), data, count, columns, length, pictures);
        }
        pictures.refuse(out);
        if (out.equals(STANDARD)) {
            return standard(data, count, console);
        }
        if (name.endsWith(".txt")) {
            if (!(data instanceof DataSpec.Text text)) {
                throw misfit(out, "text models", data);
            }
            return texts(outFile(out), new Vocabulary(text));
        }
        if (name.endsWith(".npy")) {
            return array(outFile(out), data);
        }
        if (name.endsWith(".wav")) {
            if (!(data instanceof DataSpec.Audio audio)) {
                throw misfit(out, "audio models", data);
            }
            return sounds(outFile(out), audio);
        }
        throw new UsageException("--out: found '" + out + "', expected a file that ends in .npy, .png, .wav or .txt");
    }

    private static SampleFile standard(DataSpec data, int count, Console console) {
        return switch (data) {
            case DataSpec.Text text -> LiveOutput.texts(new Vocabulary(text), console);
            case DataSpec.Audio audio when count == 1 -> LiveOutput.sound(audio, console);
            case DataSpec.Audio _ ->
                throw new UsageException("--count: found " + count + ", expected 1, for --out - writes one sound");
            default -> throw misfit(STANDARD, "text and audio models", data);
        };
    }

    /** The error of a file that cannot hold the data. */
    static UsageException misfit(String out, String holds, DataSpec data) {
        return new UsageException("--out: " + out + " is for " + holds + ", and this model's data are of kind \""
                + data.kind() + "\"; .npy holds any");
    }

    /**
     * Demands that no two outputs are one file.
     *
     * @param files null for none
     */
    static void distinct(@Nullable Path... files) {
        Set<Path> seen = new HashSet<>();
        for (Path file : files) {
            if (file != null && !seen.add(file.toAbsolutePath().normalize())) {
                throw new UsageException("found '" + file + "' twice, expected a file for each output");
            }
        }
    }

    /**
     * A path that a file can be written to, checked before the work begins.
     *
     * @throws IOException if its folder is not there
     */
    static Path outFile(String out) throws IOException {
        Path file = Path.of(out);
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IOException(out + ": cannot be written: there is no folder " + folder);
        }
        if (Files.isDirectory(file)) {
            throw new IOException(out + ": cannot be written: it is a folder");
        }
        return file;
    }

    /** int32 or float32 in the layout of the data. */
    private static SampleFile array(Path file, DataSpec data) {
        return samples -> {
            // A sequence's length is not its data's where it was asked for.
            int[] example = data instanceof DataSpec.Sequence
                    ? new int[] {samples.length()}
                    : data.exampleShape(samples.length());
            int[] shape = new int[example.length + 1];
            shape[0] = samples.count();
            System.arraycopy(example, 0, shape, 1, example.length);
            boolean real = data.levels() == 0;
            NpyRows.write(
                    file,
                    real ? DType.F32 : DType.I32,
                    shape,
                    rows -> samples.each((_, batch) -> {
                        if (real) {
                            rows.put(batch.reals());
                        } else {
                            rows.put(batch.levels());
                        }
                    }));
        };
    }

    private static SampleFile sounds(Path file, DataSpec.Audio data) {
        return samples -> samples.each((first, batch) -> {
            for (int n = 0; n < batch.count(); n++) {
                int begin = n * batch.length();
                float[] sound = AudioLevels.amplitudes(data, batch.levels(), begin, begin + batch.length());
                Wav.write(numbered(file, first + n, samples.count()), sound, data.sampleRate());
            }
        });
    }

    private static SampleFile texts(Path file, Vocabulary vocabulary) {
        return samples -> samples.each((first, batch) -> {
            for (int n = 0; n < batch.count(); n++) {
                byte[] text = text(vocabulary, batch, n).getBytes(StandardCharsets.UTF_8);
                AtomicFile.write(numbered(file, first + n, samples.count()), out -> out.write(text));
            }
        });
    }

    private static String text(Vocabulary vocabulary, Examples batch, int n) {
        int begin = n * batch.length();
        return vocabulary.decode(batch.levels(), begin, begin + batch.length());
    }

    /** Sounds and texts are one a file: out.wav, or where there are several out-0.wav, out-1.wav, … */
    static Path numbered(Path file, int number, int count) {
        if (count == 1) {
            return file;
        }
        String name = String.valueOf(file.getFileName());
        int dot = name.lastIndexOf('.');
        return file.resolveSibling(name.substring(0, dot) + "-" + number + name.substring(dot));
    }
}
