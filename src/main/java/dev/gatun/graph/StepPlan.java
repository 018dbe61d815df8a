package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeStepProgram;
import dev.gatun.foreign.StepKind;
import dev.gatun.op.Data;
import dev.gatun.op.Operation;
import dev.gatun.op.StepCode;
import dev.gatun.op.Tap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The step program of a graph: what has to be computed at each position, each value once, as soon as what it reads is
 * known. Derived from the footprints: the reach of a node says on which side of the draw it belongs, the taps of its
 * readers how many positions of it are kept.
 */
public final class StepPlan {
    private static final int LANES = 16;

    /**
     * An instruction of the plan.
     *
     * @param label of the node that it belongs to
     * @param every runs at positions that this divides; {@link Node#ALL_POSITIONS}: at the first alone
     */
    public record Step(String label, StepCode code, int inputSlot, int outputSlot, int every) {}

    private final BoundGraph bound;
    private final int positions;
    private final List<NativeStepProgram.Slot> slots = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private long stateFloats;

    /**
     * Compiles a graph whose positions are one row without groups.
     *
     * @param positions of the longest sample that it will draw; taps that reach farther back see zeros alone, and need no
     *     deeper ring
     * @throws IllegalArgumentException for other graphs
     */
    public StepPlan(BoundGraph bound, int positions) {
        this.bound = bound;
        this.positions = positions;
        Graph graph = bound.graph();
        if (graph.grid().rows() != 1 || graph.grid().groups() != 1) {
            throw new IllegalArgumentException(
                    "a step program of a grid of " + graph.grid() + ": only sequences have one");
        }
        graph.nodes().forEach(this::addSlot);
        // What depends on earlier positions only, then the value itself, then what needs it.
        graph.nodes().stream().filter(node -> !needsValue(node)).forEach(this::addSteps);
        steps.add(new Step(
                "draw", drawCode(graph.outputs().operation()), graph.outputs().id(), -1, 1));
        graph.nodes().stream().filter(node -> node.operation() instanceof Data).forEach(this::addSteps);
        graph.nodes().stream()
                .filter(node -> needsValue(node) && !(node.operation() instanceof Data))
                .forEach(this::addSteps);
    }

    private boolean needsValue(Node node) {
        return bound.graph().causality().reach(node) instanceof Reach.Position position && !position.isBefore();
    }

    private static StepCode drawCode(Operation outputs) {
        return new StepCode(
                StepKind.DRAW,
                0,
                List.of(Tap.HERE),
                outputs.features(),
                0,
                0,
                1,
                MemorySegment.NULL,
                MemorySegment.NULL,
                MemorySegment.NULL,
                0);
    }

    private void addSlot(Node node) {
        int farthest = 0;
        for (Node reader : bound.graph().nodes()) {
            for (StepCode code : bound.kernel(reader).stepCode()) {
                if (code.input() >= 0 && reader.inputs().get(code.input()).equals(node)) {
                    farthest = Math.max(farthest, farthest(code));
                }
            }
        }
        int depth = Math.addExact(farthest, 1);
        Operation operation = node.operation();
        slots.add(new NativeStepProgram.Slot(operation.features(), depth, operation.isLevels(), stateFloats));
        long floats = Math.multiplyExact((long) operation.features(), (long) depth);
        stateFloats = Math.addExact(stateFloats, Math.ceilDiv(floats, LANES) * LANES);
    }

    private int farthest(StepCode code) {
        return code.taps().stream().mapToInt(this::distance).max().orElse(0);
    }

    private int distance(Tap tap) {
        return Math.min(-tap.column(), positions);
    }

    private void addSteps(Node node) {
        for (StepCode code : bound.kernel(node).stepCode()) {
            int input = code.input() < 0 ? -1 : node.inputs().get(code.input()).id();
            steps.add(new Step(node.label(), code, input, node.id(), node.scale()));
        }
    }

    /** The instructions, in their order. */
    public List<Step> steps() {
        return List.copyOf(steps);
    }

    /** The rings, one for each node. */
    public List<NativeStepProgram.Slot> slots() {
        return List.copyOf(slots);
    }

    /** Floats of a stream's state. */
    public long stateFloats() {
        return stateFloats;
    }

    /** Floating-point operations of a sample of so many positions, as the instructions count them. */
    public long flops(int positions) {
        return steps.stream()
                .mapToLong(step -> step.code().flops() * Math.ceilDiv(positions, step.every()))
                .sum();
    }

    /** The program for native code. */
    public NativeStepProgram program(Context context, Arena arena) {
        List<NativeStepProgram.Instruction> instructions =
                steps.stream().map(this::instruction).toList();
        return new NativeStepProgram(context, arena, slots, instructions, bound.distribution(), stateFloats);
    }

    private NativeStepProgram.Instruction instruction(Step step) {
        StepCode code = step.code();
        int[] distances = code.taps().stream().mapToInt(this::distance).toArray();
        return new NativeStepProgram.Instruction(
                code.kind(),
                step.inputSlot(),
                step.outputSlot(),
                distances,
                code.inputs(),
                code.outputs(),
                code.argument(),
                step.every(),
                code.scale(),
                code.weights(),
                code.bias(),
                code.outside());
    }
}
