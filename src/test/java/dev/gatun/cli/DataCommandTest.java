package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.data.NamedSets;
import dev.gatun.file.ImageBytes;
import dev.gatun.file.Json;
import dev.gatun.file.SoundBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCommandTest {
    @TempDir
    private Path folder;

    @Test
    void setsAreListed() {
        String out = Cli.run("data").ok().out();

        assertThat(out).contains("digits: bundled");
        NamedSets.list().forEach(set -> assertThat(out).contains(set.name() + ": " + set.title()));
        assertThat(Cli.run("data", "--help").ok().out()).contains("Examples:", "gatun data binarized-mnist");
        assertThat(Cli.run("fetch-data", "--help").ok().out()).contains("the checksums are what counts");
    }

    @Test
    void aFileIsDescribed() throws IOException {
        Path file = Files.write(folder.resolve("x-ubyte"), ImageBytes.idx(8, 24, 2, 3, 4));
        assertThat(Cli.run("data", file).ok().out())
                .isEqualTo(file + ": images of 3 x 4 x 1, 256 levels\n"
                        + "  all: 2 examples of 12 values, mean level 11.500000\n");
        assertThat(Cli.run("data", "digits").ok().out())
                .contains("train: 1000 examples of 64 values, mean level ")
                .contains(", 10 classes");
        Path array = Files.writeString(folder.resolve("x.csv"), "1,2\n");
        assertThat(Cli.run("data", array).refuses().err()).contains("does not say itself what its examples are");
        assertThat(Cli.run("data", folder.resolve("none.npy")).fails().err()).contains("no such file");
        Path sound = Files.write(folder.resolve("x.wav"), SoundBytes.wav(1, 2, 8000, 16, new byte[40]));
        assertThat(Cli.run("data", sound).fails().err()).contains("--mono mixes them down");
        assertThat(Cli.run("data", sound, "--mono").ok().out())
                .contains("sound, 8000 Hz, 256 levels, mu-law", "all: 1 examples of 10 values, mean level 128.000000");
    }

    @Test
    void jsonSaysTheSame() throws Exception {
        Path file = Files.writeString(folder.resolve("x.txt"), "abcab");
        Map<?, ?> json =
                (Map<?, ?>) Json.parse(Cli.run("data", file, "--json").ok().out());
        assertThat(json.get("data")).isEqualTo("text, 3 different characters");
        assertThat(json.get("published")).isEqualTo(false);
        Map<?, ?> part = (Map<?, ?>) ((List<?>) json.get("parts")).getFirst();
        assertThat(part.get("split")).isEqualTo("all");
        assertThat(part.get("longest")).isEqualTo(5L);
        assertThat(part.get("mean_level")).isEqualTo(0.8);
    }

    @Test
    void whatIsMissingIsSaid() {
        String missing = Cli.run("data", "mnist", "--data-dir", folder).fails().err();
        assertThat(missing)
                .contains("mnist: its files are not in " + folder)
                .contains("train-images-idx3-ubyte.gz (9912422 bytes, SHA-256 440fcabf")
                .contains("'gatun fetch-data mnist' gets them.");
        assertThat(Cli.run("evaluate", "digits", "--data", "fsdd", "--data-dir", folder)
                        .fails()
                        .err())
                .contains("fsdd_wav.zip (16095380 bytes, SHA-256 6d4cbbe1");
    }

    @Test
    void fetchingSaysFromWhereAndRefusesOtherFiles() throws IOException {
        Path there = Files.createDirectory(folder.resolve("there"));
        Path text = Files.writeString(there.resolve("names.txt"), "emma\n");
        Cli.Result result = Cli.run("fetch-data", "names", "--data-dir", folder.resolve("data"), "--url", text.toUri());
        assertThat(result.out()).contains(text.toUri() + "\n  228,145 bytes, SHA-256 0a30b555");
        assertThat(result.fails().err()).contains("ended after 5 of 228145 bytes");
        Files.write(text, new byte[300_000]);
        assertThat(Cli.run("fetch-data", "names", "--data-dir", folder.resolve("data2"), "--url", text.toUri())
                        .fails()
                        .err())
                .contains("is another file: has 228146 bytes, expected 228145");
        assertThat(Cli.run("fetch-data", "none", "--data-dir", folder).refuses().err())
                .contains("found 'none', expected one of [mnist, ");
        assertThat(Cli.run("fetch-data", "fsdd", "--data-dir", folder).refuses().err())
                .contains("is published nowhere as fsdd_wav.zip");
        assertThat(Cli.run("fetch-data", "mnist", "--data-dir", folder, "--url", "file:/x")
                        .refuses()
                        .err())
                .contains("expected a folder's address, ending in /");
    }
}
