package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeGridProgram;
import dev.gatun.foreign.NativeGridProgram.Extent;
import dev.gatun.foreign.NativeGridProgram.Instruction;
import dev.gatun.foreign.NativeGridProgram.Places;
import dev.gatun.foreign.NativeGridProgram.Sweep;
import dev.gatun.foreign.SamplingProgram;
import dev.gatun.foreign.StepKind;
import dev.gatun.foreign.StepPacking;
import dev.gatun.op.Data;
import dev.gatun.op.Footprint;
import dev.gatun.op.StepCode;
import dev.gatun.op.Tap;
import dev.gatun.tensor.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The step program of a graph over a grid: each value once, as soon as what it reads is known. What depends on rows above is
 * computed for a whole row at once, sums of which a part does as far as that; the rest at its pixel, colour group by colour
 * group; what needs the whole row at its end.
 */
public final class GridPlan implements Plan {
    private static final int LINE = 64;

    private final BoundGraph bound;
    private final Extent extent;
    private final GridStages stages;
    private final GridSlots slots;
    private final GridFeatures features;
    private final List<GridStep> rowBegin = new ArrayList<>();
    private final List<List<GridStep>> beforeDraw = new ArrayList<>();
    private final List<List<GridStep>> afterDraw = new ArrayList<>();
    private final List<GridStep> rowEnd = new ArrayList<>();

    /**
     * Compiles a graph.
     *
     * @param positions of a sample: all channels of all pixels
     * @throws IllegalArgumentException if something of it is known too late, or its operations have no steps on a grid
     */
    public GridPlan(BoundGraph bound, int positions) {
        this.bound = bound;
        Graph graph = bound.graph();
        int columns = graph.columns(positions);
        int rows = graph.grid().rows();
        extent = new Extent(rows, columns, positions / (rows * columns));
        stages = new GridStages(graph);
        slots = new GridSlots(bound, stages, rows, columns);
        features = new GridFeatures(bound, slots, graph.grid().groups());
        for (int channel = 0; channel < extent.channels(); channel++) {
            beforeDraw.add(new ArrayList<>());
            afterDraw.add(new ArrayList<>());
        }
        graph.nodes().forEach(this::add);
    }

    private void add(Node node) {
        if (node.operation() instanceof Data) {
            addData(node);
            return;
        }
        int chains = -1;
        for (StepCode code : bound.stepCode(node)) {
            GridStep step = features.step(node, code);
            int early = early(node, code);
            if (early == 0) {
                place(node, code, step);
                continue;
            }
            if (chains < 0) {
                chains = slots.addChains(node, slots.all().get(step.output()).features());
            }
            (stages.of(node) == Stage.ROW_END ? rowEnd : rowBegin).add(step.first(early, chains));
            place(node, code, step.rest(early, chains));
        }
    }

    /** Taps of a product that are read at the row's beginning, where the rest of them come later. */
    private int early(Node node, StepCode code) {
        boolean product = code.kind() == StepKind.AFFINE || code.kind() == StepKind.LOOKUP;
        if (!product || stages.ofCode(node, code) == Stage.ROW_BEGIN || (isWhole(node) && !isOwn(code))) {
            return 0;
        }
        int early = 0;
        for (Tap tap : code.taps()) {
            if (stages.ofTap(node, code.input(), tap) != Stage.ROW_BEGIN) {
                break;
            }
            early++;
        }
        return early;
    }

    /** Whether all of a row is computed at once. */
    private boolean isWhole(Node node) {
        return !stages.of(node).atPixel();
    }

    /** Whether an instruction reads what its operation wrote at earlier places. */
    private static boolean isOwn(StepCode code) {
        return code.input() == StepCode.OUTPUT;
    }

    private void place(Node node, StepCode code, GridStep step) {
        Stage stage = stages.ofCode(node, code);
        if (stage.byGroup()) {
            for (int group = 0; group < bound.graph().grid().groups(); group++) {
                List<List<GridStep>> sections = stage == Stage.BEFORE_GROUP ? beforeDraw : afterDraw;
                sections.get(group).addAll(features.ofGroup(node, step, group));
            }
            return;
        }
        switch (stage) {
            case ROW_BEGIN -> rowBegin.add(step.sweeping(sweep(node)));
            case PIXEL -> beforeDraw.getFirst().add(step);
            case AFTER_PIXEL -> afterDraw.getLast().add(step);
            default -> rowEnd.add(step.sweeping(sweep(node)));
        }
    }

    /** The way over a row of a node that hands a state on along it. */
    private static Sweep sweep(Node node) {
        if (!(node.operation().recurrence() instanceof Footprint.Taps taps)) {
            return Sweep.NONE;
        }
        boolean right = taps.taps().stream().anyMatch(tap -> tap.row() == 0 && tap.column() < 0);
        boolean left = taps.taps().stream().anyMatch(tap -> tap.row() == 0 && tap.column() > 0);
        return right ? Sweep.RIGHT : left ? Sweep.LEFT : Sweep.NONE;
    }

