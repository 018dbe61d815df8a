package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.family.ModelConfig;
import dev.gatun.file.Json;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What footprints say that an output sees is what it changes with: no more, and no less. */
class SensitivityTest {
    private static final int SIDE = 11;

    static List<GoldenCase> cases() throws IOException, URISyntaxException {
        List<GoldenCase> found = new ArrayList<>();
        for (GoldenCase golden : GoldenCase.all()) {
            try (Model model = Model.load(golden.model())) {
                String family = model.config().architecture();
                if (!family.equals("fvsbn") && !family.equals("made")) { // whose units are no positions
                    found.add(golden);
                }
            }
        }
        return found;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void nothingElseIsSeen(GoldenCase golden) throws IOException {
        try (Model model = Model.load(golden.model())) {
            int length = model.config().data().length().orElse(12);
            int channels = model.config().data().channels();
            for (int place : new int[] {0, length / 2, length - channels, length - 1}) {
                boolean[] seen = model.graph().seen(length, place);
                boolean[] found = model.sensitivity(length, place, 4, 1).found();
                for (int i = 0; i < length; i++) {
                    assertThat(found[i] && !seen[i]).as("%s of %s", i, place).isFalse();
                    assertThat(seen[i] && i >= place)
                            .as("%s of %s is later", i, place)
                            .isFalse();
                }
            }
        }
    }

    /** Units without positions have no footprints; what comes later is not seen by them either, and all before is. */
    @ParameterizedTest
    @ValueSource(strings = {"fvsbn", "made"})
    void unitsSeeWhatIsBefore(String family) throws IOException, URISyntaxException {
        int models = 0;
        for (GoldenCase golden : GoldenCase.all()) {
            try (Model model = Model.load(golden.model())) {
                if (!model.config().architecture().equals(family)) {
                    continue;
                }
                models++;
                int length = model.config().data().length().orElseThrow();
                Sensitivity first = model.sensitivity(length, 0, 4, 1);
                assertThat(first.gradients()).isFalse();
                assertThat(first.found()).containsOnly(false);
                boolean[] last = model.sensitivity(length, length - 1, 8, 1).found();
                assertThat(last[length - 1]).isFalse();
                assertThat(last).hasSize(length);
                if (length > 1) {
                    assertThat(last).contains(true);
                }
            }
        }
        assertThat(models).isPositive();
    }

    private static Model create(String json) {
        return Model.create(ModelConfig.parse(Json.parse(json)), 3);
    }

    private static String image(String family, int channels, String input) {
        return "{\"format\":1,\"architecture\":\"" + family + "\",\"data\":{\"kind\":\"image\",\"height\":" + SIDE
                + ",\"width\":" + SIDE + ",\"channels\":" + channels + ",\"levels\":4},\"input\":\"" + input
                + "\",\"distribution\":{\"type\":\"categorical\"},";
    }

    private static String plain(int channels, String input) {
        return image("pixelcnn", channels, input)
                + "\"features\":12,\"blocks\":3,\"first_kernel_size\":3,\"kernel_size\":3,\"head_features\":12}";
    }

    private static String gated(int channels, String input) {
        return image("gated_pixelcnn", channels, input)
                + "\"features\":12,\"layers\":6,\"first_kernel_size\":3,\"kernel_size\":3,\"head_features\":12}";
    }

    /** Footprints and what is found of the middle pixel's last channel, by place. */
    private static boolean[] middle(Model model, int channels) {
        int length = SIDE * SIDE * channels;
        int place = (SIDE * SIDE / 2 + 1) * channels - 1;
        boolean[] seen = model.graph().seen(length, place);
        assertThat(model.sensitivity(length, place, 8, 1).found()).isEqualTo(seen);
        return seen;
    }

    @ParameterizedTest
    @ValueSource(strings = {"unit", "one_hot"})
    void plainPixelcnnHasABlindSpotAndTheGatedOneHasNone(String input) {
        int row = SIDE / 2;
        int column = SIDE / 2;
        for (int channels : new int[] {1, 3}) {
            try (Model plain = create(plain(channels, input));
                    Model gated = create(gated(channels, input))) {
                boolean[] ofPlain = middle(plain, channels);
                boolean[] ofGated = middle(gated, channels);
                // Four 3 x 3 layers reach four rows up; from a row up on the right, no path leads back down but
                // diagonals.
                int blind = ((row - 1) * SIDE + column + 2) * channels;
                int diagonal = ((row - 2) * SIDE + column + 2) * channels;
                assertThat(ofPlain[blind]).isFalse();
                assertThat(ofGated[blind]).isTrue();
                assertThat(ofPlain[diagonal]).isTrue();
                assertThat(ofGated[diagonal]).isTrue();
                int own = (row * SIDE + column) * channels;
                for (int c = 0; c < channels; c++) {
                    assertThat(ofPlain[own + c]).as("channel %s", c).isEqualTo(c < channels - 1);
                    assertThat(ofGated[own + c]).as("channel %s", c).isEqualTo(c < channels - 1);
                }
                for (int i = 0; i < 4; i++) {
                    for (int j = column - 4; j <= column + 4; j++) {
                        int above = ((row - 1 - i) * SIDE + j) * channels;
                        assertThat(ofGated[above])
                                .as("%s rows above, column %s", i + 1, j)
                                .isTrue();
                    }
                }
            }
        }
    }

    @Test
    void anEarlierChannelSeesLess() {
        try (Model model = create(plain(3, "unit"))) {
            int length = 3 * SIDE * SIDE;
            int pixel = SIDE * SIDE / 2 * 3;
            for (int channel = 0; channel < 3; channel++) {
                boolean[] seen = model.graph().seen(length, pixel + channel);
                assertThat(model.sensitivity(length, pixel + channel, 8, 2).found())
                        .isEqualTo(seen);
                for (int c = 0; c < 3; c++) {
                    assertThat(seen[pixel + c]).isEqualTo(c < channel);
                }
            }
        }
    }

    @Test
    void relativeFieldsHaveTheSame() {
        try (Model grey = create(plain(1, "unit"));
                Model colours = create(plain(3, "unit"))) {
            assertThat(grey.graph().receptiveField().positions())
                    .as("of one channel, its own position is not seen")
                    .doesNotContain(dev.gatun.op.Tap.HERE);
            assertThat(colours.graph().receptiveField().positions()).contains(dev.gatun.op.Tap.HERE);
            assertThat(grey.graph().receptiveField().rows()).isEqualTo(4);
            long seen = 0;
            for (boolean one : grey.graph().seen(SIDE * SIDE, SIDE * SIDE / 2)) {
                seen += one ? 1 : 0;
            }
            assertThat(grey.graph().receptiveField().positions()).hasSize((int) seen);
        }
    }

    @Test
    void unitsAreNoPositions() throws IOException, URISyntaxException {
        GoldenCase made = GoldenCase.all().stream()
                .filter(golden -> golden.toString().equals("made-one-mask"))
                .findFirst()
                .orElseThrow();
        try (Model model = Model.load(made.model())) {
            int length = model.config().data().length().orElseThrow();
            assertThatThrownBy(() -> model.graph().seen(length, 1)).hasMessageContaining("its units are no positions");
            assertThatThrownBy(() -> model.sensitivity(length, length, 1, 0)).hasMessageContaining("found place");
        }
    }
}
