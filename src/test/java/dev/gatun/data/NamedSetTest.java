package dev.gatun.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.Examples;
import dev.gatun.family.DataSpec;
import dev.gatun.file.Checksum;
import dev.gatun.file.FormatException;
import dev.gatun.file.ImageBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny set that looks like MNIST, and the table of the real ones. */
class NamedSetTest {
    private static final List<String> FILES = List.of(
            "train-images-idx3-ubyte.gz",
            "train-labels-idx1-ubyte.gz",
            "t10k-images-idx3-ubyte.gz",
            "t10k-labels-idx1-ubyte.gz");

    @TempDir
    private Path folder;

    private NamedSet tiny = new NamedSet("tiny", "", "", "", List.of());

    @BeforeEach
    void publish() throws IOException {
        write(FILES.get(0), ImageBytes.idx(8, 48, 12, 2, 2));
        write(FILES.get(1), ImageBytes.idx(8, 12, 12));
        write(FILES.get(2), ImageBytes.idx(8, 12, 3, 2, 2));
        write(FILES.get(3), ImageBytes.idx(8, 3, 3));
        PublishedFile[] files = new PublishedFile[FILES.size()];
        for (int i = 0; i < files.length; i++) {
            Path file = folder.resolve(FILES.get(i));
            files[i] = new PublishedFile(
                    FILES.get(i), Files.size(file), Checksum.sha256(file), "http://localhost/" + FILES.get(i));
        }
        tiny = new NamedSet(
                "tiny",
                "tiny digits",
                "",
                "",
                List.of(NamedSet.Form.of((place, _) -> NamedImages.mnist("tiny", place, ".gz"), files)));
    }

    private void write(String name, byte[] bytes) throws IOException {
        Files.write(folder.resolve(name), ImageBytes.gzip(bytes));
    }

    private DataSet open(Path from) throws IOException {
        return tiny.open(new Reading(from, false, false, null, _ -> {}));
    }

    @Test
    void isDividedAsPublished() throws IOException {
        DataSet set = open(folder);
        DataSpec data = set.spec(true);

        assertThat(data).isEqualTo(new DataSpec.Image(2, 2, 1, 256));
        assertThat(set.name()).isEqualTo("tiny");
        assertThat(set.splits()).containsExactly(Split.TRAIN, Split.VALID, Split.TEST);
        Examples train = set.read(Split.TRAIN, data);
        assertThat(train.count()).isEqualTo(10);
        assertThat(train.levels()).startsWith(0, 1, 2, 3).endsWith(38, 39);
        assertThat(set.labels(Split.TRAIN)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(set.read(Split.VALID, data).levels()).containsExactly(40, 41, 42, 43, 44, 45, 46, 47);
        assertThat(set.labels(Split.VALID)).containsExactly(10, 11);
        assertThat(set.read(Split.TEST, data).count()).isEqualTo(3);
        assertThat(set.labels(Split.TEST)).containsExactly(0, 1, 2);
        assertThat(set.read(Split.ALL, data).count()).isEqualTo(15);
        assertThat(set.read(Split.ALL, data).levels())
                .hasSize(60)
                .startsWith(0, 1)
                .endsWith(10, 11);
        assertThat(set.labels(Split.ALL)).hasSize(15);
    }

    @Test
    void liesInTheFolderOrInOneOfItsName() throws IOException {
        Path own = Files.createDirectory(folder.resolve("tiny"));
        for (String name : FILES) {
            Files.move(folder.resolve(name), own.resolve(name));
        }
        assertThat(open(folder).splits()).hasSize(3);
        // Another set's files of these names, beside, do not matter.
        Files.write(folder.resolve(FILES.get(0)), new byte[3]);
        assertThat(open(folder).splits()).hasSize(3);
    }

    @Test
    void missingFilesAreNamedWithWhatIsExpected() throws IOException {
        Files.delete(folder.resolve(FILES.get(1)));
        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("tiny: its files are not in " + folder + " (" + folder + " lacks " + FILES.get(1)
                        + "). Expected: " + FILES.get(0) + " (")
                .hasMessageContaining(" bytes, SHA-256 ")
                .hasMessageContaining("'gatun fetch-data tiny' gets them.");
        assertThatThrownBy(() -> tiny.open(new Reading(null, false, false, null, _ -> {})))
                .hasMessageContaining("say where its files are by --data-dir or GATUN_DATA. Expected: ");
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        Path file = folder.resolve(FILES.get(2));
        byte[] bytes = Files.readAllBytes(file);
        String published = Checksum.sha256(file);
        bytes[bytes.length - 9] ^= 1;
        Files.write(file, bytes);
        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(FormatException.class)
                .hasMessage(file + ": is not the published file of tiny: has the SHA-256 " + Checksum.sha256(file)
                        + ", expected " + published);
        Files.write(file, new byte[bytes.length + 1]);
        assertThatThrownBy(() -> open(folder))
                .hasMessage(file + ": is not the published file of tiny: has " + (bytes.length + 1)
                        + " bytes, expected " + bytes.length);
    }

    @Test
    void labelsAreAsManyAsImages() throws IOException {
        Path labels = folder.resolve(FILES.get(3));
        Files.write(labels, ImageBytes.gzip(ImageBytes.idx(8, 2, 2)));
        DataSet set = NamedImages.mnist("tiny", folder, ".gz");
        assertThatThrownBy(() -> set.labels(Split.TEST))
                .hasMessage(labels + ": has 2 labels, but " + folder.resolve(FILES.get(2)) + " has 3 images");
    }

    @Test
    void theTableIsWhole() {
        assertThat(NamedSets.list()).extracting(NamedSet::name).doesNotHaveDuplicates();
        assertThat(NamedSets.find("none")).isNull();
        for (NamedSet set : NamedSets.list()) {
            assertThat(set.forms()).isNotEmpty();
            for (NamedSet.Form form : set.forms()) {
                for (PublishedFile file : form.files()) {
                    assertThat(file.sha256()).as(file.path()).matches("[0-9a-f]{64}");
                    assertThat(file.size()).as(file.path()).isPositive();
                }
            }
        }
    }
}
