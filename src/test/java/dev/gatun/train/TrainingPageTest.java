package dev.gatun.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingPageTest {
    @TempDir
    private Path folder;

    private static EpochReport report(int epoch, double validation) {
        return new EpochReport(
                epoch, 10L * epoch, 100.0 / epoch, validation, 1.0 / epoch, 1e-3, 2, 3.0 * epoch, 500, true);
    }

    private TrainingPage page(Path file, Path picture) {
        return new TrainingPage(file, "a <model> & data", List.of("12 parameters"), picture);
    }

    @Test
    void thePageHoldsCurvesNumbersAndTheNewestSamples() throws IOException {
        Path file = folder.resolve("page.html");
        Path picture = Files.write(folder.resolve("samples.png"), new byte[] {1, 2, 3});
        TrainingPage page = page(file, picture);
        page.started(0, 0);
        for (int epoch = 1; epoch <= 7; epoch++) {
            page.epochEnded(report(epoch, 110.0 / epoch));
        }

        String html = Files.readString(file);
        assertThat(html)
                .contains(
                        "a &lt;model&gt; &amp; data",
                        "12 parameters",
                        "width=device-width",
                        "prefers-color-scheme:dark")
                .contains("data:image/png;base64,AQID")
                .contains("7,70," + 100.0 / 7)
                .doesNotContain("http", "<script", "<link", "url(", "@import");
        List<String> lines = matches(html, "<polyline class=\"[ab]\" points=\"([^\"]*)\"");
        assertThat(lines).as("train, validation, bits, speed").hasSize(4);
        for (String line : lines) {
            assertThat(line.split(" ")).hasSize(7);
        }
        // Lower nats stand lower down.
        double[] heights = heights(lines.getFirst());
        assertThat(heights).isSorted();
        assertThat(heights[6]).isBetween(10.0, 190.0);
        assertThat(Files.list(folder)).as("nothing half written is left").hasSize(2);
    }

    private static List<String> matches(String text, String pattern) {
        List<String> found = new ArrayList<>();
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    private static double[] heights(String points) {
        return Pattern.compile(" ")
                .splitAsStream(points)
                .mapToDouble(point -> Double.parseDouble(point.substring(point.indexOf(',') + 1)))
                .toArray();
    }

    @Test
    void aResumedRunKeepsTheEpochsBefore() throws IOException {
        Path whole = folder.resolve("whole.html");
        TrainingPage first = page(whole, null);
        first.started(0, 0);
        first.epochEnded(report(1, Double.NaN));
        first.epochEnded(report(2, Double.NaN));
        first.epochEnded(report(3, Double.NaN));
        String expected = Files.readString(whole);

        TrainingPage second = page(whole, null);
        second.started(1, 10);
        second.epochEnded(report(2, Double.NaN));
        second.epochEnded(report(3, Double.NaN));

        assertThat(Files.readString(whole)).isEqualTo(expected).doesNotContain("validation 3");
        Path other = Files.writeString(folder.resolve("other.html"), "<html>mine</html>");
        assertThatThrownBy(() -> page(other, null).started(1, 10)).hasMessageContaining("is not the log of this run");
        page(other, null).started(0, 0);
    }

    @Test
    void pagesAreWellFormedInTheirPictures() throws Exception {
        Chart chart = new Chart(
                new double[] {1, 2, 3},
                List.of(
                        new Chart.Curve("train", "a", new double[] {3, 3, 3}),
                        new Chart.Curve("none", "b", new double[] {Double.NaN, Double.NaN, Double.NaN})));
        String svg = chart.svg("Nats");
        var parsed = javax.xml.parsers.DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new org.xml.sax.InputSource(new StringReader(svg)));
        assertThat(parsed.getElementsByTagName("polyline").getLength()).isEqualTo(1);
        assertThat(new Chart(new double[] {1}, List.of(new Chart.Curve("one", "a", new double[] {5}))).svg("One"))
                .contains("<circle");
    }

    @Test
    void ticksAreRoundAndInside() {
        assertThat(Chart.ticks(81.2, 97.9)).containsExactly(85, 90, 95);
        assertThat(Chart.ticks(0, 1)).hasSize(3);
        assertThat(Chart.text(0.1 + 0.2)).isEqualTo("0.3");
        assertThat(Chart.text(1500)).isEqualTo("1500");
    }
}
