package dev.gatun.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.file.FormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvLogTest {
    private static final String HEADER =
            "epoch,step,train_nats,validation_nats,bits_per_dimension,learning_rate,gradient_norm,seconds,"
                    + "examples_per_second";

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void twoEpochs() {
        file = folder.resolve("log.csv");
        CsvLog log = new CsvLog(file);
        log.started(0, 0);
        log.epochEnded(new EpochReport(1, 3, 2.5, Double.NaN, 0.25, 1e-3, 7, 1.5, 100, false));
        log.epochEnded(new EpochReport(2, 6, 2.25, 2, 0.125, 5e-4, 6, 3, 200, true));
    }

    @Test
    void aRowForEachEpoch() {
        assertThat(file)
                .hasContent(HEADER + "\n1,3,2.5,,0.25,0.001,7.0,1.5,100.0\n2,6,2.25,2.0,0.125,5.0E-4,6.0,3.0,200.0\n");
    }

    @Test
    void resumingDropsRowsThatComeAgain() {
        new CsvLog(file).started(1, 4);
        assertThat(file).hasContent(HEADER + "\n1,3,2.5,,0.25,0.001,7.0,1.5,100.0\n");
    }

    @Test
    void resumingDropsATornRow() throws IOException {
        Files.writeString(file, Files.readString(file) + "3,9,2.");
        new CsvLog(file).started(2, 6);
        assertThat(Files.readAllLines(file)).hasSize(3);
    }

    @Test
    void aFreshRunStartsAnew() {
        new CsvLog(file).started(0, 0);
        assertThat(file).hasContent(HEADER + "\n");
    }

    @Test
    void otherFilesAreRefusedAndKept() throws IOException {
        Files.writeString(file, "a,b\n1,2\n");
        assertThatThrownBy(() -> new CsvLog(file).started(1, 3))
                .isInstanceOf(UncheckedIOException.class)
                .hasCauseInstanceOf(FormatException.class)
                .hasMessageContaining(file + ": is not the log of this run: its first line is \"a,b\"");
        Files.writeString(file, HEADER + "\n1,2\n");
        assertThatThrownBy(() -> new CsvLog(file).started(1, 3)).hasMessageContaining("found the line \"1,2\"");
        assertThat(file).hasContent(HEADER + "\n1,2\n");
    }

    @Test
    void aLogThatCannotBeWrittenIsNamed() {
        assertThatThrownBy(() -> new CsvLog(folder).started(0, 0))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(folder + ": cannot be written");
    }
}
