package dev.gatun.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyTest {
    private static final String GOOD = "{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }";

    @TempDir
    Path folder;

    @Test
    void writesTheBytesThatNumPyWrites() throws IOException {
        NpyArray array = NpyArray.ofFloats(new int[] {2, 3}, new float[] {0, 1, 2, 3, 4, 5});
        Path file = folder.resolve("a.npy");
        Npy.write(file, array);
        assertThat(file).hasSameBinaryContentAs(Fixtures.resource("file/numpy-f4.npy"));
        assertThat(Npy.read(file)).isEqualTo(array).hasSameHashCodeAs(array);
    }

    @Test
    void readsTheLaterVersions() throws IOException {
        assertThat(Npy.read(Fixtures.resource("file/numpy-v2.npy")).ints()).containsExactly(0, 1, 2);
        assertThat(Npy.read(Fixtures.resource("file/numpy-v3.npy")).ints()).containsExactly(0, 1, 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 5})
    void writesWhatItReadsInAnyNumberOfDimensions(int dimensions) throws IOException {
        int[] shape = new int[dimensions];
        Arrays.setAll(shape, d -> d + 1);
        int count = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        long[] longs = new long[count];
        Arrays.setAll(longs, i -> Long.MIN_VALUE + i);
        int[] ints = new int[count];
        Arrays.setAll(ints, i -> i - 7);
        for (NpyArray array : new NpyArray[] {NpyArray.ofLongs(shape, longs), NpyArray.ofInts(shape, ints)}) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Npy.write(out, array);
            assertThat((out.size() - count * array.type().bytes()) % 64).isZero();
            NpyArray back = Npy.read(new ByteArrayInputStream(out.toByteArray()), "memory", out.size());
            assertThat(back).isEqualTo(array);
            assertThat(back.shape()).isEqualTo(shape);
            assertThat(back.count()).isEqualTo(count);
        }
        assertThat(NpyArray.ofLongs(shape, longs).longs()).isEqualTo(longs);
        assertThat(NpyArray.ofInts(shape, ints).ints()).isEqualTo(ints);
    }

    static Stream<Arguments> types() {
        return Stream.of(
                Arguments.of("|b1", new byte[] {0, 1, 2}, new float[] {0, 1, 1}),
                Arguments.of("|i1", new byte[] {-128, 127}, new float[] {-128, 127}),
                Arguments.of("<u1", new byte[] {-128, 127}, new float[] {128, 127}),
                Arguments.of("<i2", new byte[] {1, -1}, new float[] {-255}),
                Arguments.of(">i2", new byte[] {-1, 1}, new float[] {-255}),
                Arguments.of(">u2", new byte[] {-1, 1}, new float[] {65281}),
                Arguments.of(">i4", new byte[] {-1, -1, -1, -2}, new float[] {-2}),
                Arguments.of("<u4", new byte[] {-2, -1, -1, -1}, new float[] {0x1p32f}),
                Arguments.of(">i8", new byte[] {-1, -1, -1, -1, -1, -1, -1, -2}, new float[] {-2}),
                Arguments.of("<u8", new byte[] {-1, -1, -1, -1, -1, -1, -1, -1}, new float[] {0x1p64f}),
                Arguments.of(">f2", new byte[] {0x3c, 0}, new float[] {1}),
                Arguments.of(">f4", new byte[] {0x3f, (byte) 0x80, 0, 0}, new float[] {1}),
                Arguments.of("<f8", new byte[] {0, 0, 0, 0, 0, 0, -16, 0x3f}, new float[] {1}));
    }

    @ParameterizedTest
    @MethodSource("types")
    void convertsEveryTypeOfEitherByteOrder(String descr, byte[] data, float[] expected) throws IOException {
        byte[] file = npy(
                1, "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + expected.length + ",), }\n", data);
        assertThat(read(file).floats()).containsExactly(expected);
    }

    @Test
    void wholeNumbersAreCheckedForTheirRange() throws IOException {
        NpyArray longs = NpyArray.ofLongs(new int[] {2}, new long[] {1, 1L << 31});
        assertThatThrownBy(longs::ints)
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("value number 1 is 2147483648, which is not a 32-bit whole number");
        byte[] all = {-1, -1, -1, -1, -1, -1, -1, -1};
        NpyArray unsigned = read(npy(1, "{'descr':'<u8','fortran_order':False,'shape':()}", all));
        assertThatThrownBy(unsigned::longs).hasMessageContaining("18446744073709551615, which is not a 64-bit");
        byte[] four = {-1, -1, -1, -1};
        assertThatThrownBy(read(npy(1, "{'descr':'<u4','fortran_order':False,'shape':()}", four))::ints)
                .hasMessageContaining("4294967295");
        assertThatThrownBy(NpyArray.ofFloats(new int[] {1}, new float[] {1})::ints)
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("holds F32, expected whole numbers");
        Path file = Fixtures.resource("file/numpy-f4.npy");
        assertThatThrownBy(Npy.read(file)::longs).hasMessageStartingWith(file + ": holds F32");
    }

    @Test
    void headersMayBeSpelledOtherwise() throws IOException {
        byte[] data = {1, 0, 2, 0};
        for (String header : new String[] {
            "{\"shape\": (2L,), \"descr\": \"<i2\", \"fortran_order\": True}\n",
            "{'fortran_order':False,'shape':(2,),'descr':'<i2'}",
            "{ 'descr' : '<i2' , 'fortran_order' : False , 'shape' : ( 1 , 2 , ) , }   \n",
        }) {
            assertThat(read(npy(1, header, data)).ints()).containsExactly(1, 2);
        }
    }

    static Stream<Arguments> headers() {
        return Stream.of(
                Arguments.of("", "expected '{'"),
                Arguments.of("{}", "header has no 'descr'"),
                Arguments.of("{'descr': '<i2', 'fortran_order': False}", "header has no 'shape'"),
                Arguments.of("{'descr': '<i2', 'shape': (2,)}", "header has no 'fortran_order'"),
                Arguments.of(GOOD.replace("'descr'", "'x'"), "unknown key 'x'"),
                Arguments.of(GOOD.replace("{", "{'descr': '<i2', "), "'descr' twice"),
                Arguments.of(GOOD.replace("{", "{'shape': (2,), "), "'shape' twice"),
                Arguments.of(GOOD.replace("(2,)", "(2)"), "a shape is a tuple"),
                Arguments.of(GOOD.replace("(2,)", "2"), "expected '('"),
                Arguments.of(GOOD.replace("(2,)", "[2]"), "expected '('"),
                Arguments.of(GOOD.replace("(2,)", "(-2,)"), "expected a whole number"),
                Arguments.of(GOOD.replace("(2,)", "(2.0,)"), "expected ','"),
                Arguments.of(GOOD.replace("(2,)", "(2,,)"), "expected a whole number"),
                Arguments.of(GOOD.replace("(2,)", "(2,"), "expected a whole number"),
                Arguments.of(GOOD.replace("(2,)", "(2147483648,)"), "more than 2^31-1"),
                Arguments.of(GOOD.replace("(2,)", "(99999999999999999999999,)"), "more than 2^31-1"),
                Arguments.of(GOOD.replace("(2,)", "(2147483647,2147483647,2147483647)"), "takes more than 2^63"),
                Arguments.of(GOOD.replace("(2,)", "(65536,65536,65536,65536)"), "takes more than 2^63"),
                Arguments.of(GOOD.replace("(2,)", "(2147483647,)"), "has 4 bytes after its header, but I16 of shape"),
                Arguments.of(GOOD.replace("(2,)", "(3,)"), "takes 6"),
                Arguments.of(GOOD.replace("(2,)", "(0,)"), "takes 0"),
                Arguments.of(GOOD.replace("(2,)", "(" + "1,".repeat(65) + ")"), "more than 64 dimensions"),
                Arguments.of(GOOD.replace("False", "false"), "expected True or False"),
                Arguments.of(GOOD.replace("False", "0"), "expected True or False"),
                Arguments.of(GOOD.replace("'<i2'", "'<i2"), "expected"),
                Arguments.of(GOOD.replace("'<i2'", "'\\x3ci2'"), "without escapes"),
                Arguments.of(GOOD.replace("'<i2'", "None"), "expected a string"),
                Arguments.of(GOOD.replace("<i2", "i2"), "unsupported descr 'i2'"),
                Arguments.of(GOOD.replace("<i2", ""), "unsupported descr ''"),
                Arguments.of(GOOD.replace("<i2", "|i2"), "unsupported descr '|i2'"),
                Arguments.of(GOOD.replace("<i2", "=i2"), "unsupported descr '=i2'"),
                Arguments.of(GOOD.replace("<i2", "<f16"), "unsupported descr '<f16'"),
                Arguments.of(GOOD.replace("<i2", "<M8[D]"), "unsupported descr"),
                Arguments.of(GOOD.replace("<i2", "|O"), "holds Python objects"),
                Arguments.of(GOOD.replace("<i2", "<U4"), "holds strings"),
                Arguments.of(GOOD.replace("<i2", "|S4"), "holds strings"),
                Arguments.of(GOOD.replace("<i2", "<c8"), "holds complex numbers"),
                Arguments.of(GOOD.replace("'<i2'", "[('a', '<i2')]"), "structured array"),
                Arguments.of(GOOD + "x", "expected the end of the header"),
                Arguments.of(GOOD + GOOD, "expected the end of the header"),
                Arguments.of(GOOD.substring(0, 30), "expected"));
    }

    @ParameterizedTest
    @MethodSource("headers")
    void refusesHeaders(String header, String problem) {
        assertThatThrownBy(() -> read(npy(1, header, new byte[4])))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("some.npy: ")
                .hasMessageContaining(problem);
    }

    @Test
    void refusesObjectsThatNumPyPickled() {
        assertThatThrownBy(() -> Npy.read(Fixtures.resource("file/numpy-object.npy")))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("holds Python objects");
    }

    @Test
    void refusesEveryTruncationAndOneByteMore() throws IOException {
        byte[] whole = npy(1, GOOD, new byte[] {1, 0, 2, 0});
        assertThat(read(whole).ints()).containsExactly(1, 2);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(cut)).isInstanceOf(FormatException.class);
            // A stream that is shorter than was said is found out as well.
            assertThatThrownBy(() -> Npy.read(new ByteArrayInputStream(cut), "some.npy", whole.length))
                    .isInstanceOf(FormatException.class);
        }
        byte[] more = Arrays.copyOf(whole, whole.length + 1);
        assertThatThrownBy(() -> read(more)).hasMessageContaining("has 5 bytes after its header");
        assertThatThrownBy(() -> Npy.read(new ByteArrayInputStream(more), "some.npy", whole.length))
                .hasMessageContaining("goes on after its 4 bytes");
    }

    @Test
    void refusesOtherMagicVersionsAndLengths() {
        byte[] whole = npy(1, GOOD, new byte[4]);
        whole[0] = 0x50;
        assertThatThrownBy(() -> read(whole)).hasMessageContaining("no .npy file");
        assertThatThrownBy(() -> read(npy(4, GOOD, new byte[4]))).hasMessageContaining("version 4.0");
        assertThatThrownBy(() -> read(npy(0, GOOD, new byte[4]))).hasMessageContaining("version 0.0");
        byte[] endless = npy(2, GOOD, new byte[4]);
        ByteBuffer.wrap(endless).putInt(8, -1);
        assertThatThrownBy(() -> read(endless)).hasMessageContaining("a header of 4294967295 bytes");
        byte[] utf8 = npy(3, GOOD.replace("i2", "\u00ff"), new byte[4]);
        assertThatThrownBy(() -> read(utf8)).hasMessageContaining("not UTF-8");
    }

    @Test
    void aMissingFileAndAFolderAreNamed() {
        Path missing = folder.resolve("missing.npy");
        assertThatThrownBy(() -> Npy.read(missing))
                .isInstanceOf(IOException.class)
                .hasMessage(missing + ": no such file");
        assertThatThrownBy(() -> Npy.read(folder)).hasMessage(folder + ": is not a regular file");
    }

    @Test
    void arraysAreMadeOfShapesThatFit() {
        assertThatThrownBy(() -> NpyArray.ofInts(new int[] {2, 2}, new int[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("shape [2, 2] has 4 values")
                .hasMessageContaining("given are 3");
        assertThatThrownBy(() -> NpyArray.ofInts(new int[] {-1, -3}, new int[3]))
                .hasMessageContaining("negative");
        int big = Integer.MAX_VALUE;
        assertThatThrownBy(() -> NpyArray.ofLongs(new int[] {big, big, big}, new long[0]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(NpyArray.ofLongs(new int[] {big, big, 0}, new long[0]).count())
                .isZero();
        float[] values = {1};
        int[] shape = {1};
        NpyArray array = NpyArray.ofFloats(shape, values);
        values[0] = 2;
        shape[0] = 2;
        array.shape()[0] = 3;
        array.floats()[0] = 3;
        assertThat(array.floats()).containsExactly(1);
        assertThat(array.shape()).containsExactly(1);
    }

    private static NpyArray read(byte[] file) throws IOException {
        return Npy.read(new ByteArrayInputStream(file), "some.npy", file.length);
    }

    private static byte[] npy(int version, String header, byte[] data) {
        byte[] text = header.getBytes(StandardCharsets.ISO_8859_1);
        int lengthBytes = version < 2 ? 2 : 4;
        ByteBuffer file = ByteBuffer.allocate(8 + lengthBytes + text.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
        if (lengthBytes == 2) {
            file.putShort((short) text.length);
        } else {
            file.putInt(text.length);
        }
        return file.put(text).put(data).array();
    }

    @Test
    void namesThatAreNoPathsAreShownAllTheSame() {
        assertThatThrownBy(() -> Npy.read(new ByteArrayInputStream(new byte[0]), "a\0b.npy", 0))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("a_b.npy: ");
        assertThat(Files.exists(Path.of("a_b.npy"))).isFalse();
    }
}
