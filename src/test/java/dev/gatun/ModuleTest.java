package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Gatun as a named module: tests run on the class path, where nothing of module-info is looked at. */
class ModuleTest {
    @Test
    void theCommandLineRunsFromTheModulePath() throws Exception {
        assertThat(java("--enable-native-access=dev.gatun", "-m", "dev.gatun/dev.gatun.cli.Main", "--version"))
                .startsWith("gatun ");
    }

    @Test
    void onlyThePublicPackagesAreExported() throws Exception {
        List<String> exported = java("--describe-module", "dev.gatun")
                .lines()
                .filter(line -> line.startsWith("exports "))
                .map(line -> line.substring("exports ".length()))
                .toList();

        assertThat(exported)
                .containsExactlyInAnyOrder(
                        "dev.gatun",
                        "dev.gatun.code",
                        "dev.gatun.convert",
                        "dev.gatun.data",
                        "dev.gatun.family",
                        "dev.gatun.file",
                        "dev.gatun.graph",
                        "dev.gatun.op",
                        "dev.gatun.score",
                        "dev.gatun.tensor",
                        "dev.gatun.train");
    }

    private static String java(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--module-path");
        command.add(modulePath());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    /** Our classes and what they need when they run. */
    private static String modulePath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.matches(".*(target/classes/?|/jackson-[^/]*|/picocli-[^/]*)"))
                .collect(Collectors.joining(File.pathSeparator));
    }
}
