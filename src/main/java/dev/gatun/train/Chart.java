package dev.gatun.train;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/** Curves over epochs as an SVG picture, whose colours are the page's. */
final class Chart {
    private static final int WIDTH = 360;
    private static final int HEIGHT = 190;
    private static final int LEFT = 46;
    private static final int RIGHT = 8;
    private static final int TOP = 10;
    private static final int BOTTOM = 24;
    private static final int TICKS = 4;
    /** Curves of so many epochs are drawn without the first tenth's heights, which would flatten the rest. */
    private static final int MANY = 5;

    /**
     * A curve.
     *
     * @param style the class of its line
     * @param values of each epoch, NaN where there is none
     */
    record Curve(String name, String style, double[] values) {}

    private final double[] epochs;
    private final List<Curve> curves;
    private final double first;
    private final double last;
    private final double least;
    private final double most;

    Chart(double[] epochs, List<Curve> curves) {
        this.epochs = epochs;
        this.curves = curves;
        first = epochs[0];
        last = Math.max(epochs[epochs.length - 1], first + 1);
        double low = all(0).min().orElse(0);
        int skipped = epochs.length < MANY ? 0 : Math.ceilDiv(epochs.length, 10);
        double high = all(skipped).max().orElse(low);
        double margin = high > low ? (high - low) / 20 : Math.max(Math.abs(high), 1) / 20;
        least = low - margin;
        most = high + margin;
    }

    private DoubleStream all(int from) {
        return curves.stream()
                .flatMapToDouble(curve -> Arrays.stream(curve.values, from, curve.values.length))
                .filter(Double::isFinite);
    }

    private double x(double epoch) {
        return LEFT + (epoch - first) / (last - first) * (WIDTH - LEFT - RIGHT);
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - (value - least) / (most - least) * (HEIGHT - TOP - BOTTOM);
    }

    /** The picture, for a place in a page. */
    String svg(String title) {
        StringBuilder svg = new StringBuilder(
                        "<svg viewBox=\"0 0 " + WIDTH + " " + HEIGHT + "\" role=\"img\" aria-label=\"")
                .append(title)
                .append("\">\n");
        for (double tick : ticks(least, most)) {
            String at = number(y(tick));
            svg.append("<line class=\"grid\" x1=\"" + LEFT + "\" x2=\"" + (WIDTH - RIGHT) + "\" y1=\"" + at + "\" y2=\""
                    + at + "\"/><text class=\"end\" x=\"" + (LEFT - 5) + "\" y=\"" + number(y(tick) + 4) + "\">"
                    + text(tick) + "</text>\n");
        }
        for (double tick : ticks(first, last)) {
            if (tick == Math.rint(tick)) {
                svg.append("<text class=\"middle\" x=\"" + number(x(tick)) + "\" y=\"" + (HEIGHT - 7) + "\">"
                        + text(tick) + "</text>\n");
            }
        }
        curves.forEach(curve -> svg.append(line(curve)));
        return svg.append("</svg>\n").toString();
    }

    private String line(Curve curve) {
        StringBuilder points = new StringBuilder();
        double atX = 0;
        double atY = 0;
        for (int i = 0; i < epochs.length; i++) {
            if (Double.isFinite(curve.values[i])) {
                atX = x(epochs[i]);
                atY = Math.max(y(curve.values[i]), TOP - 4.0); // higher ones go on at the edge
                points.append(number(atX)).append(',').append(number(atY)).append(' ');
            }
        }
        if (points.isEmpty()) {
            return "";
        }
        return "<polyline class=\"" + curve.style + "\" points=\""
                + points.toString().strip() + "\"/><circle class=\"" + curve.style + "\" cx=\"" + number(atX)
                + "\" cy=\"" + number(atY) + "\" r=\"2.5\"/>\n";
    }

    /** Round numbers in a range, a few. */
    static double[] ticks(double from, double to) {
        double rough = (to - from) / TICKS;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double step = DoubleStream.of(1, 2, 5, 10)
                .map(factor -> factor * power)
                .filter(size -> size >= rough)
                .findFirst()
                .orElse(10 * power);
        return DoubleStream.iterate(Math.ceil(from / step), i -> i * step <= to, i -> i + 1)
                .map(i -> i * step)
                .toArray();
    }

    private static String number(double value) {
        return BigDecimal.valueOf(Math.round(value * 10), 1).toPlainString();
    }

    /** A number with as many digits as ticks need. */
    static String text(double value) {
        return new BigDecimal(value)
                .round(new MathContext(6))
                .stripTrailingZeros()
                .toPlainString();
    }
}
