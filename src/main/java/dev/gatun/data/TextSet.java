package dev.gatun.data;

import dev.gatun.Examples;
import dev.gatun.LongSequence;
import dev.gatun.family.DataSpec;
import dev.gatun.file.FormatException;
import dev.gatun.file.Utf8Reader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A text in UTF-8, in the characters of a model of text: one sequence, or one for each part. For one thread. */
final class TextSet implements DataSet {
    private static final int TAIL_TEST_PART = 10;
    private static final int TAIL_VALID_PART = 20;
    private static final int LINES = 10;

    private final String name;
    private final Path file;
    private final Division division;
    private @Nullable DataSpec known;
    private @Nullable LongSequence encoded;

    /** How a text is divided. */
    enum Division {
        /** Not at all. */
        NONE,
        /** The last tenth is test, the twentieth before it valid, the rest train. */
        TAIL,
        /** Of ten lines the ninth is valid, the tenth test, the others train. */
        LINES
    }

    TextSet(String name, Path file, Division division) {
        this.name = name;
        this.file = file;
        this.division = division;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<Split> splits() {
        return division == Division.NONE ? List.of() : List.of(Split.TRAIN, Split.VALID, Split.TEST);
    }

    /** Its own characters, in the order of their code points. */
    @Override
    public DataSpec spec(boolean images) throws IOException {
        BitSet points = new BitSet();
        try (Utf8Reader text = Utf8Reader.open(file)) {
            for (int point = text.next(); point >= 0; point = text.next()) {
                points.set(point);
            }
        }
        if (points.cardinality() < 2) {
            throw new FormatException(
                    file, "has " + points.cardinality() + " different characters, expected at least 2");
        }
        int[] sorted = points.stream().toArray();
        return new DataSpec.Text(new String(sorted, 0, sorted.length));
    }

    @Override
    public Examples read(Split split, DataSpec data) throws IOException {
        LongSequence part = part(split, data);
        if (part.length() > Integer.MAX_VALUE) {
            throw new FormatException(
                    file, "has " + part.length() + " characters; more than " + Integer.MAX_VALUE + " are no example");
        }
        return Examples.ofSequence(1, (int) part.length(), part);
    }

    @Override
    public List<LongSequence> sequences(Split split, DataSpec data) throws IOException {
        return List.of(part(split, data));
    }

    private LongSequence part(Split split, DataSpec data) throws IOException {
        DataSets.demand(this, split);
        if (!(data instanceof DataSpec.Text text)) {
            throw new FormatException(
                    file, "is text, expected data of kind \"" + data.kind() + "\" (.npy, .npz or .csv)");
        }
        LongSequence all = encode(text);
        LongSequence part = switch (division) {
            case NONE -> all;
            case TAIL -> tail(all, split);
            case LINES -> lines(all, split, data.levels(), new Vocabulary(text).level('\n'));
        };
        if (part.length() == 0) {
            throw new FormatException(file, split == Split.ALL ? "is empty" : "has no split \"" + split.text() + "\"");
        }
        return part;
    }

    private LongSequence encode(DataSpec.Text data) throws IOException {
        if (encoded == null || !data.equals(known)) {
            try (Utf8Reader text = Utf8Reader.open(file);
                    LevelStore store = new LevelStore(data.levels())) {
                new Vocabulary(data).encode(file, text, store);
                encoded = store.finish();
                known = data;
            }
        }
        return encoded;
    }

    private static LongSequence tail(LongSequence all, Split split) {
        long test = all.length() / TAIL_TEST_PART;
        long valid = all.length() / TAIL_VALID_PART;
        long train = all.length() - valid - test;
        return switch (split) {
            case TRAIN -> all.slice(0, train);
            case VALID -> all.slice(train, valid);
            case TEST -> all.slice(train + valid, test);
            case ALL -> all;
        };
    }

    /** The lines of a part, one after the other, each with its line feed. */
    private static LongSequence lines(LongSequence all, Split split, int levels, int lineFeed) throws IOException {
        if (split == Split.ALL) {
            return all;
        }
        int[] window = new int[1 << 12];
        try (LevelStore store = new LevelStore(levels)) {
            long line = 0;
            for (long at = 0; at < all.length(); at += window.length) {
                int count = (int) Math.min(window.length, all.length() - at);
                all.read(at, window, 0, count);
                for (int i = 0; i < count; i++) {
                    if (of(line) == split) {
                        store.put(window[i]);
                    }
                    line += window[i] == lineFeed ? 1 : 0;
                }
            }
            return store.finish();
        }
    }

    private static Split of(long line) {
        return switch ((int) (line % LINES)) {
            case LINES - 2 -> Split.VALID;
            case LINES - 1 -> Split.TEST;
            default -> Split.TRAIN;
        };
    }
}