    private void addData(Node node) {
        for (StepCode code : bound.stepCode(node)) {
            for (int channel = 0; channel < extent.channels(); channel++) {
                StepCode one = code.ofOutputs(1).withArgument(channel);
                GridStep step = new GridStep(node.label(), one, -1, node.id(), 1);
                afterDraw.get(channel).add(step.features(0, channel, 1));
            }
        }
    }

    /** The draw of a channel, from its own outputs or those of the whole pixel. */
    private GridStep draw(int channel) {
        Node outputs = bound.graph().outputs();
        Stage stage = stages.of(outputs);
        if (stage.compareTo(Stage.BEFORE_GROUP) > 0) {
            throw new IllegalArgumentException("cached sampling: " + outputs + " is known too late, by the path "
                    + bound.graph().causality().path(outputs));
        }
        int width = bound.distribution().outputs();
        int first = outputs.operation().features() == width ? 0 : channel * width;
        return new GridStep("draw", StepCode.draw(width).withArgument(channel), outputs.id(), -1, 1)
                .features(first, 0, 0);
    }

    private record Section(String when, List<GridStep> steps) {}

    private List<Section> sections() {
        List<Section> sections = new ArrayList<>();
        sections.add(new Section("at the beginning of each row", rowBegin));
        for (int channel = 0; channel < extent.channels(); channel++) {
            List<GridStep> steps = new ArrayList<>(beforeDraw.get(channel));
            steps.add(draw(channel));
            steps.addAll(afterDraw.get(channel));
            String which = extent.channels() == 1 ? "" : ", channel " + channel;
            sections.add(new Section("for each pixel" + which, steps));
        }
        sections.add(new Section("at the end of each row", rowEnd));
        return sections;
    }

    @Override
    public List<StepPlan.Step> steps() {
        return sections().stream()
                .flatMap(section -> section.steps().stream().map(step -> step.shown(section.when())))
                .toList();
    }

    @Override
    public String slotLabel(int slot) {
        return slots.label(slot);
    }

    @Override
    public long stateFloats() {
        return slots.stateFloats();
    }

    @Override
    public boolean holds(int positions) {
        return positions == extent.positions();
    }

    @Override
    public long flops(int positions) {
        if (!holds(positions)) {
            throw new IllegalArgumentException("positions: found " + positions + ", expected those of " + extent);
        }
        return flopsByNode().values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public long flops(StepPlan.Step step, int positions) {
        int scale = step.every() / step.code().places().stride();
        Places at = GridStep.places(step.code(), scale);
        return GridStep.flops(step.code(), at, extent.rows(), extent.columns());
    }

    /** Floating-point operations of a sample, by the label of the node that they compute. */
    public Map<String, Long> flopsByNode() {
        Map<String, Long> flops = new HashMap<>();
        for (Section section : sections()) {
            for (GridStep step : section.steps()) {
                flops.merge(step.label(), step.flops(extent.rows(), extent.columns()), Long::sum);
            }
        }
        return flops;
    }

    /** The slots: one for each node, in the graph's order, then those that operations need besides, and sums' chains. */
    public List<NativeGridProgram.Slot> slots() {
        return slots.all();
    }

    @Override
    public Precision precision(StepPlan.Step step) {
        return GridStep.isHalved(step.code()) ? Precision.BF16 : Precision.F32;
    }

    @Override
    public @Nullable Prefix prefix() {
        return GridPrefix.of(bound, slots, extent);
    }

    @Override
    public SamplingProgram program(Context context, Arena arena) {
        Map<Long, MemorySegment> halves = new HashMap<>();
        List<List<Instruction>> instructions = sections().stream()
                .map(section -> section.steps().stream()
                        .map(step -> instruction(step, arena, halves))
                        .toList())
                .toList();
        return new NativeGridProgram(
                context, arena, extent, slots.all(), instructions, bound.distribution(), slots.stateFloats());
    }

    /** For native code; steps of the same weights have the same copy of them, where they need fewer bits. */
    private Instruction instruction(GridStep step, Arena arena, Map<Long, MemorySegment> halves) {
        Instruction whole = step.instruction(extent.rows(), extent.columns());
        MemorySegment floats = whole.weights();
        if (!step.isHalved() || floats.byteSize() == 0) {
            return whole;
        }
        MemorySegment copy = halves.computeIfAbsent(floats.address(), address -> {
            MemorySegment to = arena.allocate(floats.byteSize() / 2, LINE);
            StepPacking.halves(floats, to);
            return to;
        });
        return whole.of(copy, StepPacking.BF16);
    }
}
