package dev.gatun.bench;

import dev.gatun.profile.Ceilings;
import dev.gatun.profile.Html;
import dev.gatun.profile.Roofline;
import java.util.List;

/** A page that needs nothing else: a roofline for each number of threads, and the table. */
final class Report {
    private Report() {}

    static String page(List<Ceilings> ceilings, List<Measured> all) {
        StringBuilder html = new StringBuilder(Html.head("Gatun: benchmarks"));
        for (Ceilings own : ceilings) {
            html.append("<h2>").append(own.threads()).append(own.threads() == 1 ? " thread" : " threads");
            html.append("</h2>").append(Roofline.svg(own, points(own, all))).append(table(own, all));
        }
        return html.append(
                        "<p>Time is the median of a call; a limit is what registers do at most or, where that is less, the "
                                + "smallest cache that holds a call's data, both measured in the same run. oneDNN: its time for the dense kernel"
                                + " in the layouts that it likes best, and how many times ours that is, where it was built in.</p></html>")
                .toString();
    }

    private static List<Roofline.Point> points(Ceilings own, List<Measured> all) {
        return all.stream()
                .filter(m -> m.threads() == own.threads() && m.gigaFlops() > 0 && m.gigaBytes() > 0)
                .map(m -> new Roofline.Point(m.name(), m.intensity(), m.rate()))
                .toList();
    }

    private static String table(Ceilings own, List<Measured> all) {
        StringBuilder html = new StringBuilder(
                "<div class=scroll><table><tr><th>what<th>time<th>GFLOP/s<th>GB/s<th>of the limit<th>oneDNN");
        for (Measured m : all) {
            if (m.threads() != own.threads()) {
                continue;
            }
            html.append("<tr><td>")
                    .append(Html.escaped(m.name()))
                    .append("<td>")
                    .append(m.time());
            html.append("<td>").append(m.gigaFlops() == 0 ? "" : Html.number(m.rate()));
            html.append("<td>").append(m.gigaBytes() == 0 ? "" : Html.number(m.byteRate()));
            html.append("<td>").append(m.counted() ? "%.0f %%".formatted(100 * m.share(own)) : "");
            html.append("<td>").append(Html.escaped(m.beside()));
        }
        return html.append("</table></div>").toString();
    }
}
