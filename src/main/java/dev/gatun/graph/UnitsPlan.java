package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeStepProgram;
import dev.gatun.foreign.NativeStepProgram.Instruction;
import dev.gatun.foreign.StepKind;
import dev.gatun.op.Activate;
import dev.gatun.op.Data;
import dev.gatun.op.Dense;
import dev.gatun.op.Nade;
import dev.gatun.op.StepCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The step program of a graph of masked dense layers, or of NADE. The sums of all units run along; a value is pushed into those
 * that see it as soon as it is known, and a hidden unit's as soon as the last input that it sees is: each unit is computed once,
 * each weight read once a sample.
 */
public final class UnitsPlan implements Plan {
    private static final int LANES = 16;
    /** Added to an activation's number: the units of degree 0, before the first position. */
    private static final int BEFORE_ALL = 4;

    private static final List<Integer> HERE = List.of(0);

    private final BoundGraph bound;
    private final int length;
    private final List<NativeStepProgram.Slot> slots = new ArrayList<>();
    private final List<String> slotNames = new ArrayList<>();
    private final Map<Node, Integer> slotOf = new HashMap<>();
    private final List<Push> steps = new ArrayList<>();
    private long stateFloats;
    private long flops;

    /** Where an instruction's weights come from when the program is made. */
    private interface Weights {
        MemorySegment in(Context context, Arena arena);
    }

    /** An instruction: as others are, with its table in place of taps, and weights that are made for the program. */
    private record Push(StepPlan.Step step, List<Integer> table, Weights weights, Weights bias) {}

    /** Whether a graph is one of units. */
    public static boolean fits(Graph graph) {
        return graph.nodes().stream()
                .map(Node::operation)
                .anyMatch(operation -> operation instanceof Dense || operation instanceof Nade);
    }

    /**
     * Compiles a graph of units.
     *
     * @throws IllegalArgumentException if it is none
     */
    public UnitsPlan(BoundGraph bound) {
        this.bound = bound;
        Graph graph = bound.graph();
        this.length = graph.grid().columns();
        if (!fits(graph)) {
            throw new IllegalArgumentException("a plan of units of a graph that has none");
        }
        for (Node node : graph.nodes()) {
            if (node.operation() instanceof Dense dense) {
                slotOf.put(node, addSlot(node.label(), 2 * round(dense.to().size()), false));
            } else if (node.operation() instanceof Nade nade) {
                slotOf.put(node, addSlot(node.label(), 2 * round(nade.hidden()), false));
            } else if (node.operation() instanceof Data) {
                slotOf.put(node, addSlot(node.label(), 1, node.operation().isLevels()));
            }
        }
        int outputs = addSlot(
                graph.outputs().label() + " (outputs)",
                graph.outputs().operation().features(),
                false);
        graph.nodes().forEach(this::addStart);
        graph.nodes().forEach(node -> addUnits(node, true));
        addOutputs(outputs);
        graph.nodes().forEach(this::addValue);
        graph.nodes().forEach(this::addPush);
        graph.nodes().forEach(node -> addUnits(node, false));
    }

    private static int round(int units) {
        return Math.multiplyExact(Math.ceilDiv(units, LANES), LANES);
    }

    private int addSlot(String name, int features, boolean levels) {
        slots.add(new NativeStepProgram.Slot(features, 1, levels, stateFloats));
        slotNames.add(name);
        stateFloats = Math.addExact(stateFloats, round(features));
        return slots.size() - 1;
    }

    private int slot(Node node) {
        return Objects.requireNonNull(slotOf.get(node), node::label);
    }

    private void add(
            Node node,
            StepKind kind,
            int input,
            int output,
            int inputs,
            int outputs,
            int argument,
            int every,
            List<Integer> table,
            Weights weights,
            Weights bias,
            long ofAll) {
        flops += ofAll;
        StepCode code = new StepCode(
                kind,
                0,
                List.of(),
                inputs,
                outputs,
                argument,
                1,
                MemorySegment.NULL,
                MemorySegment.NULL,
                MemorySegment.NULL,
                Math.ceilDiv(ofAll, every == 1 ? length : 1));
        steps.add(new Push(new StepPlan.Step(node.label(), code, input, output, every), table, weights, bias));
    }

