package dev.gatun.cli;

import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import dev.gatun.file.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/** A golden case's tensors, as arrays. */
record GoldenData(String name) {
    NpyArray array(String tensor) throws IOException {
        try (Safetensors file = Safetensors.open(Cli.golden(name, "case.safetensors"))) {
            Safetensors.Info info = Objects.requireNonNull(file.tensors().get(tensor));
            int[] shape = Arrays.stream(info.shape()).mapToInt(Math::toIntExact).toArray();
            return info.type() == Safetensors.Type.I64
                    ? NpyArray.ofLongs(shape, file.longs(tensor))
                    : NpyArray.ofFloats(shape, file.floats(tensor));
        }
    }

    String metadata(String key) throws IOException {
        try (Safetensors file = Safetensors.open(Cli.golden(name, "case.safetensors"))) {
            return Objects.requireNonNull(file.metadata().get(key));
        }
    }

    /** The data as a file. */
    Path data(Path folder) throws IOException {
        Path file = folder.resolve(name + ".npy");
        Npy.write(file, array("x"));
        return file;
    }
}
