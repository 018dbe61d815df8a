package dev.gatun.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpzTest {
    @TempDir
    Path folder;

    @Test
    void readsWhatNumPyWrote() throws IOException {
        int[] counting = IntStream.range(0, 24).toArray();
        try (Npz file = Npz.open(Fixtures.resource("file/numpy.npz"))) {
            assertThat(file.keys())
                    .containsExactly("fortran", "big", "flags", "bytes", "half", "scalar", "empty", "u8", "fbig");
            NpyArray fortran = file.read("fortran");
            assertThat(fortran.type()).isEqualTo(NpyArray.DType.I16);
            assertThat(fortran.shape()).containsExactly(2, 3, 4);
            assertThat(fortran.ints()).isEqualTo(counting);
            assertThat(file.read("fbig").ints())
                    .isEqualTo(IntStream.of(counting).map(i -> i * 1000).toArray());
            assertThat(file.read("big").floats()).startsWith(0, 1, 2).endsWith(22, 23);
            assertThat(file.read("flags").ints()).startsWith(1, 0, 0, 1).hasSize(24);
            assertThat(file.read("bytes").ints()).isEqualTo(counting);
            assertThat(file.read("half").floats()[14]).isEqualTo(2);
            assertThat(file.read("scalar").shape()).isEmpty();
            assertThat(file.read("scalar").floats()).containsExactly(2.5f);
            assertThat(file.read("empty").shape()).containsExactly(0, 3);
            assertThat(file.read("empty").floats()).isEmpty();
            assertThat(file.read("u8").floats()).containsExactly(0, 0x1p63f, 0x1p64f);
        }
    }

    @Test
    void writesWhatItReadsAndTheSameBytesEachTime() throws IOException {
        SequencedMap<String, NpyArray> arrays = new LinkedHashMap<>();
        arrays.put("z", NpyArray.ofInts(new int[] {2}, new int[] {1, 2}));
        arrays.put("a/b", NpyArray.ofFloats(new int[] {100, 100}, new float[10_000]));
        arrays.put("ü", NpyArray.ofLongs(new int[] {}, new long[] {3}));
        Path path = folder.resolve("a.npz");
        Npz.write(path, arrays);
        byte[] first = Files.readAllBytes(path);
        Npz.write(path, arrays);
        assertThat(path).hasBinaryContent(first);
        assertThat(first.length).isLessThan(1000);
        try (Npz file = Npz.open(path)) {
            assertThat(file.keys()).containsExactly("z", "a/b", "ü");
            for (String key : arrays.keySet()) {
                assertThat(file.read(key)).isEqualTo(arrays.get(key));
            }
        }
    }

    @Test
    void aMissingKeyIsAnsweredWithThoseThere() throws IOException {
        Path path = Fixtures.resource("file/numpy.npz");
        try (Npz file = Npz.open(path)) {
            assertThatThrownBy(() -> file.read("x_train"))
                    .isInstanceOf(FormatException.class)
                    .hasMessageStartingWith(path + ": has no array 'x_train'; it has ['fortran', 'big', ");
        }
    }

    @Test
    void otherEntriesArePassedOver() throws IOException {
        try (Npz file = Npz.open(zip("readme.txt", "hello".getBytes(StandardCharsets.UTF_8)))) {
            assertThat(file.keys()).isEmpty();
        }
    }

    @Test
    void afterClosingNothingIsRead() throws IOException {
        Npz file = Npz.open(Fixtures.resource("file/numpy.npz"));
        file.close();
        file.close();
        assertThatThrownBy(file::keys).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> file.read("big"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void refusesWhatIsNoZipAndTwoEntriesOfOneName() throws IOException {
        Path text = Files.writeString(folder.resolve("a.npz"), "hello");
        assertThatThrownBy(() -> Npz.open(text))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith(text + ": is not a .npz file");
        assertThatThrownBy(() -> Npz.open(folder)).hasMessage(folder + ": is not a regular file");
        assertThatThrownBy(() -> Npz.open(folder.resolve("missing"))).hasMessageContaining("no such file");
        SequencedMap<String, NpyArray> arrays = new LinkedHashMap<>();
        arrays.put("one", NpyArray.ofInts(new int[] {1}, new int[1]));
        arrays.put("two", NpyArray.ofInts(new int[] {1}, new int[1]));
        Path twice = folder.resolve("twice.npz");
        Npz.write(twice, arrays);
        String bytes = Files.readString(twice, StandardCharsets.ISO_8859_1).replace("two.npy", "one.npy");
        Files.writeString(twice, bytes, StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> Npz.open(twice))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("two entries 'one.npy'");
    }

    @Test
    void aBombIsRefusedBeforeAnythingIsAllocated() throws IOException {
        // A header of 2 GB in a handful of bytes: the directory says the same, and no deflate stream could hold it.
        byte[] header = header("(2000000000,)");
        Path bomb = zip("x.npy", header);
        patchSize(bomb, header.length + 2_000_000_000L);
        try (Npz file = Npz.open(bomb)) {
            assertThatThrownBy(() -> file.read("x"))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("declares 2000000128 bytes, more than its ");
        }
    }

    @Test
    void anEntryThatInflatesToAnotherLengthIsRefused() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(header("(4,)"));
        bytes.write(new byte[1_000_000]);
        Path longer = zip("x.npy", bytes.toByteArray());
        assertRefused(longer, "has 1000000 bytes after its header, but I8 of shape [4] takes 4");
        patchSize(longer, 128 + 4);
        assertRefused(longer, "'x'");
        Path shorter = zip("x.npy", header("(4,)"));
        patchSize(shorter, 128 + 4);
        assertRefused(shorter, "'x'");
    }

    @Test
    void aDamagedEntryIsFoundByItsChecksum() throws IOException {
        SequencedMap<String, NpyArray> arrays = new LinkedHashMap<>();
        arrays.put("x", NpyArray.ofInts(new int[] {1}, new int[] {1}));
        Path path = folder.resolve("a.npz");
        Npz.write(path, arrays);
        byte[] bytes = Files.readAllBytes(path);
        bytes[directory(bytes) + 16] ^= 1;
        Files.write(path, bytes);
        assertRefused(path, "is damaged: its checksum is");
    }

    private static void assertRefused(Path path, String problem) throws IOException {
        try (Npz file = Npz.open(path)) {
            assertThatThrownBy(() -> file.read("x"))
                    .isInstanceOf(FormatException.class)
                    .hasMessageStartingWith(path + ": array 'x'")
                    .hasMessageContaining(problem);
        }
    }

    private Path zip(String name, byte[] contents) throws IOException {
        Path path = folder.resolve("made.npz");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(contents);
        }
        return path;
    }

    /** A header of 128 bytes for an array of bytes. */
    private static byte[] header(String shape) {
        String text = "{'descr': '|i1', 'fortran_order': False, 'shape': " + shape + ", }";
        ByteBuffer header = ByteBuffer.allocate(128)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
                .putShort((short) 118)
                .put(text.getBytes(StandardCharsets.US_ASCII));
        while (header.hasRemaining()) {
            header.put((byte) ' ');
        }
        return header.array();
    }

    /** Overwrites the uncompressed size of the first entry of the directory. */
    private static void patchSize(Path path, long size) throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(directory(bytes) + 24, (int) size);
        Files.write(path, bytes);
    }

    private static int directory(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1).indexOf("PK\u0001\u0002");
    }
}
