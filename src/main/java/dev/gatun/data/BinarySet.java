package dev.gatun.data;

import dev.gatun.Examples;
import dev.gatun.family.DataSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Grey images made black and white. */
record BinarySet(DataSet grey, Binarize how) implements DataSet {
    private static final List<Split> ORDER = List.of(Split.TRAIN, Split.VALID, Split.TEST, Split.ALL);

    static BinarySet of(DataSet set, Binarize how) throws IOException {
        DataSpec spec = set.spec(true);
        if (spec != null && spec.levels() != Binarize.LEVELS) {
            throw new IllegalArgumentException(set.name() + ": its data have " + spec.levels()
                    + " levels; only grey images, of " + Binarize.LEVELS + ", can be made black and white");
        }
        return new BinarySet(set, how);
    }

    @Override
    public String name() {
        return grey.name();
    }

    @Override
    public List<Split> splits() {
        return grey.splits();
    }

    @Override
    public @Nullable DataSpec spec(boolean images) throws IOException {
        DataSpec spec = grey.spec(images);
        return spec == null ? null : withLevels(spec, 2);
    }

    @Override
    public int @Nullable [] labels(Split split) throws IOException {
        return grey.labels(split);
    }

    @Override
    public Examples read(Split split, DataSpec data) throws IOException {
        if (data.levels() != 2) {
            throw new IllegalArgumentException(
                    name() + ": is to be made black and white, but the model's data have " + data.levels() + " levels");
        }
        List<Examples> parts = new ArrayList<>();
        // Each part has noise of its own, whether it is read alone or with the others.
        for (Split part : split == Split.ALL && !splits().isEmpty() ? splits() : List.of(split)) {
            Examples examples = grey.read(part, withLevels(data, Binarize.LEVELS));
            parts.add(Examples.ofSequence(
                    examples.count(), examples.length(), how.apply(examples.sequence(), ORDER.indexOf(part))));
        }
        return Pieces.join(parts);
    }

    private DataSpec withLevels(DataSpec spec, int levels) {
        return switch (spec) {
            case DataSpec.Image image -> new DataSpec.Image(image.height(), image.width(), image.channels(), levels);
            case DataSpec.Sequence sequence -> new DataSpec.Sequence(sequence.positions(), levels);
            default ->
                throw new IllegalArgumentException(
                        name() + ": data of kind \"" + spec.kind() + "\" are no images to be made black and white");
        };
    }
}
