package dev.gatun.data;

import dev.gatun.Examples;
import dev.gatun.family.DataSpec;
import dev.gatun.file.Csv;
import dev.gatun.file.FormatException;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A file with one array of examples, not divided. */
record ArrayFile(Path file, Reader reader, Reading reading) implements DataSet {
    /** Reads the array. */
    interface Reader {
        NpyArray read(Path file) throws IOException;
    }

    static ArrayFile npy(Path file, Reading reading) {
        return new ArrayFile(file, Npy::read, reading);
    }

    /** A table with an example a row. */
    static ArrayFile csv(Path file, Reading reading) {
        return new ArrayFile(file, path -> array(Csv.read(path), path), reading);
    }

    /** The rows of a table as one array. */
    static NpyArray array(float[][] rows, Path file) throws FormatException {
        int columns = rows[0].length;
        if ((long) rows.length * columns > Integer.MAX_VALUE / Float.BYTES) {
            throw new FormatException(file, "holds " + rows.length + " x " + columns + " values, more than 2 GiB");
        }
        float[] all = new float[rows.length * columns];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, all, i * columns, columns);
        }
        return NpyArray.ofFloats(new int[] {rows.length, columns}, all);
    }

    @Override
    public String name() {
        return file.toString();
    }

    @Override
    public List<Split> splits() {
        return List.of();
    }

    @Override
    public Examples read(Split split, DataSpec data) throws IOException {
        DataSets.demand(this, split);
        return Conform.examples(new NamedArray(file, null, reader.read(file)), data, reading.notes());
    }
}
