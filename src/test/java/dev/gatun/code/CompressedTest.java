package dev.gatun.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.Condition;
import dev.gatun.Device;
import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.SampleOptions;
import dev.gatun.Sampler;
import dev.gatun.family.DataSpec;
import dev.gatun.family.DistributionSpec;
import dev.gatun.family.InputEncoding;
import dev.gatun.family.ModelConfig;
import dev.gatun.file.FormatException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files come back as they were, on every level, and are refused where they are not as they were written. */
class CompressedTest {
    private static final int COUNT = 300;
    private static final int FOOTER = 8;

    @TempDir
    private Path folder;

    private static Model small;
    private static Examples examples;

    @BeforeAll
    static void sample() {
        ModelConfig config = new ModelConfig(
                "mlp_arm",
                new DataSpec.Sequence(64, 5),
                InputEncoding.ONE_HOT,
                DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                Map.of("context", 2L, "hidden", List.of(4L)));
        small = Model.create(config, 8, Device.cpu(1));
        examples = samples(small, COUNT);
    }

    private static Examples samples(Model model, int count) {
        try (Sampler sampler = model.sampler(SampleOptions.count(count).withSeed(4))) {
            return sampler.draw();
        }
    }

    @AfterAll
    static void close() {
        small.close();
    }

    private Path compressed() throws IOException {
        return compressed(small, examples);
    }

    private Path compressed(Model model, Examples data) throws IOException {
        Path file = folder.resolve("x.gtn");
        Compressor.Summary summary = Compressor.compress(model, data, Condition.none(), file, done -> {});
        assertThat(summary.bytes()).isEqualTo(Files.size(file));
        assertThat(summary.bytes() * 8.0).isBetween(summary.bits(), summary.bits() * 1.001 + 64 * 8);
        return file;
    }

    private static Examples read(Path file, Model model, int from, int to) throws IOException {
        try (Compressed compressed = Compressed.open(file, model, Condition.none())) {
            return compressed.read(from, to, done -> {});
        }
    }

    @Test
    void examplesComeBackInTheBitsOfTheirLikelihood() throws IOException {
        Path file = compressed();
        double bits = Arrays.stream(small.logLikelihood(examples).nats()).sum() / Math.log(2);
        assertThat(Files.size(file) * 8.0).isBetween(bits * 0.9999, bits * 1.001 + 64 * 8);
        assertThat(read(file, small, 0, COUNT).levels()).containsExactly(examples.levels());
    }

    @Test
    void anyExampleComesAlone() throws IOException {
        Path file = compressed();
        for (int n : new int[] {0, 1, 255, 256, COUNT - 1}) {
            assertThat(read(file, small, n, n + 1).levels())
                    .containsExactly(examples.range(n, n + 1).levels());
        }
    }

    /** The same bytes whatever computes them, and back again by any other. */
    @Test
    void everyLevelWritesAndReadsTheSameBytes() throws IOException {
        Examples digits;
        try (Model model = Model.bundled("digits")) {
            digits = samples(model, 20);
        }
        byte[] first = null;
        for (String isa : List.of("baseline", "avx512", "avx2", "neon")) {
            Device device = Device.cpu(isa.equals("avx2") ? 2 : 1).withIsa(isa);
            if (!isThere(device)) {
                continue;
            }
            try (Model model = Model.bundled("digits", device)) {
                Path file = folder.resolve("digits.gtn");
                if (first != null) { // what another level wrote
                    Files.write(file, first);
                    assertThat(read(file, model, 0, 20).levels()).as(isa).containsExactly(digits.levels());
                }
                byte[] bytes = Files.readAllBytes(compressed(model, digits));
                first = first == null ? bytes : first;
                assertThat(bytes).as(isa).containsExactly(first);
            }
        }
    }

    private static boolean isThere(Device device) {
        try {
            return device.isaInUse().equals(device.isa());
        } catch (dev.gatun.foreign.NativeException e) {
            return false;
        }
    }

