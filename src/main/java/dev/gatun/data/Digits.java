package dev.gatun.data;

import dev.gatun.Examples;
import dev.gatun.family.DataSpec;
import dev.gatun.file.Csv;
import dev.gatun.file.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The bundled 8x8 handwritten digits; NOTICE.md beside the file says where they come from. */
final class Digits implements DataSet {
    static final String NAME = "digits";

    private static final String RESOURCE = "digits_8x8.csv.gz";
    private static final int SIDE = 8;
    private static final int LEVELS = 17;
    private static final int COUNT = 1797;
    /** Where the splits begin and end, in the order of the file. */
    private static final int VALID_FROM = 1000;

    private static final int TEST_FROM = 1350;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Split> splits() {
        return List.of(Split.TRAIN, Split.VALID, Split.TEST);
    }

    @Override
    public DataSpec spec(boolean images) {
        return images ? new DataSpec.Image(SIDE, SIDE, 1, LEVELS) : new DataSpec.Sequence(SIDE * SIDE, LEVELS);
    }

    @Override
    public Examples read(Split split, DataSpec data) throws IOException {
        float[][] chosen = rows(split);
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = Arrays.copyOf(chosen[i], SIDE * SIDE);
        }
        Path name = Path.of(NAME);
        return Conform.examples(new NamedArray(name, null, ArrayFile.array(chosen, name)), data);
    }

    /** The digits that are meant. */
    @Override
    public int[] labels(Split split) throws IOException {
        return Arrays.stream(rows(split))
                .mapToInt(row -> (int) row[SIDE * SIDE])
                .toArray();
    }

    private static float[][] rows(Split split) throws IOException {
        float[][] rows = rows();
        return switch (split) {
            case TRAIN -> Arrays.copyOfRange(rows, 0, VALID_FROM);
            case VALID -> Arrays.copyOfRange(rows, VALID_FROM, TEST_FROM);
            case TEST -> Arrays.copyOfRange(rows, TEST_FROM, COUNT);
            case ALL -> rows;
        };
    }

    /** The pixels of all digits, and their labels, which are the last column. */
    private static float[][] rows() throws IOException {
        float[][] rows;
        try (InputStream in = Digits.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IOException("the library was built without " + RESOURCE);
            }
            rows = Csv.read(in, RESOURCE);
        }
        if (rows.length != COUNT || rows[0].length != SIDE * SIDE + 1) {
            throw new FormatException(
                    Path.of(RESOURCE),
                    "found " + rows.length + " x " + rows[0].length + " numbers, expected " + COUNT + " x "
                            + (SIDE * SIDE + 1));
        }
        return rows;
    }
}
