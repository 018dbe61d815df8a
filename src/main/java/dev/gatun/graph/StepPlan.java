package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeStepProgram;
import dev.gatun.op.Data;
import dev.gatun.op.Footprint;
import dev.gatun.op.Operation;
import dev.gatun.op.StepCode;
import dev.gatun.tensor.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The step program of a graph: what has to be computed at each position, each value once, as soon as what it reads is
 * known. Derived from the footprints: the reach of a node says on which side of the draw it belongs, the taps of its
 * readers how many positions of it are kept.
 */
public final class StepPlan implements Plan {
    /**
     * An instruction of the plan.
     *
     * @param label of the node that it belongs to
     * @param every runs at positions that this divides; {@link Node#ALL_POSITIONS}: at the first alone
     * @param when it runs, in words
     * @param around what a packed product has besides
     */
    public record Step(
            String label,
            StepCode code,
            int inputSlot,
            int outputSlot,
            int every,
            String when,
            NativeStepProgram.Around around) {
        /** An instruction with nothing around it. */
        public Step(String label, StepCode code, int inputSlot, int outputSlot, int every, String when) {
            this(label, code, inputSlot, outputSlot, every, when, NativeStepProgram.Around.NONE);
        }

        /** An instruction of a sequence. */
        public Step(String label, StepCode code, int inputSlot, int outputSlot, int every) {
            this(label, code, inputSlot, outputSlot, every, "for each position");
        }
    }

    private final BoundGraph bound;
    private final StepSlots slots;
    private final int positions;
    private final List<Step> steps;

    /**
     * Compiles a graph whose positions are one row without groups.
     *
     * @param positions of the longest sample that it will draw; taps that reach farther back see zeros alone, and need no
     *     deeper ring
     * @throws IllegalArgumentException for other graphs
     */
    public StepPlan(BoundGraph bound, int positions) {
        this(bound, positions, true);
    }

    /**
     * As above.
     *
     * @param fused whether a product and what follows it may be one instruction, as this machine's processor has them
     */
    public StepPlan(BoundGraph bound, int positions, boolean fused) {
        this.bound = bound;
        this.positions = positions;
        Graph graph = bound.graph();
        if (!fits(graph)) {
            throw new IllegalArgumentException("cached sampling: found " + graph.grid()
                    + ", expected a sequence; images are sampled by full passes (method full)");
        }
        slots = new StepSlots(bound, positions);
        List<Step> all = new ArrayList<>();
        // What depends on earlier positions only, then the value itself, then what needs it.
        graph.nodes().stream().filter(node -> !needsValue(node)).forEach(node -> addSteps(node, all));
        all.add(new Step(
                "draw",
                StepCode.draw(graph.outputs().operation().features()),
                graph.outputs().id(),
                -1,
                1));
        graph.nodes().stream().filter(node -> node.operation() instanceof Data).forEach(node -> addSteps(node, all));
        graph.nodes().stream()
                .filter(node -> needsValue(node) && !(node.operation() instanceof Data))
                .forEach(node -> addSteps(node, all));
        steps = fused ? StepFusion.fuse(all, slots) : List.copyOf(all);
        if (steps.stream()
                .anyMatch(
                        step -> !step.code().kind().isPacked() && step.code().precision() == Precision.INT8_DYNAMIC)) {
            throw new IllegalArgumentException("rounded inputs: packed products alone have them");
        }
    }

    /** Whether a graph has a step program of this kind: its positions are a sequence, and it looks along it alone. */
    public static boolean fits(Graph graph) {
        return graph.grid().rows() == 1
                && graph.grid().groups() == 1
                && graph.nodes().stream()
                        .map(Node::operation)
                        .noneMatch(operation -> operation instanceof Data && operation.features() > 1)
                && graph.nodes().stream()
                        .map(Node::operation)
                        .flatMap(StepPlan::footprints)
                        .noneMatch(StepPlan::leavesTheRow);
    }

    private static Stream<Footprint> footprints(Operation operation) {
        return Stream.concat(
                operation.inputs().stream().map(Operation.Input::footprint), Stream.ofNullable(operation.recurrence()));
    }

    private static boolean leavesTheRow(Footprint footprint) {
        return footprint instanceof Footprint.Taps taps && taps.taps().stream().anyMatch(tap -> tap.row() != 0);
    }

    private boolean needsValue(Node node) {
        return bound.graph().causality().reach(node) instanceof Reach.Position position && !position.isBefore();
    }

    private void addSteps(Node node, List<Step> to) {
        for (StepCode code : bound.stepCode(node)) {
            StepCode placed = code.withArgument(slots.argument(node, code));
            to.add(new Step(node.label(), placed, slots.input(node, code), slots.output(node, code), node.scale()));
        }
    }

    @Override
    public List<Step> steps() {
        return steps;
    }

    @Override
    public boolean holds(int length) {
        return length <= positions && slots.all().stream().allMatch(slot -> slot.depth() - 1 <= length);
    }

    /** The rings: one for each node, in the graph's order, then those that operations need besides. */
    public List<NativeStepProgram.Slot> slots() {
        return slots.all();
    }

    /** What a slot is called: its node, and for others the node that needs it and their number. */
    @Override
    public String slotLabel(int slot) {
        return slots.label(slot);
    }

    @Override
    public long stateFloats() {
        return slots.stateFloats();
    }

    @Override
    public long flops(int positions) {
        return steps.stream().mapToLong(step -> flops(step, positions)).sum();
    }

    @Override
    public Precision precision(Step step) {
        return step.code().kind().isPacked() ? step.code().precision() : Precision.F32;
    }

    @Override
    public @Nullable Prefix prefix() {
        return SequencePrefix.of(bound, slots);
    }

    @Override
    public NativeStepProgram program(Context context, Arena arena) {
        StepWeights weights = new StepWeights(context, arena, steps);
        List<NativeStepProgram.Instruction> instructions = steps.stream()
                .map(step -> instruction(step, weights.of(step), weights.biasOf(step)))
                .toList();
        return new NativeStepProgram(
                context, arena, slots.all(), instructions, bound.distribution(), slots.stateFloats());
    }

    private NativeStepProgram.Instruction instruction(Step step, MemorySegment weights, MemorySegment bias) {
        StepCode code = step.code();
        return new NativeStepProgram.Instruction(
                code.kind(),
                step.inputSlot(),
                step.outputSlot(),
                slots.distances(code),
                code.inputs(),
                code.outputs(),
                code.argument(),
                step.every(),
                code.scale(),
                weights,
                bias,
                code.outside(),
                step.around().of(precision(step).code()));
    }
}