    @Test
    void longSequencesAreWalked() throws IOException {
        ModelConfig config = new ModelConfig(
                "mlp_arm",
                new DataSpec.Text("ab c"),
                InputEncoding.ONE_HOT,
                DistributionSpec.of(DistributionSpec.Type.CATEGORICAL),
                Map.of("context", 3L, "hidden", List.of(5L)));
        int length = (1 << 14) + 7;
        Examples text = Examples.ofLevels(
                2, length, new SplittableRandom(1).ints(2L * length, 0, 4).toArray());
        Path file = folder.resolve("text.gtn");
        try (Model model = Model.create(config, 3, Device.cpu(1))) {
            Compressor.compress(model, text, Condition.none(), file, done -> {});
            assertThat(read(file, model, 0, 2).levels()).containsExactly(text.levels());
        }
    }

    @Test
    void anotherModelIsRefused() throws IOException {
        Path file = compressed();
        try (Model other = Model.create(small.config(), 1, Device.cpu(1))) {
            refused(file, other, "was coded by another model");
        }
        assertThatThrownBy(() -> Compressed.open(file, small, Condition.ofClasses(new int[COUNT])))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("was coded without a condition");
    }

    private static void refused(Path file, Model model, String why) {
        assertThatThrownBy(() -> read(file, model, 0, COUNT))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(why);
    }

