package dev.gatun.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way in which a safetensors file can be wrong, each with the words that name it. */
class SafetensorsRefusalTest {
    private static final String GOOD = "{'t':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}";

    @TempDir
    Path folder;

    /** Header (with ' for "), bytes of data, and what the message must say. */
    static Stream<Arguments> headers() {
        return Stream.of(
                Arguments.of("", 0, "does not begin with '{'"),
                Arguments.of(" {}", 0, "does not begin with '{'"),
                Arguments.of("[]", 0, "does not begin with '{'"),
                Arguments.of("{}\n", 0, "does not end with '}' and spaces"),
                Arguments.of("{} x", 0, "does not end with '}' and spaces"),
                Arguments.of("{}{}", 0, "goes on after its object"),
                Arguments.of("{} }", 0, "not JSON"),
                Arguments.of("{'t':}", 0, "not JSON"),
                Arguments.of("{'t':{'dtype':'F32'}", 0, "lacks shape"),
                Arguments.of("{'__metadata__':{}", 0, "not JSON"),
                Arguments.of("{" + "'t':{".repeat(5000) + "}".repeat(5001), 0, "unknown key 't'"),
                Arguments.of("{'__metadata__':[]}", 0, "__metadata__ is an array, expected an object"),
                Arguments.of("{'__metadata__':null}", 0, "__metadata__ is 'null', expected an object"),
                Arguments.of("{'__metadata__':{'k':1}}", 0, "__metadata__.'k' is '1', expected a string"),
                Arguments.of("{'__metadata__':{'k':{}}}", 0, "__metadata__.'k' is an object, expected a string"),
                Arguments.of("{'__metadata__':{'k':'','k':''}}", 0, "__metadata__ has key 'k' twice"),
                Arguments.of("{'__metadata__':{},'__metadata__':{}}", 0, "__metadata__ twice"),
                Arguments.of("{'t':1}", 0, "tensor 't' is '1', expected an object"),
                Arguments.of("{'t':{}}", 0, "tensor 't' lacks dtype"),
                Arguments.of("{'t':{'dtype':'F32','data_offsets':[0,4]}}", 4, "tensor 't' lacks shape"),
                Arguments.of("{'t':{'dtype':'F32','shape':[]}}", 4, "tensor 't' lacks data_offsets"),
                Arguments.of(tensor("'F33'", "[2]", "[0,8]"), 8, "tensor 't' has an unknown dtype 'F33'"),
                Arguments.of(tensor("'f32'", "[2]", "[0,8]"), 8, "unknown dtype 'f32'"),
                Arguments.of(tensor("32", "[2]", "[0,8]"), 8, "tensor 't' has dtype '32', expected a string"),
                Arguments.of(tensor("'F32'", "2", "[0,8]"), 8, "has shape '2', expected an array"),
                Arguments.of(tensor("'F32'", "[-2]", "[0,8]"), 8, "has '-2' in its shape"),
                Arguments.of(tensor("'F32'", "[-1,-2]", "[0,8]"), 8, "has '-1' in its shape"),
                Arguments.of(tensor("'F32'", "[2.0]", "[0,8]"), 8, "has '2.0' in its shape"),
                Arguments.of(tensor("'F32'", "[2e0]", "[0,8]"), 8, "has '2e0' in its shape"),
                Arguments.of(tensor("'F32'", "['2']", "[0,8]"), 8, "has the string '2' in its shape"),
                Arguments.of(tensor("'F32'", "[[2]]", "[0,8]"), 8, "has an array in its shape"),
                Arguments.of(tensor("'F32'", "[null]", "[0,8]"), 8, "has 'null' in its shape"),
                Arguments.of(
                        tensor("'F32'", "[18446744073709551618]", "[0,8]"), 8, "has '18446744073709551618' in its"),
                Arguments.of(tensor("'F32'", "[4611686018427387904,4]", "[0,8]"), 8, "overflows"),
                Arguments.of(tensor("'F32'", "[4611686018427387906]", "[0,8]"), 8, "overflows"),
                Arguments.of(tensor("'F32'", "[4294967296,4294967296,2]", "[0,8]"), 8, "overflows"),
                Arguments.of(tensor("'F32'", "[" + "1,".repeat(64) + "2]", "[0,8]"), 8, "more than 64 numbers"),
                Arguments.of(tensor("'F32'", "[3]", "[0,8]"), 8, "of 8 bytes, but F32 of shape [3] takes 12"),
                Arguments.of(tensor("'F64'", "[2]", "[0,8]"), 8, "but F64 of shape [2] takes 16"),
                Arguments.of(tensor("'F4'", "[3]", "[0,2]"), 2, "ends within a byte"),
                Arguments.of(tensor("'F32'", "[2]", "[0]"), 8, "has 1 data_offsets, expected 2"),
                Arguments.of(tensor("'F32'", "[2]", "[0,8,8]"), 8, "has 3 data_offsets, expected 2"),
                Arguments.of(tensor("'F32'", "[2]", "[8,0]"), 8, "end before they begin"),
                Arguments.of(tensor("'F32'", "[2]", "[-8,0]"), 8, "has '-8' in its data_offsets"),
                Arguments.of(tensor("'F32'", "[2]", "[0,8.0]"), 8, "has '8.0' in its data_offsets"),
                Arguments.of(tensor("'F32'", "[2]", "{}"), 8, "has data_offsets an object"),
                Arguments.of(tensor("'F32'", "[2]", "[0,8]"), 7, "only 7 bytes follow the header: the file is cut"),
                Arguments.of(tensor("'F32'", "[2]", "[0,8]"), 9, "the file is longer than it says"),
                Arguments.of("{}", 1, "the file is longer than it says"),
                Arguments.of(tensor("'F32'", "[1152921504606846976]", "[0,4611686018427387904]"), 8, "cut short"),
                Arguments.of(tensor("'F32'", "[2]", "[1,9]"), 9, "leaving a hole after the header"),
                Arguments.of(
                        two("[0,4]", "[8,12]"), 12, "tensor 'u' begins at byte 8, leaving a hole after tensor 't'"),
                Arguments.of(two("[0,4]", "[2,6]"), 6, "tensor 'u' begins at byte 2 and overlaps tensor 't'"),
                Arguments.of(two("[0,4]", "[0,4]"), 4, "overlaps"),
                Arguments.of(two("[4,8]", "[1,5]"), 8, "leaving a hole"),
                Arguments.of(two("[0,4]", "[0,4]").replace("'u'", "'t'"), 4, "has tensor 't' twice"),
                Arguments.of("{'t':{'dtype':'F32','dtype':'F32','shape':[],'data_offsets':[0,4]}}", 4, "'dtype' twice"),
                Arguments.of("{'t':{'dtype':'F32','shape':[],'shape':[],'data_offsets':[0,4]}}", 4, "'shape' twice"),
                Arguments.of(
                        "{'t':{'dtype':'F32','shape':[],'data_offsets':[0,4],'data_offsets':[0,4]}}",
                        4,
                        "'data_offsets' twice"),
                Arguments.of(
                        "{'t':{'dtype':'F32','shape':[],'data_offsets':[0,4],'strides':[]}}",
                        4,
                        "unknown key 'strides'"));
    }

