package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.file.Safetensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** A recorded case: a model, data, and what the definition makes of them. */
record GoldenCase(Path folder) {
    /** The cases of the families that are computed. */
    static List<GoldenCase> all() throws IOException, URISyntaxException {
        URL url = Objects.requireNonNull(GoldenCase.class.getResource("/golden/README.md"));
        Path golden = Objects.requireNonNull(Path.of(url.toURI()).getParent());
        List<String> families = Model.computed();
        try (Stream<Path> folders = Files.list(golden)) {
            List<GoldenCase> cases = folders.filter(folder ->
                            families.contains(folder.getFileName().toString().split("-", 2)[0]))
                    .sorted()
                    .map(GoldenCase::new)
                    .toList();
            assertThat(cases).hasSizeGreaterThanOrEqualTo(17);
            return cases;
        }
    }

    Path model() {
        return folder.resolve("model.safetensors");
    }

    Safetensors open() throws IOException {
        return Safetensors.open(folder.resolve("case.safetensors"));
    }

    /** A tensor of data, as examples. */
    static Examples examples(Safetensors file, String name) throws IOException {
        Safetensors.Info info = Objects.requireNonNull(file.tensors().get(name));
        int count = (int) info.shape()[0];
        int length = (int) (info.count() / count);
        if (info.type() == Safetensors.Type.I64) {
            return Examples.ofLevels(
                    count,
                    length,
                    Arrays.stream(file.longs(name)).mapToInt(Math::toIntExact).toArray());
        }
        return Examples.ofReals(count, length, file.floats(name));
    }

    /** What the examples are conditioned on. */
    static Condition condition(Safetensors file) throws IOException {
        Condition condition = Condition.none();
        if (file.tensors().containsKey("condition.global")) {
            long[] classes = file.longs("condition.global");
            condition = Condition.ofClasses(
                    Arrays.stream(classes).mapToInt(Math::toIntExact).toArray());
        }
        Safetensors.Info of = file.tensors().get("condition");
        if (of != null) {
            return ofImage(file, of);
        }
        Safetensors.Info local = file.tensors().get("condition.local");
        if (local != null) {
            long[] shape = local.shape();
            condition = condition.withFrames(file.floats("condition.local"), (int) shape[1], (int) shape[2]);
        }
        return condition;
    }

    /** A class, a vector or maps. */
    private static Condition ofImage(Safetensors file, Safetensors.Info info) throws IOException {
        int[] shape = Arrays.stream(info.shape()).mapToInt(Math::toIntExact).toArray();
        if (info.type() == Safetensors.Type.I64) {
            return Condition.ofClasses(Arrays.stream(file.longs("condition"))
                    .mapToInt(Math::toIntExact)
                    .toArray());
        }
        float[] features = file.floats("condition");
        return shape.length == 2
                ? Condition.ofVectors(features, shape[1])
                : Condition.ofMaps(features, shape[1], shape[2], shape[3]);
    }

    @Override
    public String toString() {
        return folder.getFileName().toString();
    }
}
