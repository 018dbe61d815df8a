package dev.gatun.graph;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.op.Affine;
import dev.gatun.op.Coarse;
import dev.gatun.op.Data;
import dev.gatun.op.Given;
import dev.gatun.op.Kernel;
import dev.gatun.op.StepCode;
import dev.gatun.tensor.Parameters;
import dev.gatun.tensor.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;

/** A graph with weights: a kernel for each node, and what the outputs mean. Shared by threads that only run it. */
public final class BoundGraph {
    private final Graph graph;
    private final List<Kernel> kernels;
    private final NativeDistribution distribution;
    private final Parameters parameters;

    /**
     * Binds a graph to parameters and packs them.
     *
     * @param arena owner of the packed weights
     * @param training whether gradients will be asked for
     */
    public BoundGraph(
            Context context,
            Arena arena,
            Graph graph,
            Parameters parameters,
            NativeDistribution distribution,
            boolean training) {
        this.graph = graph;
        this.parameters = parameters;
        this.distribution = distribution;
        kernels =
                graph.nodes().stream().map(node -> bind(node, arena, training)).toList();
        refresh(context);
    }

    private Kernel bind(Node node, Arena arena, boolean training) {
        // Gradients are those of the function without the steps that rounding makes of it.
        return !training && roundsInputs(node)
                ? ((Affine) node.operation()).bindRounded(parameters, arena)
                : node.operation().bind(parameters, arena, training);
    }

    /**
     * Whether a node is a product whose inputs {@link Precision#INT8_DYNAMIC} rounds: at each position of a sequence, of numbers
     * that were computed; neither of the data nor of what conditions give.
     */
    private boolean roundsInputs(Node node) {
        return node.operation() instanceof Affine affine
                && parameters.precision(affine.weights().weight()) == Precision.INT8_DYNAMIC
                && StepPlan.fits(graph)
                && node.scale() == 1
                && node.inputs().stream()
                        .map(Node::operation)
                        .noneMatch(input -> input instanceof Data || input instanceof Given);
    }

    /** Whether there is any such node. */
    public boolean roundsInputs() {
        return graph.nodes().stream().anyMatch(this::roundsInputs);
    }

    /** Takes the parameters' present values. Not while anybody computes with the old ones. */
    public void refresh(Context context) {
        kernels.forEach(kernel -> kernel.refresh(context));
    }

    /** Chooses what operations draw from now on: for a step of training, or below 0 nothing. */
    public void draw(long seed, long step) {
        kernels.forEach(kernel -> kernel.draw(seed, step));
    }

    /** Hands out native memory that {@link #draw} changes. */
    public void eachDrawn(Consumer<MemorySegment> body) {
        kernels.forEach(kernel -> kernel.eachDrawn(body));
    }

    /** The graph. */
    public Graph graph() {
        return graph;
    }

    /** The parameters bound. */
    public Parameters parameters() {
        return parameters;
    }

    /** What the outputs mean. */
    public NativeDistribution distribution() {
        return distribution;
    }

    /** The kernel of a node. */
    public Kernel kernel(Node node) {
        return kernels.get(node.id());
    }

    /** A step of a node, with taps in positions of the data. */
    public List<StepCode> stepCode(Node node) {
        List<StepCode> code = kernel(node).stepCode();
        return node.operation() instanceof Coarse coarse
                ? code.stream().map(step -> step.farther(coarse.scale())).toList()
                : code;
    }

    /** Columns to the left of its own that an operation reads, at most. */
    public int farthest() {
        int farthest = 0;
        for (Node node : graph.nodes()) {
            Kernel kernel = kernel(node);
            farthest = Math.max(farthest, kernel.outputHalo().left());
            for (int i = 0; i < node.inputs().size(); i++) {
                farthest = Math.max(farthest, kernel.inputHalo(i).left());
            }
        }
        return farthest;
    }
}
