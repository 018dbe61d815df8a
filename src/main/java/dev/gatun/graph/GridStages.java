package dev.gatun.graph;

import dev.gatun.op.Data;
import dev.gatun.op.Footprint;
import dev.gatun.op.Footprint.Groups;
import dev.gatun.op.Operation;
import dev.gatun.op.StepCode;
import dev.gatun.op.Tap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The stage of every node of a graph over a grid, and of every tap that it reads. */
final class GridStages {
    private final boolean grouped;
    private final Map<Node, Stage> stages = new HashMap<>();

    GridStages(Graph graph) {
        grouped = graph.grid().groups() > 1;
        for (Node node : graph.nodes()) {
            stages.put(node, compute(node));
        }
    }

    Stage of(Node node) {
        return Objects.requireNonNull(stages.get(node));
    }

    private Stage compute(Node node) {
        if (node.operation() instanceof Data) {
            return grouped ? Stage.AFTER_GROUP : Stage.AFTER_PIXEL;
        }
        Stage stage = Stage.ROW_BEGIN;
        List<Operation.Input> inputs = node.operation().inputs();
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i).footprint() instanceof Footprint.Taps taps) {
                for (Tap tap : taps.taps()) {
                    stage = stage.later(ofTap(node, i, tap));
                }
            }
        }
        boolean leftwards = node.operation().recurrence() instanceof Footprint.Taps taps
                && taps.taps().stream().anyMatch(tap -> tap.row() == 0 && tap.column() > 0);
        return leftwards ? Stage.ROW_END : stage;
    }

    /**
     * When a node's input can be read at one of its taps.
     *
     * @param input its number, or {@link StepCode#OUTPUT}: the node itself, at places before
     */
    Stage ofTap(Node node, int input, Tap tap) {
        if (input == StepCode.OUTPUT) {
            return of(node).read(tap, Groups.ALL, grouped);
        }
        Operation.Input wanted = node.operation().inputs().get(input);
        if (!(wanted.footprint() instanceof Footprint.Taps taps)) {
            return Stage.ROW_BEGIN;
        }
        Groups groups = tap.equals(Tap.HERE) ? taps.groups() : Groups.ALL;
        return of(node.inputs().get(input)).read(tap, groups, grouped);
    }

    /** When an instruction of a node can run: with the node, or before it what reads earlier places alone of its own output. */
    Stage ofCode(Node node, StepCode code) {
        if (code.input() != StepCode.OUTPUT) {
            return of(node);
        }
        Stage stage = of(node) == Stage.ROW_END ? Stage.ROW_END : Stage.ROW_BEGIN;
        for (Tap tap : code.taps()) {
            stage = stage.later(ofTap(node, code.input(), tap));
        }
        return stage;
    }
}
