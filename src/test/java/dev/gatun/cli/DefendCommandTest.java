package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.file.Json;
import dev.gatun.file.Npy;
import dev.gatun.file.NpyArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code gatun defend}. */
class DefendCommandTest {
    @TempDir
    private Path folder;

    private Path noisy;

    @BeforeEach
    void perturb() throws IOException {
        noisy = folder.resolve("noisy.npy");
        Cli.run("sample", "digits", "--count", 6, "--seed", 3, "--out", noisy).ok();
        int[] levels = Npy.read(noisy).ints();
        for (int i = 0; i < levels.length; i++) {
            levels[i] = Math.clamp(levels[i] + (i * 13 % 5 - 2), 0, 16);
        }
        Npy.write(noisy, NpyArray.ofInts(new int[] {6, 64}, levels));
    }

    @Test
    void purifiedDigitsAreNearAndLikelier() throws IOException {
        Path purified = folder.resolve("purified.npy");
        Map<?, ?> json = (Map<?, ?>)
                Json.parse(Cli.run("defend", "digits", "--data", noisy, "--epsilon", 2, "--out", purified, "--json")
                        .ok()
                        .out());

        NpyArray before = Npy.read(noisy);
        NpyArray after = Npy.read(purified);
        assertThat(after.shape()).containsExactly(6, 64);
        int changed = 0;
        for (int i = 0; i < after.count(); i++) {
            int moved = Math.abs(after.ints()[i] - before.ints()[i]);
            assertThat(moved).isLessThanOrEqualTo(2);
            changed += moved > 0 ? 1 : 0;
        }
        assertThat(json.keySet().toString())
                .isEqualTo("[examples, dimensions, epsilon, changed, nats_before, nats, seconds]");
        assertThat((Double) json.get("changed")).isEqualTo(changed / 384.0);
        assertThat((Double) json.get("nats")).isLessThan((Double) json.get("nats_before"));
    }

    @Test
    void picturesAreDrawn() {
        Path picture = folder.resolve("purified.png");
        assertThat(Cli.run("defend", "digits", "--data", noisy, "--epsilon", 2, "--limit", 4, "--out", picture)
                        .ok()
                        .out())
                .contains("4 examples of 64 dimensions", "of the values moved", "nats before, ");
        assertThat(picture).isNotEmptyFile();
    }

    @Test
    void wrongUseIsRefused() {
        Path out = folder.resolve("out.npy");
        assertThat(Cli.run("defend", "digits", "--data", noisy, "--epsilon", -1, "--out", out)
                        .refuses()
                        .err())
                .contains("--epsilon: found -1, expected at least 0");
        assertThat(Cli.run("defend", "digits", "--data", noisy, "--epsilon", 1, "--out", "x.csv")
                        .refuses()
                        .err())
                .contains("expected a file that ends in .npy or .png");
        assertThat(Cli.run("defend", "digits", "--data", noisy, "--epsilon", 1, "--scale", 2, "--out", out)
                        .refuses()
                        .err())
                .contains("--scale: is for .png files");
        assertThat(Cli.run("defend", Cli.model("linear_ar-3"), "--data", noisy, "--epsilon", 1, "--out", out)
                        .fails()
                        .err())
                .contains("found data of kind \"series\"");
        assertThat(out).doesNotExist();
    }
}
