package dev.gatun.cli;

import dev.gatun.data.AudioLevels;
import dev.gatun.data.Vocabulary;
import dev.gatun.family.DataSpec;
import dev.gatun.file.WavWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Takes samples while they are drawn, some side by side. */
interface LiveOutput {
    /** Samples {@code first .. first+count-1} begin. */
    void begin(int first, int count) throws IOException;

    /** More of one of them. */
    void take(int sample, int[] levels) throws IOException;

    /** All of them have ended. */
    void end() throws IOException;

    /** A sound as WAV on standard output. */
    static SampleFile sound(DataSpec.Audio data, Console console) {
        return samples -> {
            WavWriter wav = new WavWriter(console.bytes(), data.sampleRate(), samples.length());
            samples.live(new Sound(wav, AudioLevels.table(data), samples));
        };
    }

    /**
     * Texts on standard output, each followed by a line feed that is not part of it: the first of those that are drawn side by
     * side as it comes, the others behind it.
     */
    static SampleFile texts(Vocabulary vocabulary, Console console) {
        return samples -> samples.live(new Texts(vocabulary, console.bytes(), samples));
    }

    /** One sound. */
    record Sound(WavWriter wav, float[] amplitudes, Samples samples) implements LiveOutput {
        @Override
        public void begin(int first, int count) throws IOException {
            put(samples.prime(first));
        }

        @Override
        public void take(int sample, int[] levels) throws IOException {
            put(levels);
        }

        private void put(int[] levels) throws IOException {
            float[] sound = new float[levels.length];
            for (int i = 0; i < sound.length; i++) {
                sound[i] = amplitudes[levels[i]];
            }
            wav.write(sound, 0, sound.length);
        }

        @Override
        public void end() {
            // The process closes its standard output itself.
        }
    }

    /** Any number of texts. */
    final class Texts implements LiveOutput {
        private final Vocabulary vocabulary;
        private final OutputStream out;
        private final Samples samples;
        /** What is not printed yet of each that is being drawn. */
        private final List<StringBuilder> texts = new ArrayList<>();

        private int first;

        Texts(Vocabulary vocabulary, OutputStream out, Samples samples) {
            this.vocabulary = vocabulary;
            this.out = out;
            this.samples = samples;
        }

        @Override
        public void begin(int firstOfThem, int count) throws IOException {
            first = firstOfThem;
            for (int sample = first; sample < first + count; sample++) {
                texts.add(new StringBuilder(text(samples.prime(sample))));
            }
            print(texts.getFirst());
        }

        @Override
        public void take(int sample, int[] levels) throws IOException {
            StringBuilder to = texts.get(sample - first).append(text(levels));
            if (sample == first) {
                print(to);
            }
        }

        @Override
        public void end() throws IOException {
            for (StringBuilder text : texts) {
                print(text.append(System.lineSeparator()));
            }
            texts.clear();
        }

        private String text(int[] levels) {
            return vocabulary.decode(levels, 0, levels.length);
        }

        private void print(StringBuilder text) throws IOException {
            out.write(text.toString().getBytes(StandardCharsets.UTF_8));
            out.flush();
            text.setLength(0);
        }
    }
}
