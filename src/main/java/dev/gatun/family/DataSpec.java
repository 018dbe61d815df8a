package dev.gatun.family;

import java.util.OptionalInt;

/**
 * What a model's examples are. An example has D positions, the variables of the chain rule in their order: an image's are
 * its pixels in raster order, R before G before B within a pixel, so that channel c of pixel (i, j) is position
 * {@code (i*W + j)*C + c}; those of all other data are the places of a sequence, in the order of the file.
 *
 * <p>Constructors throw {@link InvalidModelException}, whose message begins with the configuration key, where a value is
 * out of its range.
 */
public sealed interface DataSpec {
    /** The name of this kind in a configuration. */
    String kind();

    /** The number of values of a position, which are {@code 0 .. levels-1}; 0 for series, whose values are real numbers. */
    int levels();

    /** D, the number of positions of an example; empty where examples may have any length. */
    OptionalInt length();

    /** The channels of a pixel; 1 for data that are not images. */
    default int channels() {
        return 1;
    }

    /**
     * The shape of one example in a file: [C, H, W] for images, else [T].
     *
     * @param length the example's number of positions, D where the data have a fixed length
     * @throws IllegalArgumentException if examples have another length
     */
    default int[] exampleShape(int length) {
        DataJson.requireLength(this, length);
        return new int[] {length};
    }

    /**
     * Brings one example of a fixed length from the layout of files into the order of positions.
     *
     * @param layout holds the example from {@code offsetL} on
     * @param positions takes it from {@code offsetP} on
     * @throws IllegalArgumentException if the data have no length of their own
     */
    default void toPositions(int[] layout, int offsetL, int[] positions, int offsetP) {
        toPositions(layout, offsetL, positions, offsetP, ownLength());
    }

    /** As {@link #toPositions(int[], int, int[], int)}, of an example of {@code length} positions. */
    default void toPositions(int[] layout, int offsetL, int[] positions, int offsetP, int length) {
        DataJson.requireLength(this, length);
        System.arraycopy(layout, offsetL, positions, offsetP, length);
    }

    /** As {@link #toPositions(int[], int, int[], int, int)}, of real values. */
    default void toPositions(float[] layout, int offsetL, float[] positions, int offsetP, int length) {
        DataJson.requireLength(this, length);
        System.arraycopy(layout, offsetL, positions, offsetP, length);
    }

    /**
     * Brings one example of a fixed length from the order of positions into the layout of files.
     *
     * @param positions holds the example from {@code offsetP} on
     * @param layout takes it from {@code offsetL} on
     * @throws IllegalArgumentException if the data have no length of their own
     */
    default void toLayout(int[] positions, int offsetP, int[] layout, int offsetL) {
        toLayout(positions, offsetP, layout, offsetL, ownLength());
    }

    /** As {@link #toLayout(int[], int, int[], int)}, of an example of {@code length} positions. */
    default void toLayout(int[] positions, int offsetP, int[] layout, int offsetL, int length) {
        DataJson.requireLength(this, length);
        System.arraycopy(positions, offsetP, layout, offsetL, length);
    }

    /** As {@link #toLayout(int[], int, int[], int, int)}, of real values. */
    default void toLayout(float[] positions, int offsetP, float[] layout, int offsetL, int length) {
        DataJson.requireLength(this, length);
        System.arraycopy(positions, offsetP, layout, offsetL, length);
    }

    private int ownLength() {
        return length().orElseThrow(
                        () -> new IllegalArgumentException(kind() + " has no length of its own: say which"));
    }

    /**
     * Images, [N, C, H, W] in files.
     *
     * @param height rows, ≥ 1
     * @param width columns, ≥ 1
     * @param channels 1 or 3
     * @param levels values of a position, ≥ 2
     */
    record Image(int height, int width, int channels, int levels) implements DataSpec {
        /** Checks the ranges, and that positions can be counted. */
        public Image {
            Fields.whole("data.height", height, 1);
            Fields.whole("data.width", width, 1);
            if (channels != 1 && channels != 3) {
                throw InvalidModelException.of("data.channels", Integer.toString(channels), "1 or 3");
            }
            Fields.whole("data.levels", levels, 2);
            if ((long) height * width > Integer.MAX_VALUE / channels) {
                throw InvalidModelException.of(
                        "data.height",
                        height + " rows of " + width + " pixels in " + channels + " channels",
                        "at most " + Integer.MAX_VALUE + " positions");
            }
        }

