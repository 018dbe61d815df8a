package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.file.Json;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InspectCommandTest {
    @TempDir
    private Path folder;

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

    @ParameterizedTest
    @ValueSource(
            strings = {"pixelcnn-binary", "gated_pixelcnn-plain", "pixelcnn-rgb", "row_lstm-binary", "pixelcnn_pp-grey"
            })
    void receptiveFieldsAreDrawnAndChecked(String name) throws IOException {
        Path model = Cli.model(name);
        Path out = folder.resolve("seen.png");
        Object[] args = {"inspect", model, "--receptive-field", out, "--position", "2,1", "--scale", 1, "--border", 0};

        assertThat(Cli.run(args).ok().out())
                .startsWith("receptive field of row 2, column 1")
                .contains("random inputs: ", ", and 0 others");

        Map<?, ?> at = (Map<?, ?>) Json.parse(Cli.run(
                        "inspect",
                        model,
                        "--receptive-field",
                        out,
                        "--position",
                        "2,1",
                        "--json",
                        "--scale",
                        1,
                        "--border",
                        0)
                .ok()
                .out());
        assertThat(at.get("found_only")).isEqualTo(0L);
        BufferedImage image = ImageIO.read(out.toFile());
        int width = Math.toIntExact((Long) at.get("width"));
        int channels = Math.toIntExact((Long) at.get("channels"));
        assertThat(image.getWidth()).isEqualTo(channels * width);
        int red = 0;
        int blind = 0;
        int later = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int colour = image.getRGB(x, y) & 0xffffff;
                red += colour == 0xd7301f ? 1 : 0;
                blind += colour == 0xe08214 ? 1 : 0;
                later += colour == 0 ? 1 : 0;
            }
        }
        assertThat(image.getRGB((channels - 1) * width + 1, 2) & 0xffffff).isEqualTo(0xd7301f);
        long earlier = (Long) at.get("earlier");
        assertThat(red).isEqualTo(1);
        assertThat((long) blind).isEqualTo(earlier - (Long) at.get("seen"));
        assertThat(later).isEqualTo(image.getWidth() * image.getHeight() - (int) earlier - 1);
    }

    @Test
    void positionsAreInside() {
        Path model = Cli.model("pixelcnn-binary");
        Path out = folder.resolve("seen.png");
        assertThat(field(model, out, "99,0").refuses().err()).contains("--position: found row 99, expected 0..");
        assertThat(field(model, out, "0,0,1").refuses().err()).contains("--position: found channel 1, expected 0..0");
        assertThat(field(model, out, "middle").refuses().err()).contains("expected R,C or R,C,CHANNEL");
        assertThat(field(model, folder.resolve("seen.gif"), "0,0").refuses().err())
                .contains("ends in .png");
        assertThat(field(Cli.model("markov-text"), out, "0,0").refuses().err())
                .contains("--receptive-field: is for models of images");
        assertThat(Cli.run("inspect", model, "--position", "0,0").refuses().err())
                .contains("--position: is for --receptive-field");
        assertThat(field(Cli.model("made-one-mask"), out, "0,0").code()).isNotZero();
    }

    private static Cli.Result field(Path model, Path out, String position) {
        return Cli.run("inspect", model, "--receptive-field", out, "--position", position);
    }
}
