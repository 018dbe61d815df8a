package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code gatun bench}: what it takes. The benchmarks themselves are another program. */
class BenchCommandTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--seconds 0 | --seconds: found 0.0, expected above 0",
                "--threads 0 | --threads: found 0, expected 1..1024",
                "--threads 1,two | --threads",
                "--isa sse | --isa: found sse, expected one of [best,",
                "--only ( | --only: Unclosed group",
            })
    void optionsThatDoNotFitAreRefused(String options, String message) {
        assertThat(Cli.run((Object[]) ("bench " + options).split(" ")).refuses().err())
                .contains(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--report", "--json"})
    void aFileNeedsAFolder(String option, @TempDir Path folder) throws IOException {
        Path file = folder.resolve("none/bench");
        assertThat(Cli.run("bench", option, file).fails().err()).contains("there is no folder");
        assertThat(Cli.run("bench", option, folder).fails().err()).contains("it is a folder");
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--json", "--json -", "--json=-"})
    void jsonMayGoWithoutAFile(String option) {
        assertThat(Cli.run((Object[]) ("bench " + option + " --seconds 0").split(" "))
                        .refuses()
                        .err())
                .contains("--seconds: found 0.0");
    }

    @Test
    void helpHasExamples() {
        assertThat(Cli.run("bench", "--help").ok().out())
                .contains("Examples:", "gatun bench --report bench.html", "gatun bench --json bench.json");
    }
}
