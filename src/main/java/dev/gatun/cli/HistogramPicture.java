package dev.gatun.cli;

import dev.gatun.file.AtomicFile;
import dev.gatun.profile.Html;
import dev.gatun.score.Histogram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/** How scores of sets are distributed: outlines of histograms over each other, the share of each set in each range; an SVG file. */
final class HistogramPicture {
    private static final int WIDTH = 640;
    private static final int PANEL = 230;
    private static final int LEFT = 16;
    private static final int TOP = 26;
    private static final int BOTTOM = 24;
    private static final int RANGES = 48;
    private static final int P_RANGES = 20;
    private static final int TICKS = 4;
    private static final String STYLE = """
            <style>:root{color-scheme:light dark;--ink:#1c1e21;--line:#c4c9cf}
            @media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--line:#4a4f57}}
            text{fill:var(--ink);font:12px system-ui,sans-serif}.middle{text-anchor:middle}line{stroke:var(--line)}
            path{fill-opacity:.18;stroke-width:1.5}.data{fill:#0b63b6;stroke:#0b63b6}.against{fill:#c2410c;stroke:#c2410c}
            .reference{fill:#6b7280;stroke:#6b7280}</style>
            """;

    private final Path file;

    private HistogramPicture(Path file) {
        this.file = file;
    }

    /** What a set has in a panel. */
    private record Part(ItemScores set, double[] values) {}

    /** A file, checked before the work begins. */
    static HistogramPicture of(String out) throws IOException {
        if (!out.toLowerCase(Locale.ROOT).endsWith(".svg")) {
            throw new UsageException("--histogram: found '" + out + "', expected a file that ends in .svg");
        }
        return new HistogramPicture(SampleFiles.outFile(out));
    }

    /** Writes the file, whole or not at all. */
    void write(List<ItemScores> sets, @Nullable ItemScores reference) throws IOException {
        int dimensions = sets.getFirst().dimensions();
        List<Part> bits = new ArrayList<>();
        List<Part> ranks = new ArrayList<>();
        if (reference != null) {
            bits.add(new Part(reference, bits(reference, dimensions)));
        }
        for (ItemScores set : sets) {
            bits.add(new Part(set, bits(set, set.dimensions())));
            if (set.pValues() != null) {
                ranks.add(new Part(set, set.pValues()));
            }
        }
        int height = PANEL * (ranks.isEmpty() ? 1 : 2);
        StringBuilder svg = new StringBuilder("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + WIDTH + " "
                + height + "\" width=\"" + WIDTH + "\" height=\"" + height + "\">\n" + STYLE);
        double least = all(bits).min().orElse(0);
        double most = all(bits).max().orElse(0);
        double margin = Math.max(most - least, 1e-9 * (1 + Math.abs(most))) / RANGES;
        panel(svg, "bits per dimension", bits, least - margin, most + margin, RANGES, 0);
        if (!ranks.isEmpty()) {
            panel(svg, "p-values", ranks, 0, 1, P_RANGES, PANEL);
        }
        byte[] bytes = svg.append("</svg>\n").toString().getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(file, to -> to.write(bytes));
    }

    private static double[] bits(ItemScores set, int dimensions) {
        return Arrays.stream(set.nats())
                .map(nats -> nats / (dimensions * Math.log(2)))
                .toArray();
    }

    private static DoubleStream all(List<Part> parts) {
        return parts.stream().flatMapToDouble(part -> Arrays.stream(part.values));
    }

    private static void panel(
            StringBuilder svg, String title, List<Part> parts, double from, double to, int ranges, int top) {
        int base = top + PANEL - BOTTOM;
        svg.append("<text x=\"" + LEFT + "\" y=\"" + (top + 16) + "\">" + title + "</text>\n<line x1=\"" + LEFT
                + "\" x2=\"" + (WIDTH - LEFT) + "\" y1=\"" + base + "\" y2=\"" + base + "\"/>\n");
        for (int i = 0; i <= TICKS; i++) {
            svg.append("<text class=\"middle\" x=\"" + number(x((double) i / TICKS)) + "\" y=\"" + (base + 16) + "\">"
                    + Numbers.fixed(from + (to - from) * i / TICKS, 2) + "</text>\n");
        }
        List<Histogram> counted = parts.stream()
                .map(part -> Histogram.of(part.values, from, to, ranges))
                .toList();
        double highest = 0;
        for (int i = 0; i < parts.size(); i++) {
            highest = Math.max(
                    highest,
                    Arrays.stream(counted.get(i).counts()).max().orElse(0) / (double) parts.get(i).values.length);
        }
        int across = LEFT + 140;
        for (int i = 0; i < parts.size(); i++) {
            ItemScores set = parts.get(i).set;
            String outline = outline(counted.get(i), parts.get(i).values.length * highest, base);
            svg.append("<path class=\"" + set.role() + "\" d=\"" + outline + "\"><title>" + Html.escaped(set.line())
                    + "</title></path>\n<text x=\"" + (across + 14) + "\" y=\"" + (top + 16) + "\">" + set.role()
                    + "</text><path class=\"" + set.role() + "\" d=\"M" + across + " " + (top + 7) + "h9v9h-9z\"/>\n");
            across += 110;
        }
    }

    /** A histogram's steps, up to the panel's top for a range that has so many. */
    private static String outline(Histogram histogram, double most, int base) {
        StringBuilder path = new StringBuilder("M" + number(x(0)) + " " + base);
        long[] counts = histogram.counts();
        for (int i = 0; i < counts.length; i++) {
            path.append("V" + number(base - counts[i] / most * (PANEL - TOP - BOTTOM)) + "H"
                    + number(x((i + 1.0) / counts.length)));
        }
        return path.append("V" + base + "Z").toString();
    }

    private static double x(double part) {
        return LEFT + part * (WIDTH - 2 * LEFT);
    }

    private static String number(double value) {
        return Numbers.fixed(value, 1);
    }
}
