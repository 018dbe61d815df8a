package dev.gatun.profile;

import java.util.ArrayList;
import java.util.List;

/** Rates over intensities, below what the machine does at most: an SVG picture. */
public final class Roofline {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 360;
    private static final int MARGIN = 48;

    /**
     * What is to be seen.
     *
     * @param name shown when pointed at
     * @param intensity FLOPs for a byte, above 0
     * @param rate GFLOP/s, above 0
     */
    public record Point(String name, double intensity, double rate) {}

    private final Ceilings ceilings;
    private final List<Point> points;
    private final double leastIntensity;
    private final double mostIntensity;
    private final double leastRate;

    private Roofline(Ceilings ceilings, List<Point> points) {
        this.ceilings = ceilings;
        this.points = points;
        leastIntensity = points.stream().mapToDouble(Point::intensity).min().orElse(1) / 4;
        mostIntensity = points.stream().mapToDouble(Point::intensity).max().orElse(100) * 4;
        leastRate = points.stream().mapToDouble(Point::rate).min().orElse(1) / 3;
    }

    /** The picture; {@link Html#STYLE} has its colours. */
    public static String svg(Ceilings ceilings, List<Point> points) {
        return new Roofline(ceilings, points).plot();
    }

    private double x(double intensity) {
        return MARGIN
                + (WIDTH - 2 * MARGIN)
                        * Math.log(intensity / leastIntensity)
                        / Math.log(mostIntensity / leastIntensity);
    }

    private double y(double rate) {
        return HEIGHT
                - MARGIN
                - (HEIGHT - 2 * MARGIN) * Math.log(rate / leastRate) / Math.log(ceilings.gigaFlops() * 1.5 / leastRate);
    }

    private String plot() {
        StringBuilder svg = new StringBuilder("<svg viewBox=\"0 0 " + WIDTH + " " + HEIGHT + "\" role=img>");
        svg.append(line("axis", MARGIN, HEIGHT - MARGIN, WIDTH - MARGIN, HEIGHT - MARGIN));
        svg.append(line("axis", MARGIN, MARGIN, MARGIN, HEIGHT - MARGIN));
        svg.append(text("", WIDTH / 2.0, HEIGHT - 12, "middle", "FLOPs for a byte"));
        for (double tick : ticks(leastIntensity, mostIntensity)) {
            svg.append(text("", x(tick), HEIGHT - MARGIN + 16, "middle", Html.number(tick)));
        }
        for (double tick : ticks(leastRate, ceilings.gigaFlops())) {
            svg.append(text("", MARGIN - 6, y(tick) + 4, "end", Html.number(tick)));
        }
        svg.append(text("", MARGIN - 6, MARGIN - 12, "start", "GFLOP/s"));
        for (Ceilings.Level level : ceilings.levels()) {
            roof(svg, level);
        }
        for (Point point : points) {
            double across = x(point.intensity());
            double down = y(point.rate());
            svg.append("<circle class=point cx=%.1f cy=%.1f r=4><title>%s</title></circle>"
                    .formatted(across, down, Html.escaped(point.name())));
        }
        return svg.append("</svg>").toString();
    }

    /** From the left edge, or where the line comes up, to where arithmetic takes over, and on to the right. */
    private void roof(StringBuilder svg, Ceilings.Level level) {
        double from = Math.max(leastIntensity, leastRate / level.gigaBytes());
        double ridge = Math.clamp(ceilings.gigaFlops() / level.gigaBytes(), from, mostIntensity);
        double top = Math.min(ceilings.gigaFlops(), ridge * level.gigaBytes());
        svg.append(line("roof", x(from), y(from * level.gigaBytes()), x(ridge), y(top)));
        svg.append(line("roof", x(ridge), y(top), x(mostIntensity), y(top)));
        svg.append(text("", x(from) + 4, y(from * level.gigaBytes()) - 4, "start", level.name()));
    }

    private static List<Double> ticks(double from, double to) {
        List<Double> ticks = new ArrayList<>();
        for (double tick = Math.pow(10, Math.ceil(Math.log10(from))); tick <= to; tick *= 10) {
            ticks.add(tick);
        }
        return ticks;
    }

    private static String line(String kind, double x1, double y1, double x2, double y2) {
        return "<line class=%s x1=%.1f y1=%.1f x2=%.1f y2=%.1f />".formatted(kind, x1, y1, x2, y2);
    }

    private static String text(String kind, double x, double y, String anchor, String text) {
        return "<text class=\"%s\" x=%.1f y=%.1f text-anchor=%s>%s</text>"
                .formatted(kind, x, y, anchor, Html.escaped(text));
    }
}