    private static MemorySegment none(Context context, Arena arena) {
        return MemorySegment.NULL;
    }

    /** The sums before the first position: the bias in chain 0, zeros in chain 1; NADE's hidden units. */
    private void addStart(Node node) {
        if (!(node.operation() instanceof Dense) && !(node.operation() instanceof Nade)) {
            return;
        }
        int slot = slot(node);
        int features = slots.get(slot).features();
        add(
                node,
                StepKind.BROADCAST,
                -1,
                slot,
                0,
                features,
                0,
                Node.ALL_POSITIONS,
                List.of(),
                UnitsPlan::none,
                (context, arena) -> start(node, arena),
                0);
    }

    private MemorySegment start(Node node, Arena arena) {
        if (bound.kernel(node) instanceof Nade.Bound nade) {
            return nade.layer().start();
        }
        MemorySegment bias = ((Dense.Bound) bound.kernel(node)).layer().bias();
        MemorySegment start = arena.allocate(2 * bias.byteSize(), 64);
        MemorySegment.copy(bias, ValueLayout.JAVA_BYTE, 0, start, ValueLayout.JAVA_BYTE, 0, bias.byteSize());
        return start;
    }

    /** What the position's outputs are, from sums that are complete; then the draw. */
    private void addOutputs(int outputs) {
        Node last = bound.graph().outputs();
        int features = last.operation().features();
        if (last.operation() instanceof Nade nade) {
            Nade.Bound kernel = (Nade.Bound) bound.kernel(last);
            add(
                    last,
                    StepKind.NADE,
                    slot(last),
                    outputs,
                    nade.hidden(),
                    1,
                    0,
                    1,
                    List.of(),
                    (context, arena) -> kernel.layer().output(),
                    (context, arena) -> kernel.layer().outputBias(),
                    2L * nade.hidden() * length);
        } else {
            List<Node> terms = last.operation() instanceof Dense ? List.of(last) : last.inputs();
            for (int i = 0; i < terms.size(); i++) {
                long additions = i == 0 ? 0 : (long) features * length;
                add(
                        terms.get(i),
                        StepKind.FINISH,
                        slot(terms.get(i)),
                        outputs,
                        0,
                        features,
                        i == 0 ? 0 : 1,
                        1,
                        List.of(),
                        UnitsPlan::none,
                        UnitsPlan::none,
                        additions);
            }
        }
        StepPlan.Step draw =
                new StepPlan.Step("draw", StepCode.draw(last.operation().features()), outputs, -1, 1);
        steps.add(new Push(draw, HERE, UnitsPlan::none, UnitsPlan::none));
    }

    private void addValue(Node node) {
        if (node.operation() instanceof Data) {
            StepCode code = bound.kernel(node).stepCode().getFirst();
            StepPlan.Step step = new StepPlan.Step(node.label(), code, -1, slot(node), 1);
            steps.add(new Push(step, List.of(), (context, arena) -> code.weights(), UnitsPlan::none));
        }
    }

    /** The value just drawn, into what reads the data. */
    private void addPush(Node node) {
        if (node.inputs().isEmpty() || !(node.inputs().getFirst().operation() instanceof Data)) {
            return;
        }
        int from = slot(node.inputs().getFirst());
        if (node.operation() instanceof Nade nade) {
            Nade.Bound kernel = (Nade.Bound) bound.kernel(node);
            add(
                    node,
                    StepKind.NADE,
                    from,
                    slot(node),
                    1,
                    nade.hidden(),
                    1,
                    1,
                    List.of(),
                    (context, arena) -> kernel.layer().input(),
                    UnitsPlan::none,
                    3L * nade.hidden() * length);
        } else if (node.operation() instanceof Dense dense) {
            Dense.Bound kernel = (Dense.Bound) bound.kernel(node);
            List<Integer> table = firsts(dense, dense.from().degrees());
            add(
                    node,
                    dense.levels() ? StepKind.PUSH_LEVEL : StepKind.PUSH_VALUE,
                    from,
                    slot(node),
                    dense.from().size(),
                    dense.to().size(),
                    dense.levels() ? dense.from().each() : 0,
                    1,
                    table,
                    kernel::columns,
                    UnitsPlan::none,
                    (dense.levels() ? 1 : 2) * pushes(dense, table));
        }
    }

