package dev.gatun.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading well-formed files and writing them. */
class SafetensorsTest {
    @TempDir
    Path folder;

    @Test
    void readsWhatTheReferenceWrote() throws IOException {
        try (Safetensors file = Safetensors.open(Fixtures.resource("file/reference.safetensors"))) {
            assertThat(file.metadata()).isEqualTo(Map.of("k", "v \"ü\""));
            assertThat(file.tensors().keySet()).containsExactlyInAnyOrder("a", "b");
            assertThat(file.tensors().get("b").shape()).containsExactly(2, 3);
            assertThat(file.floats("b")).containsExactly(0, 1, 2, 3, 4, 5);
            assertThat(file.longs("a")).containsExactly(1, -2);
        }
    }

    @Test
    void convertsTheMixedTypesOfTheGoldenCase() throws IOException {
        Path model = Fixtures.resource("golden/mlp_arm-mixed-types/model.safetensors");
        try (Safetensors file = Safetensors.open(model)) {
            assertThat(file.path()).isEqualTo(model);
            assertThat(file.tensors().sequencedKeySet())
                    .containsExactly(
                            "layers.0.weight",
                            "layers.2.weight",
                            "layers.0.bias",
                            "layers.2.bias",
                            "layers.1.weight",
                            "layers.1.bias");
            assertThat(Json.parse(file.metadata().get("gatun"))).isInstanceOf(Map.class);
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(model)).order(ByteOrder.LITTLE_ENDIAN);
            int data = 8 + (int) bytes.getLong(0);
            assertThat(file.floats("layers.0.weight")).hasSize(10).startsWith((float) bytes.getDouble(data));
            assertThat(file.floats("layers.0.bias")).hasSize(5).startsWith(bytes.getFloat(data + 112));
            assertThat(file.floats("layers.1.weight"))
                    .hasSize(20)
                    .startsWith(Float.intBitsToFloat(bytes.getShort(data + 136) << 16));
            assertThat(file.floats("layers.1.bias"))
                    .hasSize(4)
                    .startsWith(Float.float16ToFloat(bytes.getShort(data + 176)));
        }
        try (Safetensors file = Safetensors.open(Fixtures.resource("golden/mlp_arm-mixed-types/case.safetensors"))) {
            assertThat(file.longs("x")).hasSize(14).containsAnyOf(0, 1);
            assertThat(file.tensors().get("outputs").count()).isEqualTo(14);
        }
    }

    @Test
    void convertsKnownBitPatterns() throws IOException {
        Path path = folder.resolve("a.safetensors");
        short[] halves = {0x3c00, (short) 0xc000, 0x0001, 0x7c00, 0x3555};
        short[] brains = {0x3f80, (short) 0xc000, 0x7f80, 0x0001};
        double[] doubles = {1e300, 0.1, -0.0};
        new SafetensorsWriter()
                .addBytes("odd", Safetensors.Type.U8, new long[] {1}, MemorySegment.ofArray(new byte[] {7}))
                .addBytes("h", Safetensors.Type.F16, new long[] {5}, little(halves))
                .addBytes("b", Safetensors.Type.BF16, new long[] {4}, little(brains))
                .addBytes("d", Safetensors.Type.F64, new long[] {3}, little(doubles))
                .write(path);
        try (Safetensors file = Safetensors.open(path)) {
            assertThat(file.floats("h"))
                    .containsExactly(1, -2, 0x1p-24f, Float.POSITIVE_INFINITY, Float.float16ToFloat((short) 0x3555));
            assertThat(file.floats("b")).containsExactly(1, -2, Float.POSITIVE_INFINITY, Float.intBitsToFloat(0x10000));
            assertThat(file.floats("d")).containsExactly(Float.POSITIVE_INFINITY, 0.1f, -0.0f);
        }
    }

    @Test
    void writesWhatItReads() throws IOException {
        Path path = folder.resolve("a.safetensors");
        float[] values = {1.5f, -0f, Float.NaN, Float.MIN_VALUE, Float.intBitsToFloat(0x7fc01234), 6};
        float[] many = new float[100_003];
        many[100_002] = 7;
        new SafetensorsWriter()
                .metadata("gatun", "{\"format\": 1}")
                .metadata("other", "ü")
                .add("z", new long[] {2, 3}, values)
                .addLongs("a", new long[] {2}, new long[] {Long.MIN_VALUE, 5})
                .add("none", new long[] {0, 9}, new float[0])
                .add("one", new long[0], MemorySegment.ofArray(new float[] {4}))
                .add("many", new long[] {many.length}, many)
                .write(path);
        assertThat(ByteBuffer.wrap(Files.readAllBytes(path))
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .getLong(0)
                        % 8)
                .isZero();
        try (Safetensors file = Safetensors.open(path)) {
            assertThat(file.metadata()).containsExactly(Map.entry("gatun", "{\"format\": 1}"), Map.entry("other", "ü"));
            assertThat(file.tensors().sequencedKeySet()).containsExactly("z", "a", "none", "one", "many");
            assertThat(MemorySegment.ofArray(file.floats("z")).mismatch(MemorySegment.ofArray(values)))
                    .isEqualTo(-1);
            assertThat(file.longs("a")).containsExactly(Long.MIN_VALUE, 5);
            assertThat(file.floats("none")).isEmpty();
            assertThat(file.floats("one")).containsExactly(4);
            assertThat(file.floats("many")).isEqualTo(many);
        }
    }

    @Test
    void writesTheSameBytesEachTimeAndExactlyThese() throws IOException {
        Path path = folder.resolve("a.safetensors");
        SafetensorsWriter writer = new SafetensorsWriter().metadata("k", "v").add("t", new long[] {1}, new float[] {1});
        writer.write(path);
        byte[] first = Files.readAllBytes(path);
        writer.write(path);
        assertThat(path).hasBinaryContent(first);
        String header =
                "{\"__metadata__\":{\"k\":\"v\"},\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
        assertThat(new String(first, 8, header.length(), StandardCharsets.US_ASCII))
                .isEqualTo(header);
        assertThat(new String(
                        first, 8 + header.length(), first.length - 12 - header.length(), StandardCharsets.US_ASCII))
                .isBlank();
    }

    @Test
    void anEmptyFileOfTheFormatIsFine() throws IOException {
        try (Safetensors file = Safetensors.open(Fixtures.safetensors(folder, "{}", 0))) {
            assertThat(file.tensors()).isEmpty();
            assertThat(file.metadata()).isEmpty();
        }
    }

    @Test
    void readsIntoMemoryOfExactlyItsSize() throws IOException {
        try (Safetensors file = Safetensors.open(Fixtures.resource("file/reference.safetensors"))) {
            float[] values = new float[8];
            file.floats("b", MemorySegment.ofArray(values).asSlice(4, 24));
            assertThat(values).containsExactly(0, 0, 1, 2, 3, 4, 5, 0);
            for (int bytes : new int[] {20, 23, 25, 28}) {
                assertThatThrownBy(() -> file.floats("b", MemorySegment.ofArray(new byte[bytes])))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("'b' has 6 values")
                        .hasMessageContaining(bytes + " bytes");
            }
        }
    }

    @Test
    void namesATensorThatIsMissingOrOfAnotherType() throws IOException {
        Path path = Fixtures.resource("file/reference.safetensors");
        try (Safetensors file = Safetensors.open(path)) {
            assertThatThrownBy(() -> file.floats("c"))
                    .isInstanceOf(FormatException.class)
                    .hasMessage(path + ": has no tensor 'c'");
            assertThatThrownBy(() -> file.floats("a"))
                    .hasMessage(path + ": tensor 'a' is I64, expected F32, F64, F16 or BF16");
            assertThatThrownBy(() -> file.longs("b")).hasMessage(path + ": tensor 'b' is F32, expected I64");
            assertThatThrownBy(() -> file.raw("c")).hasMessageContaining("has no tensor 'c'");
        }
    }

    @Test
    void viewsAreReadOnlyAndEndWithTheFile() throws IOException {
        Safetensors file = Safetensors.open(Fixtures.resource("file/reference.safetensors"));
        MemorySegment raw = file.raw("b");
        assertThat(raw.byteSize()).isEqualTo(24);
        assertThatThrownBy(() -> raw.set(ValueLayout.JAVA_BYTE, 0, (byte) 1))
                .isInstanceOf(IllegalArgumentException.class);
        file.close();
        file.close();
        assertThatThrownBy(() -> raw.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> file.floats("b"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> file.longs("a")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> file.raw("a")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(file::tensors).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(file::metadata).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theWriterRefusesWhatItsReaderWould() {
        SafetensorsWriter writer =
                new SafetensorsWriter().add("a", new long[] {1}, new float[1]).metadata("k", "v");
        assertThatThrownBy(() -> writer.add("a", new long[] {1}, new float[1]))
                .hasMessageContaining("'a' is there already");
        assertThatThrownBy(() -> writer.metadata("k", "w")).hasMessageContaining("'k' is there already");
        assertThatThrownBy(() -> writer.add("__metadata__", new long[] {1}, new float[1]))
                .hasMessageContaining("__metadata__");
        assertThatThrownBy(() -> writer.add("b", new long[] {2, 2}, new float[3]))
                .hasMessage("tensor 'b' of F32 and shape [2, 2] takes 16.0 bytes, its values have 12");
        assertThatThrownBy(() -> writer.add("b", new long[] {-1, -3}, new float[3]))
                .hasMessageContaining("negative");
        assertThatThrownBy(() -> writer.add("b", new long[] {1L << 62, 4}, new float[0]))
                .hasMessageContaining("overflows");
        assertThatThrownBy(() -> writer.add("b", new long[] {1L << 58}, new float[0]))
                .hasMessageContaining("overflows");
        assertThatThrownBy(() -> new SafetensorsWriter()
                        .add("\ud800", new long[] {1}, new float[1])
                        .write(folder.resolve("x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("surrogate");
    }

    private static MemorySegment little(short[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(values);
        return MemorySegment.ofArray(bytes.array());
    }

    private static MemorySegment little(double[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(values);
        return MemorySegment.ofArray(bytes.array());
    }
}
