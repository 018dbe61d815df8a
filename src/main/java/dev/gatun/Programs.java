package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.CudaDevice;
import dev.gatun.foreign.SamplingProgram;
import dev.gatun.graph.BoundGraph;
import dev.gatun.graph.GridPlan;
import dev.gatun.graph.Plan;
import dev.gatun.graph.Prefix;
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
    private @Nullable Compiled program;

    /**
     * A program, and how it passes known first positions.
     *
     * @param prefix null where it does so step by step
     */
    record Compiled(SamplingProgram program, @Nullable Prefix prefix) {}

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

    /** The plan of a graph's step program. */
    static Plan plan(BoundGraph bound, int positions) {
        return plan(bound, positions, true);
    }

    private static Plan plan(BoundGraph bound, int positions, boolean fused) {
        if (UnitsPlan.fits(bound.graph())) {
            return new UnitsPlan(bound);
        }
        return StepPlan.fits(bound.graph()) ? new StepPlan(bound, positions, fused) : new GridPlan(bound, positions);
    }

    /**
     * The program for samples of a length; where taps reach farther back than that, or it is beyond the longest, one in memory of
     * the sampler.
     */
    synchronized Compiled program(int length, Arena samplers) {
        if (whole == null) {
            whole = plan(bound, longest, cuda == null);
        }
        if (!whole.holds(length)) {
            return made(plan(bound, length, cuda == null), samplers);
        }
        if (program == null) {
            program = made(whole, arena);
        }
        return program;
    }

    private Compiled made(Plan plan, Arena owner) {
        SamplingProgram made = plan.program(context, owner);
        if (cuda == null) {
            return new Compiled(made, plan.prefix());
        }
        return new Compiled(made.on(cuda, owner), null);
    }
}
