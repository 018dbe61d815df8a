package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    @Test
    void helpNamesAllCommandsWithExamples() {
        String help = Cli.run("--help").ok().out();

        assertThat(help)
                .contains(
                        "sample",
                        "complete",
                        "evaluate",
                        "outputs",
                        "train",
                        "inspect",
                        "Examples:",
                        "gatun train digits");
        assertThat(Cli.run("help").ok().out()).isEqualTo(help);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sample",
                "complete",
                "evaluate",
                "score",
                "defend",
                "outputs",
                "train",
                "inspect",
                "compress",
                "decompress"
            })
    void everyCommandHasHelpWithExamples(String command) {
        String help = Cli.run(command, "--help").ok().out();

        assertThat(help).startsWith("Usage: gatun " + command);
        assertThat(help).contains("Examples:", "  gatun " + command + " ", "--threads", "--device", "--verbose");
        assertThat(Cli.run(command, "--version").ok().out()).startsWith("gatun ");
    }

    @Test
    void versionIsSaid() {
        assertThat(Cli.run("--version").ok().out()).startsWith("gatun ").contains("Java ");
    }

    @Test
    void wrongUseIsRefused() {
        assertThat(Cli.run().refuses().err())
                .contains("found no command, expected one of [sample, complete, query, evaluate,");
        assertThat(Cli.run("smaple").refuses().err()).contains("smaple");
        assertThat(Cli.run("sample", "digits").refuses().err()).contains("--out");
        assertThat(Cli.run("sample", "digits", "--out", "x.npy", "--colour")
                        .refuses()
                        .err())
                .contains("--colour");
        assertThat(Cli.run("sample", "digits", "--out", "x.npy", "--count", "many")
                        .refuses()
                        .err())
                .contains("--count", "many");
        assertThat(Cli.run("sample", "digits", "--out", "x.npy", "--method", "fast")
                        .refuses()
                        .err())
                .contains("--method", "fast");
    }

    @Test
    void profilesAreNotMadeOnCudaDevices() {
        assertThat(Cli.run("profile", Cli.model("markov-text"), "--device", "cuda")
                        .refuses()
                        .err())
                .contains("--device: found 'cuda', expected cpu: import and profile run on the processor alone");
        assertThat(Cli.run("sample", Cli.model("markov-text"), "--length", "3", "--device", "gpu")
                        .refuses()
                        .err())
                .contains("--device: found 'gpu', expected cpu, cuda or cuda:N");
        assertThat(Cli.run("inspect", Cli.model("markov-text"), "--threads", "-1")
                        .refuses()
                        .err())
                .contains("--threads: found -1, expected 1..1024");
        Cli.run("inspect", Cli.model("markov-text"), "--device", "cpu", "--threads", "2")
                .ok();
    }

    @Test
    void failuresAreOneLineUnlessMoreIsAskedFor() {
        assertThat(Cli.run("inspect", "none.safetensors").fails().err())
                .startsWith("gatun inspect: none.safetensors: no such file, and no bundled model of that name");
        Cli.Result verbose = Cli.run("inspect", "none.safetensors", "--verbose");
        assertThat(verbose.code()).isEqualTo(1);
        assertThat(verbose.err()).contains("\tat dev.gatun.cli.Models.open");
    }

    @Test
    void modelsThatAreNoneAreNamed() {
        assertThat(Cli.run("inspect", Cli.golden("invalid", "missing-tensor.safetensors"))
                        .fails()
                        .err())
                .contains("missing-tensor.safetensors: ");
    }
}
