package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.CudaDevice;
import dev.gatun.foreign.NativeStepProgram;
import dev.gatun.graph.BoundGraph;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Plan;
import dev.gatun.graph.StepPlan;
import dev.gatun.graph.UnitsPlan;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/** The step program of a graph, compiled when it is first asked for. Shared by threads. */
final class Programs {
    private final BoundGraph bound;
    private final Context context;
    private final Arena arena;
    private final int longest;
    private final @Nullable CudaDevice cuda;
    private @Nullable Plan whole;
    private @Nullable NativeStepProgram program;

    /**
     * Compiles nothing yet.
     *
     * @param arena owner of the program
     * @param longest positions of the longest sample
     * @param cuda where they run, or null for this machine's processor
     */
    Programs(BoundGraph bound, Context context, Arena arena, int longest, @Nullable CudaDevice cuda) {
        this.bound = bound;
        this.context = context;
        this.arena = arena;
        this.longest = longest;
        this.cuda = cuda;
    }

    /** Whether a graph has a step program, so that it can be sampled cached. */
    static boolean exist(Graph graph) {
        return UnitsPlan.fits(graph) || StepPlan.fits(graph);
    }

    /**
     * The plan of a graph's step program.
     *
     * @throws IllegalArgumentException if it has none
     */
    static Plan plan(BoundGraph bound, int positions) {
        return UnitsPlan.fits(bound.graph()) ? new UnitsPlan(bound) : new StepPlan(bound, positions);
    }

    /**
     * The program for samples of a length; where taps reach farther back than that, or it is beyond the longest, one in memory of
     * the sampler.
     */
    synchronized NativeStepProgram program(int length, Arena samplers) {
        if (whole == null) {
            whole = plan(bound, longest);
        }
        if (length > longest || whole.slots().stream().anyMatch(slot -> slot.depth() - 1 > length)) {
            return made(plan(bound, length), samplers);
        }
        if (program == null) {
            program = made(whole, arena);
        }
        return program;
    }

    private NativeStepProgram made(Plan plan, Arena owner) {
        NativeStepProgram made = plan.program(context, owner);
        return cuda == null ? made : made.on(cuda, owner);
    }
}
