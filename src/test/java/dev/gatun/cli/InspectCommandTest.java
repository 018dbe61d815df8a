package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.file.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InspectCommandTest {
    private static final Path DIGITS = Cli.model("causal_conv_arm-tutorial");

    @Test
    void allIsSaid() {
        assertThat(Cli.run("inspect", DIGITS).ok().out())
                .contains(
                        "causal_conv_arm",
                        "\"dilations\":[1,1,1,1]",
                        "layers.3.weight [17, 12, 7]",
                        "parameters: 3,581 (14.0 KiB)",
                        "receptive field: 25 positions, up to 25 back",
                        "FLOPs of 64 positions: ",
                        "autoregressive",
                        "path: layers.3 <- ")
                .doesNotContain("step program");
        assertThat(Cli.run("inspect", DIGITS, "--plan").ok().out()).contains("step program", "draw");
    }

    @Test
    void jsonSaysTheSame() {
        Map<?, ?> json = (Map<?, ?>)
                Json.parse(Cli.run("inspect", DIGITS, "--json", "--plan").ok().out());

        assertThat(json.get("parameters")).isEqualTo(3581L);
        assertThat((List<?>) json.get("tensors")).hasSize(8);
        assertThat(json.get("receptive_field")).isEqualTo(Map.of("unbounded", false, "positions", 25L, "length", 25L));
        Map<?, ?> flops = (Map<?, ?>) json.get("flops");
        // Three layers of 12 and one of 17 outputs, two operations a weight.
        long weights = 7 * 12 + 2 * 7 * 12 * 12 + 7 * 12 * 17;
        assertThat(flops.get("positions")).isEqualTo(64L);
        assertThat((Long) flops.get("forward_pass")).isBetween(64 * 2 * weights, 64 * (2 * weights + 100));
        assertThat(flops.get("sample")).isEqualTo(flops.get("forward_pass"));
        assertThat(((Map<?, ?>) json.get("causality")).get("autoregressive")).isEqualTo(true);
        assertThat((List<?>) json.get("plan")).isNotEmpty();
    }

    @Test
    void lengthsAreForDataWithoutOne() {
        Path text = Cli.model("markov-text");
        assertThat(Cli.run("inspect", text).ok().out()).contains("FLOPs of 1 position: ");
        assertThat(Cli.run("inspect", text, "--length", 100).ok().out()).contains("FLOPs of 100 positions: ");
        assertThat(Cli.run("inspect", text, "--length", 0).refuses().err()).contains("--length: found 0");
        assertThat(Cli.run("inspect", DIGITS, "--length", 5).refuses().err())
                .contains("--length: found 5, expected 64");
    }
}
