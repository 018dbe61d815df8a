package dev.gatun.cli;

import dev.gatun.Model;
import dev.gatun.Sensitivity;
import dev.gatun.family.DataSpec;
import dev.gatun.graph.ChainOrder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the outputs of a position see, by footprints and by gradients: as a picture and in words. */
final class FieldPicture {
    private static final int OWN = 0xd7301f;
    private static final int BLIND = 0xe08214;
    private static final int LATER = 0x000000;
    /** Of what is seen: from the faintest to the strongest. */
    private static final int FAINT = 0x16406e;

    private static final int STRONG = 0xf0f6ff;
    /** Below the largest gradient by as many powers of ten, all are faintest. */
    private static final double DECADES = 4;

    private final DataSpec.Image image;
    private final int position;
    private final int inputs;
    private final boolean gradients;
    /** By position of the data. */
    private final boolean[] seen;

    private final boolean[] earlier;
    private final float[] magnitudes;

    /**
     * Measures a model.
     *
     * @throws UsageException if its data are no images
     */
    FieldPicture(Model model, FieldOptions options) {
        int length = model.config().data().length().orElse(0);
        image = PictureGrid.imageOf(model.config().data(), length)
                .orElseThrow(
                        () -> new UsageException("--receptive-field: is for models of images, or of sequences whose"
                                + " length is a square, and this model's data are of kind \""
                                + model.config().data().kind() + "\""));
        if (model.masks() > 1) {
            throw new UsageException("--receptive-field: each of this model's " + model.masks()
                    + " masks lets its outputs see other positions");
        }
        position = options.position(image);
        inputs = options.inputs();
        ChainOrder order = model.graph().order();
        int place = order.place(position);
        boolean[] byPlace = model.graph().seen(length, place);
        Sensitivity sensitivity = model.sensitivity(length, place, inputs, 0);
        gradients = sensitivity.gradients();
        seen = new boolean[length];
        earlier = new boolean[length];
        magnitudes = new float[length];
        for (int i = 0; i < length; i++) {
            seen[i] = byPlace[order.place(i)];
            earlier[i] = order.place(i) < place;
            magnitudes[i] = sensitivity.magnitudes()[order.place(i)];
        }
    }

    /** Draws a panel for the values of each channel. */
    void write(FieldOptions options) throws IOException {
        int channels = image.channels();
        PictureGrid grid = PictureGrid.of(options.file(), image, true, channels, channels, options.scale());
        double largest = 0;
        for (float magnitude : magnitudes) {
            largest = Math.max(largest, magnitude);
        }
        for (int i = 0; i < seen.length; i++) {
            grid.colour(i % channels, i / channels, colour(i, largest));
        }
        grid.write();
    }

    private int colour(int i, double largest) {
        if (i == position) {
            return OWN;
        }
        if (!seen[i]) {
            return earlier[i] ? BLIND : LATER;
        }
        double strength = 1 + Math.log10(magnitudes[i] / largest) / DECADES;
        return Double.isNaN(strength) ? FAINT : PictureGrid.between(FAINT, STRONG, Math.clamp(strength, 0, 1));
    }

    private int count(Which which) {
        int count = 0;
        for (int i = 0; i < seen.length; i++) {
            count += which.is(seen[i], magnitudes[i] != 0, earlier[i]) ? 1 : 0;
        }
        return count;
    }

    /** Chooses positions. */
    private interface Which {
        boolean is(boolean seen, boolean found, boolean earlier);
    }

    private int wrong() {
        return count((isSeen, found, _) -> found && !isSeen);
    }

    private String means() {
        return (gradients ? "gradients at " : "changes of ") + inputs + " random inputs";
    }

    private String name(int of) {
        int pixel = of / image.channels();
        return "row " + pixel / image.width() + ", column " + pixel % image.width()
                + (image.channels() == 1 ? "" : ", channel " + of % image.channels());
    }

    /** What was found, as people read it. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("receptive field of " + name(position) + ": " + count((isSeen, _, _) -> isSeen) + " of the "
                + count((_, _, before) -> before) + " values before it, by the footprints; not seen: "
                + count((isSeen, _, before) -> before && !isSeen));
        lines.add("  by " + means() + ": " + count((isSeen, found, _) -> isSeen && found) + " of those, and " + wrong()
                + " others");
        return lines;
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("height", image.height());
        json.put("width", image.width());
        json.put("channels", image.channels());
        json.put("row", position / image.channels() / image.width());
        json.put("column", position / image.channels() % image.width());
        json.put("channel", position % image.channels());
        json.put("earlier", count((_, _, before) -> before));
        json.put("seen", count((isSeen, _, _) -> isSeen));
        json.put("checked_by", gradients ? "gradients" : "changes");
        json.put("inputs", inputs);
        json.put("seen_and_found", count((isSeen, found, _) -> isSeen && found));
        json.put("found_only", wrong());
        return json;
    }

    /**
     * Demands that nothing is found that no footprint sees.
     *
     * @throws IllegalStateException naming a position
     */
    void demand() {
        for (int i = 0; i < seen.length; i++) {
            if (magnitudes[i] != 0 && !seen[i]) {
                throw new IllegalStateException("the output at " + name(position) + " changes with the value at "
                        + name(i) + ", which no footprint sees, by " + means());
            }
        }
    }
}
