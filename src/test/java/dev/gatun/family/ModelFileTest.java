package dev.gatun.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.file.FormatException;
import dev.gatun.file.Json;
import dev.gatun.file.Safetensors;
import dev.gatun.file.SafetensorsWriter;
import dev.gatun.tensor.Parameters;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ModelFileTest {
    @TempDir
    Path directory;

    static List<Path> cases() {
        return Golden.cases();
    }

    @Test
    void thereAreCasesOfAllFamilies() {
        Set<String> families = new TreeSet<>();
        Golden.cases()
                .forEach(path -> families.add(path.getFileName().toString().split("-", -1)[0]));
        assertThat(families).containsExactlyInAnyOrderElementsOf(Families.names());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void loadsWhatTheFileHolds(Path golden) throws IOException {
        Path path = golden.resolve("model.safetensors");
        try (Arena arena = Arena.ofConfined();
                Safetensors file = Safetensors.open(path)) {
            ModelFile.Loaded loaded = ModelFile.load(path, arena);
            Parameters parameters = loaded.parameters();
            assertThat(ModelFile.readConfig(path)).isEqualTo(loaded.config());
            Set<String> names = new HashSet<>(parameters.names());
            names.addAll(parameters.integers().keySet());
            assertThat(names).isEqualTo(file.tensors().keySet());
            ParameterLayout layout = loaded.config().family().layout(loaded.config());
            for (String name : parameters.names()) {
                assertThat(Arrays.stream(parameters.shape(name)).asLongStream().toArray())
                        .as(name)
                        .isEqualTo(file.tensors().get(name).shape());
                float[] stored = file.floats(name);
                Mask.Entries entries = layout.entries(name, parameters.integers());
                for (int i = 0; i < stored.length; i++) {
                    float wanted = entries == null || entries.counts(i) ? stored[i] : 0f;
                    assertThat(parameters.get(name).getAtIndex(ValueLayout.JAVA_FLOAT, i))
                            .as("%s at %d", name, i)
                            .isEqualTo(wanted);
                }
            }
            for (Map.Entry<String, long[]> integers : parameters.integers().entrySet()) {
                assertThat(integers.getValue()).isEqualTo(file.longs(integers.getKey()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void savesWhatItLoadsBitForBit(Path golden) throws IOException {
        Path first = directory.resolve("first.safetensors");
        Path second = directory.resolve("second.safetensors");
        try (Arena arena = Arena.ofConfined()) {
            ModelFile.Loaded loaded = ModelFile.load(golden.resolve("model.safetensors"), arena);
            ModelFile.save(first, loaded.config(), loaded.parameters());
            ModelFile.Loaded again = ModelFile.load(first, arena);
            assertThat(again.config()).isEqualTo(loaded.config());
            assertThat(again.parameters().all().mismatch(loaded.parameters().all()))
                    .isEqualTo(-1);
            assertThat(again.parameters().integers().keySet())
                    .isEqualTo(loaded.parameters().integers().keySet());
            ModelFile.save(second, again.config(), again.parameters());
        }
        assertThat(Files.mismatch(first, second)).isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bernoulli-of-three  | distribution.type: | bernoulli | 3 levels",
                "condition-missing   | layers.0. | _condition.weight: | not a tensor of this model",
                "condition-type      | condition.type: | label | spatial",
                "degrees-from-zero   | masks.1.degrees.0: | [0, 1, 2, 3] | 1..4",
                "degrees-missing     | masks.1.degrees.1: | missing | [5]",
                "empty               | 0 bytes | 8 | header",
                "even-kernel         | kernel_size: | 2 | odd",
                "extra-tensor        | layers.7.weight: | not a tensor of this model | [2, 2]",
                "format-2            | format: | 2 | expected 1",
                "fractional-size     | context: | 2.5 | whole number",
                "gaussian-levels     | distribution.type: | gaussian | sequence",
                "header-cut          | header | 544 bytes | 92 bytes",
                "header-too-long     | header | 1099511627776 | bytes",
                "infinite            | layers.1.bias: | Infinity at [2] | finite",
                "integer-weight      | layers.0.bias: | I64 | F32",
                "longer              | bytes | 8 | tensor",
                "missing-key         | context: | missing | whole number",
                "missing-tensor      | layers.1.bias: | missing | [3]",
                "nan                 | layers.0.weight: | NaN at [1, 0] | finite",
                "nan-not-masked      | input.weight: | NaN at [0, 0, 0, 2] | finite",
                "no-configuration    | __metadata__.gatun: | missing | JSON",
                "not-an-image        | data.kind: | sequence | image",
                "not-an-object       | configuration: | a list | an object",
                "not-divisible-by-four | data.width: | 6 | multiple of 4",
                "not-json            | __metadata__.gatun: | not JSON | configuration",
                "odd-features        | features: | 5 | multiple of 2",
                "one-level           | data.levels: | found 1 | whole number >= 2",
                "ordering-from-one   | ordering: | [1, 2, 3, 4] | 0..3",
                "ordering-repeats    | ordering: | [0, 2, 2, 1] | permutation",
                "overflow            | layers.1.weight: | Infinity at [0, 0] | finite",
                "pp-categorical      | distribution.type: | categorical | discretized_logistic_mixture",
                "repeated-vocabulary | data.vocabulary: | a\" twice | different",
                "series-categorical  | distribution.type: | categorical | gaussian",
                "transposed          | layers.0.weight: | [2, 4] | [4, 2]",
                "truncated           | bytes | tensor | layers",
                "two-channels        | data.channels: | found 2 | 1 or 3",
                "unknown-activation  | activation: | swish | leaky_relu",
                "unknown-architecture | architecture: | transformer | wavenet",
                "unknown-companding  | data.companding: | a-law | mu-law",
                "unknown-data-key    | data.depth: | unknown | levels",
                "unknown-distribution-key | distribution.components: | unknown | type",
                "unknown-key         | hiden: | unknown | hidden",
                "zero-size           | context: | found 0 | whole number >= 1",
            })
    void refusesAnInvalidFileByNameAndReason(String name, String where, String found, String expected) {
        Path path = Golden.root().resolve("invalid").resolve(name + ".safetensors");
        assertThatThrownBy(() -> ModelFile.load(path, Arena.ofAuto()))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith(path + ": ")
                .hasMessageContaining(where)
                .hasMessageContaining(found)
                .hasMessageContaining(expected);
    }

    @Test
    void theTableAboveHasEveryInvalidFile() throws NoSuchMethodException {
        CsvSource table = ModelFileTest.class
                .getDeclaredMethod(
                        "refusesAnInvalidFileByNameAndReason", String.class, String.class, String.class, String.class)
                .getAnnotation(CsvSource.class);
        Set<String> rows = new TreeSet<>();
        for (String row : table.value()) {
            rows.add(row.substring(0, row.indexOf('|')).strip() + ".safetensors");
        }
        Set<String> files = new TreeSet<>();
        Golden.invalid().forEach(path -> files.add(path.getFileName().toString()));
        assertThat(rows).isEqualTo(files);
    }

    /** Changes single bytes; whatever comes of it, only what the loader promises may be thrown. */
    @ParameterizedTest
    @MethodSource("cases")
    void survivesCorruptedFiles(Path golden) throws IOException {
        byte[] whole = Files.readAllBytes(golden.resolve("model.safetensors"));
        SplittableRandom random = new SplittableRandom(17);
        int header = 8 + (whole[0] & 0xff) + ((whole[1] & 0xff) << 8);
        int refused = 0;
        for (int round = 0; round < 60; round++) {
            byte[] broken = whole.clone();
            for (int k = 0; k <= random.nextInt(3); k++) {
                broken[random.nextInt(Math.min(header, broken.length))] = (byte) random.nextInt(32, 127);
            }
            Path path = directory.resolve("broken.safetensors");
            Files.write(path, broken);
            try (Arena arena = Arena.ofConfined()) {
                ModelFile.load(path, arena);
            } catch (FormatException e) {
                refused++;
                assertThat(e).hasMessageStartingWith(path + ": ");
            }
        }
        assertThat(refused).isPositive();
    }

    @Test
    void savesNothingThatItCouldNotLoad() throws IOException {
        Path path = directory.resolve("model.safetensors");
        try (Arena arena = Arena.ofConfined()) {
            ModelFile.Loaded mlp = ModelFile.load(golden("mlp_arm-onehot"), arena);
            ModelFile.save(path, mlp.config(), mlp.parameters());
            byte[] before = Files.readAllBytes(path);

            MemorySegment weight = mlp.parameters().get("layers.0.weight");
            weight.setAtIndex(ValueLayout.JAVA_FLOAT, 3, Float.NaN);
            assertThatThrownBy(() -> ModelFile.save(path, mlp.config(), mlp.parameters()))
                    .isInstanceOf(InvalidModelException.class)
                    .hasMessageStartingWith("layers.0.weight: found NaN at [0, 3]");
            ModelFile.Loaded nade = ModelFile.load(golden("nade-ordering"), arena);
            assertThatThrownBy(() -> ModelFile.save(path, mlp.config(), nade.parameters()))
                    .isInstanceOf(InvalidModelException.class)
                    .hasMessageStartingWith("layers.0.weight: missing");
            nade.parameters().integers().get("ordering")[0] = 99;
            assertThatThrownBy(() -> ModelFile.save(path, nade.config(), nade.parameters()))
                    .isInstanceOf(InvalidModelException.class)
                    .hasMessageStartingWith("ordering: found [99");
            assertThat(Files.readAllBytes(path)).isEqualTo(before);
        }
    }

    @Test
    void refusesIntegersOfAnotherTypeAndFloatsThatAreNone() throws IOException {
        Path path = directory.resolve("model.safetensors");
        try (Arena arena = Arena.ofConfined()) {
            ModelFile.Loaded nade = ModelFile.load(golden("nade-ordering"), arena);
            SafetensorsWriter writer = new SafetensorsWriter()
                    .metadata("gatun", Json.write(nade.config().toJson()));
            for (String name : nade.parameters().names()) {
                long[] shape = Arrays.stream(nade.parameters().shape(name))
                        .asLongStream()
                        .toArray();
                writer.add(name, shape, nade.parameters().get(name));
            }
            writer.add("ordering", new long[] {12}, new float[12]).write(path);
            assertThatThrownBy(() -> ModelFile.load(path, arena))
                    .isInstanceOf(FormatException.class)
                    .hasMessage(path + ": ordering: found the type F32, expected I64");
        }
    }

    private static Path golden(String name) {
        return Golden.root().resolve(name).resolve("model.safetensors");
    }
}
