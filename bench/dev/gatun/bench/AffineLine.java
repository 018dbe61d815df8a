package dev.gatun.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A line of {@code native/check/shapes/affine.txt}, which says what the keys mean; the file lies beside this class. */
record AffineLine(String line, Map<String, String> words) {
    private static final String FILE = "shapes/affine.txt";
    private static final List<String> SIZES = List.of("n", "h", "t", "in", "out", "k", "d");
    private static final List<String> TAPS = List.of("taps", "mask");

    /** What the library's check tries out and benchmarks leave alone. */
    private static final Set<String> CHECKED = Set.of("gapx", "gapy", "bias", "unseen");

    static AffineLine parse(String line) {
        Map<String, String> words = new LinkedHashMap<>();
        for (String word : line.trim().split("\\s+")) {
            String[] parts = word.split("=", 2);
            if (CHECKED.contains(parts[0])) {
                throw new IllegalArgumentException("shape: found '" + word
                        + "', but benchmarks run on maps without gaps, with a bias and all inputs seen");
            }
            boolean known = SIZES.contains(parts[0]) || TAPS.contains(parts[0]) || parts[0].equals("name");
            if (!known || parts.length != 2 || parts[1].isEmpty()) {
                throw new IllegalArgumentException("shape: found '" + word + "', expected some of " + SIZES
                        + " with a number, as in in=64, taps=row:column,... or mask=7A");
            }
            if (words.put(parts[0], parts[1]) != null) {
                throw new IllegalArgumentException("shape: " + parts[0] + " stands twice in '" + line + "'");
            }
        }
        return new AffineLine(line, words);
    }

    /** A shape of the file. */
    static AffineShape named(String name) {
        Map<String, AffineShape> all = new LinkedHashMap<>();
        for (String line : lines()) {
            if (line.startsWith("name=")) {
                AffineLine parsed = parse(line);
                all.put(parsed.words.get("name"), parsed.shape());
            }
        }
        AffineShape found = all.get(name);
        if (found == null) {
            throw new IllegalArgumentException("shape: found '" + name + "', expected one of " + all.keySet()
                    + ", or sizes as in 'n=1 t=16000 in=64 out=128 k=2'");
        }
        return found;
    }

    private static List<String> lines() {
        try (InputStream file = AffineLine.class.getResourceAsStream(FILE)) {
            if (file == null) {
                throw new IllegalStateException(FILE + ": is not beside " + AffineLine.class.getName());
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(FILE, e);
        }
    }

    AffineShape shape() {
        List<int[]> taps = taps();
        int[] rows = taps.stream().mapToInt(tap -> tap[0]).toArray();
        int[] columns = taps.stream().mapToInt(tap -> tap[1]).toArray();
        return new AffineShape(size("n"), size("h"), size("t"), size("in"), size("out"), rows, columns);
    }

    private int size(String key) {
        String text = words.getOrDefault(key, "1");
        int size = number(text);
        if (size < 1) {
            throw new IllegalArgumentException("shape: found " + key + "=" + text
                    + ", expected 1 or more: of nothing there is no time to measure");
        }
        return size;
    }

    private int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("shape: found '" + text + "' in '" + line + "', expected a number", e);
        }
    }

    private List<int[]> taps() {
        String taps = words.get("taps");
        String mask = words.get("mask");
        boolean causal = words.containsKey("k") || words.containsKey("d");
        if ((taps == null ? 0 : 1) + (mask == null ? 0 : 1) + (causal ? 1 : 0) > 1) {
            throw new IllegalArgumentException("shape: found '" + line + "', expected k and d, or taps, or mask");
        }
        if (taps != null) {
            return listed(taps);
        }
        return mask != null ? masked(mask) : causal(size("k"), size("d"));
    }

    private static List<int[]> causal(int size, int dilation) {
        List<int[]> taps = new ArrayList<>();
        for (int i = size - 1; i >= 0; i--) {
            taps.add(new int[] {0, -i * dilation});
        }
        return taps;
    }

    private List<int[]> listed(String text) {
        if (text.equals("none")) {
            throw new IllegalArgumentException("shape: found taps=none, but benchmarks want products to measure");
        }
        List<int[]> taps = new ArrayList<>();
        for (String tap : text.split("[,;]")) { // JMH keeps commas for itself
            String[] parts = tap.split(":");
            if (parts.length != 2) {
                throw new IllegalArgumentException("shape: found '" + tap + "', expected a tap row:column");
            }
            taps.add(new int[] {number(parts[0]), number(parts[1])});
        }
        return taps;
    }

    /** Size and type of a mask, one digit and a letter: the places before the middle, and with B the middle itself. */
    private static List<int[]> masked(String text) {
        if (!text.matches("[13579][AB]") || text.equals("1A")) {
            throw new IllegalArgumentException(
                    "shape: found mask=" + text + ", expected an odd size and A or B: 7A or 3B");
        }
        int size = text.charAt(0) - '0';
        int places = size * size / 2 + (text.endsWith("B") ? 1 : 0);
        List<int[]> taps = new ArrayList<>();
        for (int place = 0; place < places; place++) {
            taps.add(new int[] {place / size - size / 2, place % size - size / 2});
        }
        return taps;
    }
}