    private static String tensor(String type, String shape, String offsets) {
        return "{'t':{'dtype':" + type + ",'shape':" + shape + ",'data_offsets':" + offsets + "}}";
    }

    private static String two(String first, String second) {
        String head = "':{'dtype':'F32','shape':[1],'data_offsets':";
        return "{'t" + head + first + "},'u" + head + second + "}}";
    }

    @ParameterizedTest
    @MethodSource("headers")
    void refuses(String header, int dataBytes, String problem) throws IOException {
        Path file = Fixtures.safetensors(folder, header.replace('\'', '"'), dataBytes);
        refused(file, problem);
    }

    @Test
    void theHeaderThatTheseAreMadeOfIsFine() throws IOException {
        try (Safetensors file = Safetensors.open(Fixtures.safetensors(folder, GOOD.replace('\'', '"') + "   ", 8))) {
            assertThat(file.floats("t")).containsExactly(0, 0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "truncated, 'the file is cut short'",
        "header-cut, 'header of 544 bytes, but the file ends 92 bytes after'",
        "empty, 'has 0 bytes'",
        "header-too-long, 'header of 1099511627776 bytes'",
        "longer, 'the file is longer than it says'",
    })
    void refusesTheDefectsOfBytes(String name, String problem) {
        refused(Fixtures.resource("golden/invalid/" + name + ".safetensors"), problem);
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 18446744073709551615",
        "-9223372036854775808, 9223372036854775808",
        "9223372036854775807, 9223372036854775807",
        "100000001, more than the format's 100000000",
        "100000000, but the file ends",
        "55, header of 55 bytes",
    })
    void refusesAHeaderLongerThanTheFile(long length, String problem) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8 + GOOD.length()).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(length).put(GOOD.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        assertThat(GOOD.length()).isEqualTo(54);
        refused(Files.write(folder.resolve("a"), bytes.array()), problem);
    }

    @Test
    void refusesFilesOfLessThanEightBytes() throws IOException {
        for (int size = 0; size < 8; size++) {
            refused(Files.write(folder.resolve("a"), new byte[size]), "has " + size + " bytes");
        }
    }

    @Test
    void refusesAHeaderThatIsNotUtf8() throws IOException {
        byte[][] headers = {
            {'{', '"', (byte) 0xff, '"', '}'}, // never a byte of UTF-8
            {'{', '"', (byte) 0xc0, (byte) 0x80, '"', '}'}, // zero, longer than needed
            {'{', '"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"', '}'}, // half of a surrogate pair
        };
        for (byte[] header : headers) {
            refused(Fixtures.safetensors(folder, header, 0), "not UTF-8");
        }
    }

    @Test
    void refusesFoldersAndNamesAMissingFile() {
        refused(folder, "is not a regular file");
        Path missing = folder.resolve("missing");
        assertThatThrownBy(() -> Safetensors.open(missing))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(missing + ": no such file");
    }

    @Test
    void quotesWhatWouldSpoilAMessage() throws IOException {
        String name = "\\n\\u001b" + "x".repeat(1000);
        Path file = Fixtures.safetensors(folder, "{\"" + name + "\":1}", 0);
        assertThatThrownBy(() -> Safetensors.open(file)).satisfies(e -> {
            assertThat(e.getMessage()).doesNotContain("\n", "\u001b").contains("\\u000a\\u001bxxx");
            assertThat(e.getMessage().length()).isLessThan(file.toString().length() + 200);
        });
    }

    private static void refused(Path file, String problem) {
        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOfSatisfying(FormatException.class, e -> {
                    assertThat(e.file()).isEqualTo(file);
                    assertThat(e).hasMessage(file + ": " + e.problem());
                })
                .hasMessageContaining(problem);
    }
}
