package dev.gatun.bench;

import java.util.ArrayList;
import java.util.List;

/** A page that needs nothing else: a roofline for each number of threads, and the table. */
final class Report {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 360;
    private static final int MARGIN = 48;

    private static final String STYLE = """
            :root{color-scheme:light dark;--ink:#1b1f24;--dim:#6a737d;--line:#d0d7de;--mark:#0969da;--back:#fff}
            @media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--dim:#9198a1;--line:#3d444d;--mark:#58a6ff;--back:#0d1117}}
            body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back);max-width:52rem;margin:1.5rem auto;padding:0 1rem}
            svg{width:100%;height:auto}text{fill:var(--dim);font:11px system-ui,sans-serif}
            .axis,.roof{stroke:var(--line);fill:none}.roof{stroke:var(--dim)}.point{fill:var(--mark)}.name{fill:var(--ink)}
            .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
            th,td{padding:.25rem .5rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
            th:first-child,td:first-child{text-align:left}
            """;

    private final Ceilings ceilings;
    private final List<Measured> points;
    private final double leastIntensity;
    private final double mostIntensity;
    private final double leastRate;

    private Report(Ceilings ceilings, List<Measured> all) {
        this.ceilings = ceilings;
        points = all.stream()
                .filter(m -> m.threads() == ceilings.threads() && m.gigaFlops() > 0 && m.gigaBytes() > 0)
                .toList();
        leastIntensity = points.stream().mapToDouble(Measured::intensity).min().orElse(1) / 4;
        mostIntensity = points.stream().mapToDouble(Measured::intensity).max().orElse(100) * 4;
        leastRate = points.stream().mapToDouble(Measured::rate).min().orElse(1) / 3;
    }

    static String page(List<Ceilings> ceilings, List<Measured> all) {
        StringBuilder html = new StringBuilder("<!doctype html><html lang=en><meta charset=utf-8>"
                + "<meta name=viewport content=\"width=device-width,initial-scale=1\"><title>Gatun: benchmarks</title><style>"
                + STYLE + "</style><h1>Gatun: benchmarks</h1><p>" + escaped(machine()) + "</p>");
        for (Ceilings own : ceilings) {
            html.append("<h2>").append(own.threads()).append(own.threads() == 1 ? " thread" : " threads");
            html.append("</h2>").append(new Report(own, all).plot()).append(table(own, all));
        }
        return html.append(
                        "<p>Time is the median of a call; a limit is what registers do at most or, where that is less, the "
                                + "smallest cache that holds a call's data, both measured in the same run.</p></html>")
                .toString();
    }

    private static String machine() {
        return System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", "
                + Runtime.getRuntime().availableProcessors() + " processors, Java " + Runtime.version();
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
            svg.append(text("", x(tick), HEIGHT - MARGIN + 16, "middle", number(tick)));
        }
        for (double tick : ticks(leastRate, ceilings.gigaFlops())) {
            svg.append(text("", MARGIN - 6, y(tick) + 4, "end", number(tick)));
        }
        svg.append(text("", MARGIN - 6, MARGIN - 12, "start", "GFLOP/s"));
        for (Ceilings.Level level : ceilings.levels()) {
            roof(svg, level);
        }
        for (Measured point : points) {
            double across = x(point.intensity());
            double down = y(point.rate());
            svg.append("<circle class=point cx=%.1f cy=%.1f r=4><title>%s</title></circle>"
                    .formatted(across, down, escaped(point.name())));
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

    private static String table(Ceilings own, List<Measured> all) {
        StringBuilder html =
                new StringBuilder("<div class=scroll><table><tr><th>what<th>time<th>GFLOP/s<th>GB/s<th>of the limit");
        for (Measured m : all) {
            if (m.threads() != own.threads()) {
                continue;
            }
            boolean counted = m.gigaFlops() + m.gigaBytes() > 0;
            html.append("<tr><td>").append(escaped(m.name())).append("<td>").append(m.time());
            html.append("<td>").append(m.gigaFlops() == 0 ? "" : number(m.rate()));
            html.append("<td>").append(m.gigaBytes() == 0 ? "" : number(m.gigaBytes() / m.seconds()));
            html.append("<td>").append(counted ? "%.0f %%".formatted(100 * m.share(own)) : "");
        }
        return html.append("</table></div>").toString();
    }

    private static String line(String kind, double x1, double y1, double x2, double y2) {
        return "<line class=%s x1=%.1f y1=%.1f x2=%.1f y2=%.1f />".formatted(kind, x1, y1, x2, y2);
    }

    private static String text(String kind, double x, double y, String anchor, String text) {
        return "<text class=\"%s\" x=%.1f y=%.1f text-anchor=%s>%s</text>".formatted(kind, x, y, anchor, escaped(text));
    }

    private static String number(double value) {
        return value >= 10 ? "%.0f".formatted(value) : "%.3g".formatted(value);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
