package dev.gatun.data;

import dev.gatun.Examples;
import dev.gatun.LongSequence;
import dev.gatun.family.DataSpec;
import dev.gatun.file.FormatException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Images of one size, which need not be in memory.
 *
 * @param file where they are from
 * @param levels of their values, 2 or 256
 * @param values {@code [count, channels, height, width]}
 * @param labels the class of each, from 0; null if there are none
 */
record Images(
        Path file, int channels, int height, int width, int levels, LongSequence values, int @Nullable [] labels) {
    int length() {
        return channels * height * width;
    }

    int count() {
        return (int) (values.length() / length());
    }

    /** Images {@code from .. to-1}; nothing is copied but labels. */
    Images range(int from, int to) {
        long begin = (long) from * length();
        return new Images(
                file,
                channels,
                height,
                width,
                levels,
                values.slice(begin, (long) to * length() - begin),
                labels == null ? null : Arrays.copyOfRange(labels, from, to));
    }

    Images withLabels(int @Nullable [] given) {
        return new Images(file, channels, height, width, levels, values, given);
    }

    /** Images of one size, one after the other. */
    static Images join(List<Images> parts) {
        Images first = parts.getFirst();
        boolean labelled = parts.stream().allMatch(part -> part.labels != null);
        return new Images(
                first.file,
                first.channels,
                first.height,
                first.width,
                first.levels,
                Joined.of(parts.stream().map(Images::values).toList()),
                labelled
                        ? parts.stream()
                                .map(Images::labels)
                                .flatMapToInt(Arrays::stream)
                                .toArray()
                        : null);
    }

    /** What they are, as images or row by row as a sequence. */
    DataSpec spec(boolean images) {
        return images ? new DataSpec.Image(height, width, channels, levels) : new DataSpec.Sequence(length(), levels);
    }

    /** Examples for a model. */
    Examples examples(DataSpec data) throws FormatException {
        boolean fits = switch (data) {
            case DataSpec.Image image ->
                image.height() == height && image.width() == width && image.channels() == channels;
            case DataSpec.Sequence sequence -> sequence.positions() == length();
            default -> false;
        };
        if (!fits) {
            throw new FormatException(
                    file,
                    "found images [" + count() + ", " + channels + ", " + height + ", " + width + "], expected "
                            + expected(data));
        }
        if (levels > data.levels()) {
            demandLevels(data.levels());
        }
        return Examples.ofSequence(count(), length(), values);
    }

    private static String expected(DataSpec data) {
        return switch (data) {
            case DataSpec.Image image -> "[N, " + image.channels() + ", " + image.height() + ", " + image.width() + "]";
            case DataSpec.Sequence sequence -> "sequences of " + sequence.positions() + " values";
            default -> "data of kind \"" + data.kind() + "\"";
        };
    }

    private void demandLevels(int most) throws FormatException {
        int[] image = new int[length()];
        for (int n = 0; n < count(); n++) {
            values.read((long) n * image.length, image, 0, image.length);
            for (int i = 0; i < image.length; i++) {
                if (image[i] >= most) {
                    String hint = most == 2 ? " (--binarize makes grey images black and white)" : "";
                    throw new FormatException(
                            file,
                            "found " + image[i] + " at value " + i + " of image " + n + ", expected a level, 0.."
                                    + (most - 1) + hint);
                }
            }
        }
    }

    /** Demands that some labels are as many as these images. */
    Images labelled(Path from, int[] given) throws FormatException {
        if (given.length != count()) {
            throw new FormatException(
                    from, "has " + given.length + " labels, but " + file + " has " + count() + " images");
        }
        return withLabels(given);
    }
}