    @Test
    void otherVersionsAreRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(compressed());
        Path file = folder.resolve("y.gtn");
        bytes[5]++;
        Files.write(file, bytes);
        refused(file, small, "numerics: found 2, expected 1");
        bytes[4]++;
        Files.write(file, bytes);
        refused(file, small, "version: found 2, expected 1");
    }

    /** Whatever is cut off, or altered anywhere, is refused. */
    @Test
    void whatIsAlteredIsRefused() throws IOException {
        long seed = Fuzzing.seed(20241);
        SplittableRandom random = new SplittableRandom(seed);
        byte[] whole = Files.readAllBytes(compressed());
        Path file = folder.resolve("y.gtn");
        Fuzzing fuzzing = new Fuzzing(400);
        long taken = whole();
        for (int round = 0; fuzzing.more(round); round++) {
            byte[] bytes = whole.clone();
            if (random.nextInt(4) == 0) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 20));
            } else {
                for (int k = random.nextInt(3); k >= 0; k--) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            if (Arrays.equals(bytes, whole)) {
                continue;
            }
            Files.write(file, bytes);
            refused(file, taken, "seed " + seed + ", round " + round, FormatException.class);
        }
    }

    /** Bytes of chance, and headers and indices of chance whose checksums fit: refused, whatever they claim. */
    @Test
    void noiseIsRefused() throws IOException {
        long seed = Fuzzing.seed(977);
        SplittableRandom random = new SplittableRandom(seed);
        byte[] whole = Files.readAllBytes(compressed());
        int index = ByteBuffer.wrap(whole).getInt(whole.length - FOOTER);
        Path file = folder.resolve("y.gtn");
        Fuzzing fuzzing = new Fuzzing(400);
        long taken = whole();
        for (int round = 0; fuzzing.more(round); round++) {
            byte[] bytes;
            if (round % 3 == 0) {
                bytes = new byte[random.nextInt(200)];
                random.nextBytes(bytes);
                System.arraycopy(whole, 0, bytes, 0, Math.min(bytes.length, random.nextInt(30)));
            } else {
                bytes = whole.clone();
                for (int k = random.nextInt(3); k >= 0; k--) {
                    bytes[bytes.length - FOOTER - 1 - random.nextInt(index)] = (byte) random.nextInt(256);
                    bytes[22 + random.nextInt(5)] = (byte) random.nextInt(256);
                }
                seal(bytes, index);
            }
            Files.write(file, bytes);
            if (Arrays.equals(bytes, whole)) {
                continue;
            }
            String now = "seed " + seed + ", round " + round;
            refused(file, taken, now, FormatException.class, IndexOutOfBoundsException.class);
        }
    }

    /** Refused by one of these, with no more memory than what it claims is worth, where a file in order takes {@code whole}. */
    private static void refused(Path file, long whole, String round, Class<?>... by) throws IOException {
        long before = Fuzzing.allocated();
        assertThatThrownBy(() -> read(file, small, 0, COUNT)).as(round).isInstanceOfAny(by);
        assertThat(Fuzzing.allocated() - before).as(round).isLessThan(most(whole, file));
    }

    /** What a file in order takes of the heap, for as many examples as this one says it has, and some for an error. */
    private static long most(long whole, Path file) throws IOException {
        int claimed = COUNT;
        try {
            claimed = Compressed.shape(file).count();
        } catch (FormatException e) {
            // It claims nothing.
        }
        return whole * Math.max(1, (claimed + COUNT - 1) / COUNT) + (1 << 20);
    }

    private long whole() throws IOException {
        Path file = compressed();
        long before = Fuzzing.allocated();
        read(file, small, 0, COUNT);
        return Fuzzing.allocated() - before;
    }

    /** Makes the checksums of a header and an index fit what they hold. */
    private static void seal(byte[] bytes, int index) {
        ByteBuffer to = ByteBuffer.wrap(bytes);
        int header = 22 + 2 + 1 + 2 + 1; // examples 300, positions 64, groups of 256, no condition
        to.putInt(header, Header.crc(bytes, 0, header));
        to.putInt(bytes.length - 4, Header.crc(bytes, bytes.length - FOOTER - index, index + 4));
    }

    /** Bytes of a coder that say something else, with checksums that fit: the levels' own checksum is another. */
    @Test
    void otherLevelsAreRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(compressed());
        int index = ByteBuffer.wrap(bytes).getInt(bytes.length - FOOTER);
        int begin = 22 + 2 + 1 + 2 + 1 + 4;
        int entry = bytes.length - FOOTER - index;
        bytes[begin + 100] ^= 5;
        ByteBuffer.wrap(bytes).putInt(bytes.length - FOOTER - 8, Header.crc(bytes, begin, entry - begin));
        seal(bytes, index);
        Path file = folder.resolve("y.gtn");
        Files.write(file, bytes);
        refused(file, small, "decode to other values than were coded");
    }

    private static Model byClass() {
        return Model.create(
                new ModelConfig(
                        "gated_pixelcnn",
                        new DataSpec.Image(2, 3, 1, 2),
                        InputEncoding.RAW,
                        DistributionSpec.of(DistributionSpec.Type.BERNOULLI),
                        Map.of(
                                "features",
                                4L,
                                "layers",
                                1L,
                                "kernel_size",
                                3L,
                                "head_features",
                                4L,
                                "condition",
                                Map.of("type", "class", "classes", 5L))),
                2,
                Device.cpu(1));
    }

    private static int[] classes(int bound) {
        return new SplittableRandom(6).ints(COUNT, 0, bound).toArray();
    }

    /** Who decodes gives no classes, or those that were given. */
    @Test
    void classesAreKept() throws IOException {
        Path file = folder.resolve("c.gtn");
        try (Model model = byClass()) {
            int[] classes = classes(5);
            Examples images = Examples.ofLevels(
                    COUNT, 6, new SplittableRandom(5).ints(6L * COUNT, 0, 2).toArray());
            Compressor.Summary summary = Compressor.compressWithClasses(model, images, classes, file, done -> {});
            assertThat(summary.bytes()).isEqualTo(Files.size(file));
            assertThat(summary.bytes() * 8.0).isLessThan(summary.bits() * 1.001 + 64 * 8 + 3 * COUNT + 7 + 5 * 8);
            assertThat(Compressed.shape(file)).isEqualTo(new Compressed.Shape(COUNT, 6, true));
            for (Condition given : List.of(Condition.none(), Condition.ofClasses(classes))) {
                try (Compressed compressed = Compressed.open(file, model, given)) {
                    assertThat(compressed.read(0, COUNT, done -> {}).levels()).containsExactly(images.levels());
                    assertThat(compressed.read(299, 300, done -> {}).levels())
                            .containsExactly(images.range(299, 300).levels());
                }
            }
            assertThatThrownBy(() -> Compressed.open(file, model, Condition.ofClasses(new int[COUNT])))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("under another condition than that which is given");
            Compressor.compress(model, images, Condition.ofClasses(classes), file, done -> {});
            assertThat(Compressed.shape(file).classes()).isFalse();
            refused(file, model, "under another condition than that which is given");
        }
    }

    @Test
    void keptClassesThatAreAlteredAreRefused() throws IOException {
        Path file = folder.resolve("c.gtn");
        try (Model model = byClass()) {
            Examples images = Examples.ofLevels(COUNT, 6, new int[6 * COUNT]);
            Compressor.compressWithClasses(model, images, classes(5), file, done -> {});
            byte[] whole = Files.readAllBytes(file);
            int begin = 22 + 2 + 1 + 2 + 1 + 8 + 4;
            assertThat(whole[begin]).isEqualTo((byte) 3);
            int length = (int) Classes.bytes(COUNT, 3);
            byte[] bytes = whole.clone();
            for (int at = begin; at < begin + length; at++) {
                bytes[at] ^= 4;
                Files.write(file, bytes);
                refused(file, model, "its classes");
                bytes[at] ^= 4;
            }
            for (int bits : new int[] {0, 32, 255, 31}) {
                bytes = whole.clone();
                bytes[begin] = (byte) bits;
                Files.write(file, bytes);
                refused(file, model, "classes of " + bits + " bits");
            }
            Files.write(file, Arrays.copyOf(whole, begin + length - 1));
            refused(file, model, "ends in its classes");
            Files.write(file, Arrays.copyOf(whole, begin));
            refused(file, model, "ends in its classes: found 0 bytes");
            byte[] others = Classes.write(classes(8));
            bytes = whole.clone();
            System.arraycopy(others, 0, bytes, begin, length);
            Files.write(file, bytes);
            refused(file, model, "classes up to 7: condition: found class 7 at example 0, expected 0..4");
            bytes[begin - 4 - 8 - 1] = 3;
            Files.write(file, bytes);
            refused(file, model, "what is kept of a condition: found 3, expected 0, 1 or 2");
        }
    }

    @Test
    void classesOfAnyWidthComeBack() throws IOException {
        Path file = folder.resolve("classes");
        for (int bound : new int[] {1, 2, 3, 255, 256, 257, 1 << 30, Integer.MAX_VALUE}) {
            for (int count : new int[] {1, 7, 8, COUNT}) {
                int[] classes =
                        new SplittableRandom(bound).ints(count, 0, bound).toArray();
                Files.write(file, Classes.write(classes));
                try (RandomAccessFile from = new RandomAccessFile(file.toFile(), "r")) {
                    assertThat(Classes.read(file, from, count)).containsExactly(classes);
                    assertThat(from.getFilePointer()).isEqualTo(Files.size(file));
                }
            }
        }
    }

    @Test
    void ensemblesAndRealsAreRefusedAndNothingIsWritten() {
        ModelConfig config = new ModelConfig(
                "made",
                new DataSpec.Sequence(4, 2),
                InputEncoding.RAW,
                DistributionSpec.of(DistributionSpec.Type.BERNOULLI),
                Map.of("hidden", List.of(5L), "masks", 2L));
        Path file = folder.resolve("z.gtn");
        try (Model model = Model.create(config, 3, Device.cpu(1))) {
            assertThatThrownBy(() -> Compressor.compress(
                            model, Examples.ofLevels(1, 4, new int[4]), Condition.none(), file, done -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("ensemble of 2 masks");
        }
        assertThat(file).doesNotExist();
    }
}
