package dev.gatun.cli;

import dev.gatun.Model;
import dev.gatun.file.Json;
import dev.gatun.foreign.ActivationKind;
import dev.gatun.foreign.NativeStepProgram;
import dev.gatun.foreign.StepKind;
import dev.gatun.graph.Causality;
import dev.gatun.graph.Node;
import dev.gatun.graph.Plan;
import dev.gatun.graph.ReceptiveField;
import dev.gatun.graph.StepPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What can be said of a model, as text and as JSON. */
final class Inspection {
    private final String name;
    private final Model model;
    /** Positions of a sample, 0 where that is not known. */
    private final int positions;

    private final Plan steps;
    private final ReceptiveField field;

    Inspection(String name, Model model, int positions) {
        this.name = name;
        this.model = model;
        this.positions = positions;
        this.steps = model.plan();
        this.field = model.graph().receptiveField();
    }

    // JSON

    Map<String, Object> json(boolean plan) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("model", name);
        json.put("configuration", model.config().toJson());
        json.put("tensors", model.parameterNames().stream().map(this::tensor).toList());
        json.put("parameters", model.parameterCount());
        json.put("precision", model.precision().text());
        json.put("receptive_field", fieldJson());
        json.put("flops", flopsJson());
        json.put("bytes", bytesJson());
        json.put("causality", causalityJson());
        if (plan) {
            json.put("plan", steps.steps().stream().map(this::stepJson).toList());
        }
        return json;
    }

    private Map<String, Object> tensor(String tensor) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", tensor);
        json.put("shape", Arrays.stream(model.parameterShape(tensor)).boxed().toList());
        return json;
    }

    private Map<String, Object> fieldJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("unbounded", field.unbounded());
        if (!field.unbounded()) {
            json.put("positions", field.positions().size());
            if (image()) {
                json.put("rows", field.rows());
            } else {
                json.put("length", field.length());
            }
        }
        return json;
    }

    private Map<String, Object> flopsJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        int length = Math.max(1, positions);
        json.put("positions", length);
        json.put("forward_pass", model.graph().flops(length));
        json.put("sample", steps.flops(length));
        return json;
    }

    private Map<String, Object> bytesJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("parameters", model.parameterCount() * Float.BYTES);
        json.put("sampling_state", steps.stateFloats() * Float.BYTES);
        return json;
    }

    private Map<String, Object> causalityJson() {
        Node outputs = model.graph().outputs();
        Causality causality = model.graph().causality();
        Map<String, Object> json = new LinkedHashMap<>();
        // A graph that is not autoregressive is never built: its model cannot be loaded.
        json.put("autoregressive", true);
        json.put("latest", causality.reach(outputs).toString());
        json.put("path", causality.path(outputs));
        json.put("nodes", model.graph().nodes().stream().map(this::nodeJson).toList());
        return json;
    }

    private Map<String, Object> nodeJson(Node node) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", node.label());
        json.put("operation", node.operation().name());
        json.put("features", node.operation().features());
        json.put("latest", model.graph().causality().reach(node).toString());
        return json;
    }

    private Map<String, Object> stepJson(StepPlan.Step step) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("instruction", kind(step));
        json.put("node", step.label());
        json.put("when", step.when());
        if (step.inputSlot() >= 0) {
            json.put("reads", label(step.inputSlot()));
            json.put("back", back(step));
        }
        NativeStepProgram.Around around = step.around();
        if (around.lead() > 0) {
            json.put("ahead", around.lead());
        }
        if (around.base() >= 0) {
            json.put("adds", label(around.base()));
        }
        if (isProduct(step)) {
            json.put("weights", steps.precision(step).text());
        }
        json.put("inputs", step.code().inputs());
        json.put("outputs", step.code().outputs());
        json.put("flops", step.code().flops());
        return json;
    }

    // Text

    List<String> lines(boolean plan) {
        List<String> lines = new ArrayList<>();
        lines.add(name + ": " + model.config().architecture());
        lines.add("configuration: " + Json.write(model.config().toJson()));
        lines.add("parameters: " + Numbers.grouped(model.parameterCount()) + " ("
                + Numbers.bytes(model.parameterCount() * Float.BYTES) + ")");
        for (String tensor : model.parameterNames()) {
            lines.add("  " + tensor + " " + Arrays.toString(model.parameterShape(tensor)));
        }
        lines.add("precision of weights: " + model.precision().text());
        lines.add("receptive field: " + fieldText());
        addFlops(lines);
        lines.add("state of cached sampling: " + Numbers.bytes(steps.stateFloats() * Float.BYTES) + " a sample");
        addCausality(lines);
        if (plan) {
            addPlan(lines);
        }
        return lines;
    }

    private String fieldText() {
        if (field.unbounded()) {
            return "all positions before";
        }
        if (field.positions().isEmpty()) {
            return "nothing";
        }
        int count = field.positions().size();
        if (image()) {
            return count + (count == 1 ? " pixel" : " pixels") + ", up to " + field.rows() + " rows above";
        }
        return count + (count == 1 ? " position" : " positions") + ", up to " + field.length() + " back";
    }

    /** Whether positions are pixels, and not those of a sequence. */
    private boolean image() {
        return model.config().family().imageOnly();
    }

    private void addFlops(List<String> lines) {
        int length = Math.max(1, positions);
        lines.add("FLOPs of " + Numbers.grouped(length) + (length == 1 ? " position: " : " positions: ")
                + Numbers.grouped(model.graph().flops(length)) + " in a forward pass, "
                + Numbers.grouped(steps.flops(length)) + " in cached sampling");
    }

    private void addCausality(List<String> lines) {
        Causality causality = model.graph().causality();
        Node outputs = model.graph().outputs();
        lines.add("causality: autoregressive; the latest position that the outputs depend on, from their own: "
                + causality.reach(outputs));
        lines.add("  path: " + causality.path(outputs));
        for (Node node : model.graph().nodes()) {
            lines.add("  " + node.label() + " (" + node.operation().name() + ", "
                    + node.operation().features() + (node.operation().features() == 1 ? " feature" : " features")
                    + "): " + causality.reach(node));
        }
    }

    private void addPlan(List<String> lines) {
        String when = "";
        int i = 0;
        for (StepPlan.Step step : steps.steps()) {
            if (!step.when().equals(when)) {
                lines.add("step program, " + step.when() + ":");
            }
            when = step.when();
            lines.add("  " + i++ + ": " + stepText(step));
        }
    }

    private String stepText(StepPlan.Step step) {
        String text = kind(step) + " " + step.label();
        if (step.inputSlot() >= 0) {
            String back = back(step).stream().map(String::valueOf).collect(Collectors.joining(","));
            text += " <- " + label(step.inputSlot()) + " back " + back;
        }
        return text + around(step) + ", " + step.code().inputs() + " to "
                + step.code().outputs() + ", " + Numbers.grouped(step.code().flops()) + " FLOPs";
    }

    /** What a packed product has besides. */
    private String around(StepPlan.Step step) {
        NativeStepProgram.Around around = step.around();
        String text = around.lead() > 0 ? " (" + around.lead() + " ahead)" : "";
        text += around.base() >= 0 ? " onto " + label(around.base()) : "";
        text += around.second() >= 0 ? " and " + label(around.second()) : "";
        ActivationKind activation = around.activation();
        text += activation == null ? "" : ", " + activation.text();
        return isProduct(step) ? text + ", " + steps.precision(step).text() : text;
    }

    /** Whether it multiplies weights, which may be kept in fewer bits. */
    private static boolean isProduct(StepPlan.Step step) {
        return step.code().kind().isPacked() || step.code().kind() == StepKind.AFFINE;
    }

    private static String kind(StepPlan.Step step) {
        return step.code().kind().name().toLowerCase(Locale.ROOT);
    }

    private String label(int slot) {
        return steps.slotLabel(slot);
    }

    /** The positions that are read: of a sequence, how far back they lie; of a grid, rows and columns from the position. */
    private static List<Object> back(StepPlan.Step step) {
        boolean row = step.code().taps().stream().allMatch(tap -> tap.row() == 0 && tap.column() <= 0);
        return step.code().taps().stream()
                .<Object>map(tap -> row ? Integer.valueOf(-tap.column()) : tap.toString())
                .toList();
    }
}
