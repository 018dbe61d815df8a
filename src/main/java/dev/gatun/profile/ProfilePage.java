package dev.gatun.profile;

import dev.gatun.Profile;
import java.util.List;

/** A page that needs nothing else: what the time goes into, the roofline and the table, of the forward pass and of sampling. */
public final class ProfilePage {
    private static final String MORE = """
            .part{fill:var(--mark);fill-opacity:.25;stroke:var(--back)}
            """;

    private ProfilePage() {}

    /** The page. */
    public static String html(String model, Profile profile, Ceilings ceilings) {
        String size = profile.batch() + " x " + profile.length() + " positions, " + profile.threads()
                + (profile.threads() == 1 ? " thread" : " threads");
        return Html.head("Gatun: " + model) + "<style>" + MORE + "</style><p>" + size + "</p>"
                + section("Forward pass", Shares.ofForward(profile, ceilings))
                + section("Cached sampling", Shares.ofSampling(profile, ceilings))
                + "<p>Times are medians. A limit is what registers do at most or, where that takes longer, reading the bytes from the"
                + " cache that holds what is in use by turns; both were measured in the same run. The bars are as wide as the"
                + " time, by the parts of the names.</p></html>";
    }

    private static String section(String name, Shares shares) {
        List<Roofline.Point> points = shares.part().costs().stream()
                .filter(cost -> cost.flops() > 0 && cost.bytes() > 0 && cost.seconds() > 0)
                .map(cost -> new Roofline.Point(
                        cost.name() + ", " + cost.operation(), cost.flops() / cost.bytes(), shares.gigaFlops(cost)))
                .toList();
        return "<h2>" + name + ": " + Html.time(shares.part().seconds()) + "</h2>"
                + "<p>%.0f %% of it in operations</p>".formatted(100 * shares.inOperations())
                + Icicle.svg(shares.part()) + Roofline.svg(shares.ceilings(), points) + table(shares);
    }

    private static String table(Shares shares) {
        StringBuilder html = new StringBuilder(
                "<div class=scroll><table><tr><th>what<th>operation<th>calls<th>time<th>of all<th>GFLOP/s<th>GB/s<th>of the limit");
        for (int i : shares.bySeconds()) {
            Profile.Cost cost = shares.part().costs().get(i);
            boolean timed = cost.seconds() > 0;
            html.append("<tr><td>").append(Html.escaped(cost.name()));
            html.append("<td>").append(Html.escaped(cost.operation()));
            html.append("<td>").append(cost.calls()).append("<td>").append(Html.time(cost.seconds()));
            html.append("<td>%.1f %%".formatted(100 * shares.ofTime(cost)));
            html.append("<td>").append(timed && cost.flops() > 0 ? Html.number(shares.gigaFlops(cost)) : "");
            html.append("<td>").append(timed ? Html.number(shares.gigaBytes(cost)) : "");
            html.append("<td>").append(timed ? "%.0f %%".formatted(100 * shares.ofLimit(cost)) : "");
        }
        return html.append("</table></div>").toString();
    }
}
