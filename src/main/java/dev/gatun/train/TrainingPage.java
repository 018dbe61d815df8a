package dev.gatun.train;

import dev.gatun.file.AtomicFile;
import dev.gatun.profile.Html;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a page of HTML after each epoch: curves of nats, bits per dimension and examples a second, the newest samples, and all
 * numbers as comma-separated values. It is one file that needs nothing else, is read on wide screens and narrow ones, light and
 * dark, and is replaced whole or not at all. A resumed run goes on with the epochs that the page holds.
 *
 * <p>Failures to write are {@link UncheckedIOException}s, which end the run.
 */
public final class TrainingPage implements ProgressListener {
    private static final String BEGIN = "<pre id=\"epochs\">";
    private static final String END = "</pre>";
    private static final String STYLE = """
            :root{color-scheme:light dark;--paper:#fff;--ink:#1c1e21;--pale:#63686f;--line:#dcdfe3;--a:#0b63b6;--b:#c2410c}
            @media(prefers-color-scheme:dark){:root{--paper:#15171a;--ink:#e8eaed;--pale:#9aa0a8;--line:#33373d;--a:#6cb2ff;--b:#ff9d5c}}
            body{margin:0 auto;max-width:44rem;padding:1rem;background:var(--paper);color:var(--ink);font:16px/1.45 system-ui,sans-serif}
            h1{font-size:1.3rem;margin:.2rem 0}h2{font-size:1rem;margin:1.4rem 0 .2rem}p{margin:.3rem 0;color:var(--pale)}
            svg{width:100%;height:auto;display:block}text{fill:var(--pale);font-size:11px}.end{text-anchor:end}.middle{text-anchor:middle}
            .grid{stroke:var(--line)}polyline{fill:none;stroke-width:1.6;stroke-linejoin:round}
            .a{stroke:var(--a);color:var(--a)}.b{stroke:var(--b);color:var(--b)}circle.a{fill:var(--a)}circle.b{fill:var(--b)}
            img{max-width:100%;image-rendering:pixelated}pre{overflow-x:auto;font-size:12px;color:var(--pale)}
            """;

    private final Path file;
    private final String title;
    private final List<String> facts;
    private final @Nullable Path picture;
    private final List<String> rows = new ArrayList<>();

    /**
     * A page; nothing is written before an epoch ends.
     *
     * @param file the page
     * @param title its heading
     * @param facts lines below it, of the model and the data
     * @param picture a PNG that listeners before this one write at each epoch's end, which the page then holds; null for none
     */
    public TrainingPage(Path file, String title, List<String> facts, @Nullable Path picture) {
        this.file = file;
        this.title = title;
        this.facts = List.copyOf(facts);
        this.picture = picture;
    }

    @Override
    public void started(int epochs, long steps) {
        rows.clear();
        if (epochs == 0 || !Files.exists(file)) {
            return;
        }
        try {
            String page = Files.readString(file);
            int begin = page.indexOf(BEGIN) + BEGIN.length();
            int end = page.indexOf(END, begin);
            String held = begin < BEGIN.length() || end < 0 ? "" : page.substring(begin, end);
            rows.addAll(EpochRows.upTo(file, held.lines().toList(), epochs));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void epochEnded(EpochReport report) {
        rows.add(EpochRows.of(report));
        try {
            byte[] page = page(report).getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(file, out -> out.write(page));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String page(EpochReport report) throws IOException {
        StringBuilder page = new StringBuilder("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                        + "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>")
                .append(Html.escaped(title))
                .append("</title>\n<style>\n")
                .append(STYLE)
                .append("</style></head><body>\n<h1>")
                .append(Html.escaped(title))
                .append("</h1>\n");
        facts.forEach(fact -> page.append("<p>").append(Html.escaped(fact)).append("</p>\n"));
        page.append("<p>").append(summary(report)).append("</p>\n");
        addCharts(page);
        addPicture(page, report);
        page.append("<h2>All epochs</h2>\n<details><summary>comma-separated values</summary>")
                .append(BEGIN)
                .append(EpochRows.HEADER)
                .append('\n');
        rows.forEach(row -> page.append(row).append('\n'));
        return page.append(END).append("</details>\n</body></html>\n").toString();
    }

    private static String summary(EpochReport report) {
        String validation =
                Double.isNaN(report.validationNats()) ? "" : ", validation " + fixed(report.validationNats()) + " nats";
        return "epoch " + report.epoch() + ": train " + fixed(report.trainNats()) + " nats" + validation + ", "
                + fixed(report.bitsPerDimension()) + " bits per dimension; " + Math.round(report.seconds() / 60)
                + " minutes so far";
    }

    private void addCharts(StringBuilder page) {
        double[] validation = EpochRows.column(rows, "validation_nats");
        boolean validated = Arrays.stream(validation).anyMatch(Double::isFinite);
        Chart.Curve train = new Chart.Curve("train", "a", EpochRows.column(rows, "train_nats"));
        Chart.Curve valid = new Chart.Curve("validation", "b", validation);
        addChart(page, "Nats", validated ? List.of(train, valid) : List.of(train));
        String of = validated ? "validation" : "train";
        Chart.Curve bits = new Chart.Curve(of, validated ? "b" : "a", EpochRows.column(rows, "bits_per_dimension"));
        addChart(page, "Bits per dimension", List.of(bits));
        Chart.Curve speed = new Chart.Curve("train", "a", EpochRows.column(rows, "examples_per_second"));
        addChart(page, "Examples a second", List.of(speed));
    }

    private void addChart(StringBuilder page, String name, List<Chart.Curve> curves) {
        page.append("<h2>").append(name).append("</h2>\n<p>");
        for (Chart.Curve curve : curves) {
            page.append("<b class=\"" + curve.style() + "\">— </b>" + curve.name() + " ");
        }
        page.append("</p>\n").append(new Chart(EpochRows.column(rows, "epoch"), curves).svg(name));
    }

    private void addPicture(StringBuilder page, EpochReport report) throws IOException {
        if (picture != null && Files.exists(picture)) {
            page.append("<h2>Samples after epoch " + report.epoch()
                            + "</h2>\n<img alt=\"samples\" src=\"data:image/png;base64,")
                    .append(Base64.getEncoder().encodeToString(Files.readAllBytes(picture)))
                    .append("\">\n");
        }
    }

    private static String fixed(double value) {
        return Double.isFinite(value)
                ? BigDecimal.valueOf(value).setScale(4, RoundingMode.HALF_EVEN).toPlainString()
                : Double.toString(value);
    }
}
