package dev.gatun.graph;

import dev.gatun.foreign.StepKind;
import dev.gatun.op.Data;
import dev.gatun.op.StepCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Which features of which node belong to a colour group, and the steps that compute those alone. */
final class GridFeatures {
    private final GridSlots slots;
    private final int groups;
    /** How many times a node's features count the groups: once, or in each half or quarter that its gates are made of. */
    private final Map<Node, Integer> gates = new HashMap<>();

    GridFeatures(BoundGraph bound, GridSlots slots, int groups) {
        this.slots = slots;
        this.groups = groups;
        for (Node node : bound.graph().nodes()) {
            gates.put(node, gates(node, bound.stepCode(node)));
        }
    }

    private int gates(Node node, List<StepCode> codes) {
        boolean gate =
                codes.stream().anyMatch(code -> code.kind() == StepKind.GATE || code.kind() == StepKind.GRID_CELL);
        if (gate || node.operation() instanceof Data) {
            return 1;
        }
        int own = (int) codes.stream().filter(code -> code.part().group() == 0).count();
        return node.inputs().stream()
                .mapToInt(input -> Objects.requireNonNull(gates.get(input)))
                .reduce(Math.max(1, own), (most, input) -> own > 0 ? most : Math.max(most, input));
    }

    /** The step of a node's code, with all of its features. */
    GridStep step(Node node, StepCode code) {
        int input = slots.input(node, code);
        int output = slots.output(node, code);
        GridStep step = new GridStep(node.label(), code, input, output, node.scale());
        return switch (code.kind()) {
            case AFFINE, LOOKUP -> step.features(0, code.part().first(), code.outputs());
            case COPY ->
                new GridStep(node.label(), code.withArgument(0), input, output, node.scale())
                        .features(0, code.argument(), code.outputs());
            case GATE -> new GridStep(node.label(), code.withArgument(code.outputs()), input, output, node.scale());
            case GRID_CELL ->
                new GridStep(
                        node.label(), code.withArgument(slots.own(node, code.argument())), input, output, node.scale());
            case ACTIVATION, CONCAT_ELU, LINEAR_GATE, SUM, BROADCAST, FRAME, CLASS -> step;
            default ->
                throw new IllegalArgumentException(
                        "cached sampling: " + node + " (" + code.kind() + ") has no step on a grid");
        };
    }

    /** Those steps of a node's that compute a group. */
    List<GridStep> ofGroup(Node node, GridStep step, int group) {
        StepCode code = step.code();
        if (code.kind() == StepKind.AFFINE || code.kind() == StepKind.LOOKUP) {
            if (code.part().group() < 0) {
                throw new IllegalArgumentException("cached sampling: " + node + " mixes colour groups");
            }
            return code.part().group() == group ? List.of(step) : List.of();
        }
        if (code.kind() == StepKind.CONCAT_ELU || code.kind() == StepKind.LINEAR_GATE) {
            throw new IllegalArgumentException("cached sampling: " + node + " has no step by colour groups");
        }
        int times = Objects.requireNonNull(gates.get(node));
        int width = code.outputs() / (times * groups);
        List<GridStep> steps = new ArrayList<>();
        for (int gate = 0; gate < times; gate++) {
            int first = gate * (code.outputs() / times) + group * width;
            // A cell's inputs are counted by its outputs.
            steps.add(step.features(code.kind() == StepKind.GRID_CELL ? 0 : first, first, width));
        }
        return steps;
    }
}
