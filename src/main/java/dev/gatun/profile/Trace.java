package dev.gatun.profile;

import dev.gatun.Profile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A profile as the trace viewers of Chrome and Perfetto read it: the <a
 * href="https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU">trace event format</a>.
 */
public final class Trace {
    private static final double NANOS = 1e3; // of a microsecond

    private Trace() {}

    /** The document, for a writer of JSON. */
    public static Map<String, Object> json(String model, Profile profile) {
        List<Object> events = new ArrayList<>();
        events.add(named("process_name", 0, model));
        add(events, 1, "forward pass", profile.forward());
        add(events, 2, "cached sampling", profile.sampling());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("displayTimeUnit", "ns");
        json.put("traceEvents", events);
        return json;
    }

    private static void add(List<Object> events, int thread, String name, Profile.Part part) {
        events.add(named("thread_name", thread, name));
        for (Profile.Event event : part.events()) {
            Profile.Cost cost = part.costs().get(event.cost());
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("ph", "X");
            json.put("pid", 1);
            json.put("tid", thread);
            json.put("ts", event.start() / NANOS);
            json.put("dur", event.nanos() / NANOS);
            json.put("name", cost.name());
            json.put("cat", cost.operation());
            events.add(json);
        }
    }

    private static Map<String, Object> named(String what, int thread, String name) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ph", "M");
        json.put("pid", 1);
        json.put("tid", thread);
        json.put("name", what);
        json.put("args", Map.of("name", name));
        return json;
    }
}