        @Override
        public String kind() {
            return "image";
        }

        @Override
        public OptionalInt length() {
            return OptionalInt.of(height * width * channels);
        }

        @Override
        public int[] exampleShape(int length) {
            DataJson.requireLength(this, length);
            return new int[] {channels, height, width};
        }

        @Override
        public void toPositions(int[] layout, int offsetL, int[] positions, int offsetP, int length) {
            if (channels == 1) {
                DataSpec.super.toPositions(layout, offsetL, positions, offsetP, length);
                return;
            }
            DataJson.requireLength(this, length);
            int pixels = height * width;
            for (int c = 0; c < channels; c++) {
                for (int pixel = 0; pixel < pixels; pixel++) {
                    positions[offsetP + pixel * channels + c] = layout[offsetL + c * pixels + pixel];
                }
            }
        }

        @Override
        public void toPositions(float[] layout, int offsetL, float[] positions, int offsetP, int length) {
            DataJson.requireLength(this, length);
            int pixels = height * width;
            for (int c = 0; c < channels; c++) {
                for (int pixel = 0; pixel < pixels; pixel++) {
                    positions[offsetP + pixel * channels + c] = layout[offsetL + c * pixels + pixel];
                }
            }
        }

        @Override
        public void toLayout(int[] positions, int offsetP, int[] layout, int offsetL, int length) {
            if (channels == 1) {
                DataSpec.super.toLayout(positions, offsetP, layout, offsetL, length);
                return;
            }
            DataJson.requireLength(this, length);
            int pixels = height * width;
            for (int c = 0; c < channels; c++) {
                for (int pixel = 0; pixel < pixels; pixel++) {
                    layout[offsetL + c * pixels + pixel] = positions[offsetP + pixel * channels + c];
                }
            }
        }

        @Override
        public void toLayout(float[] positions, int offsetP, float[] layout, int offsetL, int length) {
            DataJson.requireLength(this, length);
            int pixels = height * width;
            for (int c = 0; c < channels; c++) {
                for (int pixel = 0; pixel < pixels; pixel++) {
                    layout[offsetL + c * pixels + pixel] = positions[offsetP + pixel * channels + c];
                }
            }
        }
    }

    /**
     * Sequences of one length, [N, T] in files.
     *
     * @param positions the length, ≥ 1; a configuration's {@code data.length}
     * @param levels values of a position, ≥ 2
     */
    record Sequence(int positions, int levels) implements DataSpec {
        /** Checks the ranges. */
        public Sequence {
            Fields.whole("data.length", positions, 1);
            Fields.whole("data.levels", levels, 2);
        }

        @Override
        public String kind() {
            return "sequence";
        }

        @Override
        public OptionalInt length() {
            return OptionalInt.of(positions);
        }
    }

    /**
     * Sound, [N, T] in files, of any length.
     *
     * @param sampleRate samples a second, ≥ 1
     * @param levels values of a sample, ≥ 2
     * @param companding how amplitudes become levels
     */
    record Audio(int sampleRate, int levels, Companding companding) implements DataSpec {
        /** Checks the ranges. */
        public Audio {
            Fields.whole("data.sample_rate", sampleRate, 1);
            Fields.whole("data.levels", levels, 2);
        }

        @Override
        public String kind() {
            return "audio";
        }

        @Override
        public OptionalInt length() {
            return OptionalInt.empty();
        }
    }

    /**
     * Text, [N, T] in files, of any length: a value is a code point's index in the vocabulary.
     *
     * @param vocabulary two or more code points, all different, no unpaired surrogates
     */
    record Text(String vocabulary) implements DataSpec {
        /** Checks the code points. */
        public Text {
            DataJson.checkVocabulary("data.vocabulary", vocabulary);
        }

        @Override
        public String kind() {
            return "text";
        }

        /** The number of code points of the vocabulary. */
        @Override
        public int levels() {
            return vocabulary.codePointCount(0, vocabulary.length());
        }

        @Override
        public OptionalInt length() {
            return OptionalInt.empty();
        }
    }

    /** Real numbers, [N, T] in files, of any length. */
    record Series() implements DataSpec {
        @Override
        public String kind() {
            return "series";
        }

        @Override
        public int levels() {
            return 0;
        }

        @Override
        public OptionalInt length() {
            return OptionalInt.empty();
        }
    }
}
