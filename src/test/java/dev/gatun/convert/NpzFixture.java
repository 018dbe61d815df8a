package dev.gatun.convert;

import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Archives of arrays. */
final class NpzFixture {
    private NpzFixture() {}

    static Path write(Path folder, Map<String, NpyArray> arrays) throws IOException {
        Path file = folder.resolve("model.npz");
        Path one = folder.resolve("one.npy");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, NpyArray> array : arrays.entrySet()) {
                Npy.write(one, array.getValue());
                zip.putNextEntry(new ZipEntry(array.getKey() + ".npy"));
                Files.copy(one, zip);
            }
        }
        return file;
    }

    /** Normal values. */
    static NpyArray random(Random random, int... shape) {
        int size = 1;
        for (int n : shape) {
            size *= n;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return NpyArray.ofFloats(shape, values);
    }
}
