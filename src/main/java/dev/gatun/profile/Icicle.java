package dev.gatun.profile;

import dev.gatun.Profile;
import java.util.LinkedHashMap;
import java.util.Map;

/** Time by the parts of a model's names: below {@code blocks} its {@code blocks.0}, below that {@code blocks.0.conv}. */
final class Icicle {
    private static final int WIDTH = 640;
    private static final int ROW = 22;
    /** About the width of a letter. */
    private static final double LETTER = 6.2;

    private static final double LEAST = 0.5; // of a pixel

    /** A part of the names, with all that lies below it. */
    private static final class Branch {
        private final Map<String, Branch> below = new LinkedHashMap<>();
        private double seconds;

        void add(String[] names, int level, double time) {
            seconds += time;
            if (level < names.length) {
                below.computeIfAbsent(names[level], _ -> new Branch()).add(names, level + 1, time);
            }
        }

        int depth() {
            return 1 + below.values().stream().mapToInt(Branch::depth).max().orElse(0);
        }
    }

    private final StringBuilder svg = new StringBuilder();
    private final double whole;

    private Icicle(double whole) {
        this.whole = whole;
    }

    /** The picture, as wide as the time between operations included. */
    static String svg(Profile.Part part) {
        Branch root = new Branch();
        for (Profile.Cost cost : part.costs()) {
            root.add(cost.name().split("\\."), 0, cost.seconds());
        }
        Icicle icicle = new Icicle(Math.max(part.seconds(), root.seconds));
        icicle.svg.append("<svg viewBox=\"0 0 %d %d\" role=img>".formatted(WIDTH, root.depth() * ROW));
        icicle.draw("operations", root, 0, 0);
        return icicle.svg.append("</svg>").toString();
    }

    private void draw(String name, Branch branch, double left, int level) {
        double width = branch.seconds / whole * WIDTH;
        if (width < LEAST) {
            return;
        }
        String label = Html.escaped(name.substring(name.lastIndexOf('.') + 1));
        svg.append("<g><title>%s: %s, %.1f %%</title><rect class=part x=%.2f y=%d width=%.2f height=%d />"
                .formatted(
                        Html.escaped(name),
                        Html.time(branch.seconds),
                        100 * branch.seconds / whole,
                        left,
                        level * ROW,
                        width,
                        ROW - 1));
        if (width > label.length() * LETTER + 4) {
            svg.append("<text class=name x=%.1f y=%d>%s</text>".formatted(left + 3, level * ROW + ROW - 7, label));
        }
        svg.append("</g>");
        double at = left;
        for (Map.Entry<String, Branch> below : branch.below.entrySet()) {
            draw(level == 0 ? below.getKey() : name + "." + below.getKey(), below.getValue(), at, level + 1);
            at += below.getValue().seconds / whole * WIDTH;
        }
    }
}
