package dev.gatun.bench;

import dev.gatun.profile.Ceilings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a run of {@code gatun bench} came to, for programs: the table's columns, unrounded, and how they were measured. */
final class Figures {
    private Figures() {}

    /** The document, for a writer of JSON. */
    static Map<String, Object> json(String isa, double seconds, List<Ceilings> ceilings, List<Measured> all) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        json.put("processors", Runtime.getRuntime().availableProcessors());
        json.put("java", Runtime.version().toString());
        json.put("isa", isa);
        json.put("seconds", seconds);
        json.put("runs", ceilings.stream().map(own -> run(own, all)).toList());
        return json;
    }

    /** All with one number of threads. */
    private static Map<String, Object> run(Ceilings own, List<Measured> all) {
        Map<String, Object> limits = new LinkedHashMap<>();
        limits.put("gigaflops", own.gigaFlops());
        own.levels().forEach(level -> limits.put(level.name(), level.gigaBytes()));
        List<Object> measured = new ArrayList<>();
        for (Measured m : all) {
            if (m.threads() == own.threads()) {
                measured.add(measured(m, own));
            }
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("threads", own.threads());
        json.put("ceilings", limits);
        json.put("measured", measured);
        return json;
    }

    /** What a benchmark does not count is left out. */
    private static Map<String, Object> measured(Measured m, Ceilings own) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", m.name());
        json.put("benchmark", m.what().method());
        json.put("parameters", new TreeMap<>(m.what().parameters()));
        json.put("seconds", m.seconds());
        if (m.gigaFlops() > 0) {
            json.put("gigaflops", m.rate());
        }
        if (m.gigaBytes() > 0) {
            json.put("gigabytes", m.byteRate());
        }
        if (m.counted()) {
            json.put("of_limit", m.share(own));
        }
        if (m.onednn() > 0) {
            json.put("onednn_seconds", m.onednn());
        }
        return json;
    }
}
