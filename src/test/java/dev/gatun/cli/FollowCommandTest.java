package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatun.file.Npy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code gatun follow}. */
class FollowCommandTest {
    @TempDir
    private Path folder;

    private static Cli.Result run(String input, Object... args) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            return Cli.run(args);
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void levelsAddUpToTheLikelihood() throws IOException {
        Path digit = folder.resolve("digit.npy");
        Path nats = folder.resolve("nats.npy");
        Cli.run("sample", "digits", "--count", 1, "--seed", 2, "--out", digit).ok();
        Cli.run("evaluate", "digits", "--data", digit, "--per-example", nats).ok();
        String values =
                Arrays.stream(Npy.read(digit).ints()).mapToObj(String::valueOf).collect(Collectors.joining(" , "));

        List<String> rows = run(values + " 5 5", "follow", "digits", "--window", 3)
                .ok()
                .out()
                .lines()
                .toList();

        assertThat(rows).hasSize(65); // what comes behind the digit's end is not read
        assertThat(rows.getFirst()).isEqualTo("position,value,nats,mean");
        double sum = 0;
        double[] all = new double[64];
        for (int d = 0; d < 64; d++) {
            String[] row = rows.get(d + 1).split(",");
            all[d] = Double.parseDouble(row[2]);
            sum += all[d];
            double mean =
                    Arrays.stream(all, Math.max(0, d - 2), d + 1).average().orElseThrow();
            assertThat(Double.parseDouble(row[3])).isCloseTo(mean, within(2e-4));
        }
        assertThat(sum).isCloseTo(Npy.read(nats).floats()[0], within(0.01));
    }

    @Test
    void alarmsAreRaisedWhereTheMeanIsHigh() {
        List<String> rows = run("0 0 0 0 0 16 16 0 0", "follow", "digits", "--window", 2, "--alarm", 4)
                .ok()
                .out()
                .lines()
                .toList();
        assertThat(rows.getFirst()).endsWith(",alarm");
        assertThat(rows).hasSize(10);
        assertThat(rows.get(1)).endsWith(",0");
        for (String row : rows.subList(2, rows.size())) {
            String[] cells = row.split(",");
            assertThat(cells[4]).isEqualTo(Double.parseDouble(cells[3]) > 4 ? "1" : "0");
        }
        assertThat(rows).anyMatch(row -> row.endsWith(",1"));
    }

    @Test
    void seriesAndTexts() {
        assertThat(run("0.5\n-1e-1\n", "follow", Cli.model("linear_ar-3"))
                        .ok()
                        .out()
                        .lines())
                .hasSize(3)
                .anyMatch(row -> row.startsWith("1,-1e-1,"));
        assertThat(run("", "follow", Cli.model("markov-text")).ok().out().lines())
                .hasSize(1);
        assertThat(run("x", "follow", Cli.model("linear_ar-3")).fails().err())
                .contains("standard input", "value 0: found 'x', expected a finite number");
        assertThat(run("\u20ac", "follow", Cli.model("markov-text")).fails().err())
                .contains("value 0: found '\u20ac', expected one of the model's characters");
        assertThat(run("3 17", "follow", "digits").fails().err())
                .contains("value 1: found '17', expected a level of 0 to 16");
        assertThat(run("", "follow", "digits", "--window", 0).refuses().err())
                .contains("--window: found 0, expected at least 1");
    }
}