    private static long pushes(Dense dense, List<Integer> firsts) {
        return firsts.stream().mapToLong(first -> dense.to().size() - first).sum();
    }

    /** For inputs of these degrees the first output that sees them. */
    private static List<Integer> firsts(Dense dense, List<Integer> degrees) {
        return degrees.stream()
                .map(degree -> dense.to().upTo(dense.strict() ? degree : degree - 1)
                        * dense.to().each())
                .toList();
    }

    /** The hidden units of a degree, when the last input that they see has been pushed, into the layer above. */
    private void addUnits(Node node, boolean beforeAll) {
        if (!(node.operation() instanceof Dense dense) || dense.from().positions()) {
            return;
        }
        Node activation = node.inputs().getFirst();
        Activate activate = (Activate) activation.operation();
        Node below = activation.inputs().getFirst();
        List<Integer> table = unitTable(dense);
        int ofNone = dense.from().upTo(0);
        if (beforeAll && ofNone == 0) {
            return;
        }
        long terms = 0;
        List<Integer> firsts = firsts(dense, dense.from().degrees());
        int end = beforeAll ? ofNone : dense.from().upTo(length - 1);
        for (int unit = beforeAll ? 0 : ofNone; unit < end; unit++) {
            terms += 1 + 2L * (dense.to().size() - firsts.get(unit));
        }
        Dense.Bound kernel = (Dense.Bound) bound.kernel(node);
        add(
                node,
                StepKind.PUSH_UNITS,
                slot(below),
                slot(node),
                dense.from().size(),
                dense.to().size(),
                activate.function().code() + (beforeAll ? BEFORE_ALL : 0),
                beforeAll ? Node.ALL_POSITIONS : 1,
                table,
                kernel::columns,
                UnitsPlan::none,
                terms);
    }

    /** Where the units of each degree 0 .. D-1 begin, and the end; then the first output that sees each degree. */
    private List<Integer> unitTable(Dense dense) {
        List<Integer> degrees = new ArrayList<>();
        List<Integer> table = new ArrayList<>();
        for (int degree = 0; degree < length; degree++) {
            degrees.add(degree);
            table.add(dense.from().upTo(degree - 1));
        }
        table.add(dense.from().upTo(length - 1));
        table.addAll(firsts(dense, degrees));
        return table;
    }

    @Override
    public List<StepPlan.Step> steps() {
        return steps.stream().map(Push::step).toList();
    }

    @Override
    public boolean holds(int positions) {
        return positions == length;
    }

    @Override
    public String slotLabel(int slot) {
        return slotNames.get(slot);
    }

    @Override
    public long stateFloats() {
        return stateFloats;
    }

    /** Floating-point operations of a whole sample: the chain has one length. */
    @Override
    public long flops(int positions) {
        return flops;
    }

    @Override
    public NativeStepProgram program(Context context, Arena arena) {
        List<Instruction> instructions = new ArrayList<>();
        for (Push push : steps) {
            instructions.add(instruction(
                    push, push.weights().in(context, arena), push.bias().in(context, arena)));
        }
        ChainOrder order = bound.graph().order();
        int[] places = new int[length];
        Arrays.setAll(places, order::position);
        return new NativeStepProgram(context, arena, slots, instructions, bound.distribution(), stateFloats, places);
    }

    private static Instruction instruction(Push push, MemorySegment weights, MemorySegment bias) {
        StepPlan.Step step = push.step();
        StepCode code = step.code();
        return new Instruction(
                code.kind(),
                step.inputSlot(),
                step.outputSlot(),
                push.table().stream().mapToInt(Integer::intValue).toArray(),
                code.inputs(),
                code.outputs(),
                code.argument(),
                step.every(),
                code.scale(),
                weights,
                bias,
                MemorySegment.NULL);
    }
}
