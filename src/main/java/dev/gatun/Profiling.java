package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.NativeCondition;
import dev.gatun.foreign.NativeDistribution;
import dev.gatun.foreign.NativeMeter;
import dev.gatun.foreign.SamplingRun;
import dev.gatun.graph.BoundGraph;
import dev.gatun.graph.Node;
import dev.gatun.graph.Pass;
import dev.gatun.graph.PassKind;
import dev.gatun.graph.Plan;
import dev.gatun.graph.StepPlan;
import dev.gatun.op.StepCode;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Times a model's forward pass and its cached sampling, of an ensemble the first mask's. */
final class Profiling {
    /** Single instructions that are noted: some steps of large models, whole samples of small ones. */
    private static final int EVENTS = 1 << 16;

    private static final long WARM_UP = 500_000_000; // nanoseconds

    private final Model model;
    private final BoundGraph bound;
    private final int batch;
    private final int length;
    private final int runs;
    private final Condition condition;
    private final long clock = clock();

    Profiling(Model model, int batch, int length, int runs, Condition condition) {
        this.model = model;
        this.bound = model.bound();
        this.batch = batch;
        this.length = length;
        this.runs = runs;
        this.condition = condition;
    }

    /** Nanoseconds that reading the clock takes, which are no operation's. */
    private static long clock() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 20_000; i++) {
            long start = System.nanoTime();
            least = Math.min(least, System.nanoTime() - start);
        }
        return least;
    }

    Profile measure() {
        try (Arena arena = Arena.ofConfined()) {
            NativeDistribution.Values values =
                    new NativeDistribution.Values(arena, bound.distribution().real(), batch, length);
            Profile.Part sampling = sampling(arena, values);
            Profile.Part forward = forward(arena, values);
            return new Profile(batch, length, model.device().threads(), forward, sampling);
        }
    }

    /** A run, told its number, or below 0 while it warms up. */
    private interface Run {
        void run(int number);
    }

    /** Runs until the virtual machine has compiled what it will, then as often as times are wanted. */
    private void repeat(Run run) {
        long end = System.nanoTime() + WARM_UP;
        do {
            run.run(-1);
        } while (System.nanoTime() < end);
        for (int i = 0; i < runs; i++) {
            run.run(i);
        }
    }

    // Sampling

    private Profile.Part sampling(Arena arena, NativeDistribution.Values values) {
        Context context = model.context();
        NativeCondition given = condition.in(arena);
        NativeDistribution.Noise noise = new NativeDistribution.Noise(arena, 0, 0, 1, false);
        SamplingRun run =
                model.program(0, length, arena).start(context, arena, batch, noise, values, given, null, null);
        Plan plan = model.plan(length);
        List<StepPlan.Step> steps = plan.steps();
        Times times = new Times(steps.size());
        NativeMeter meter = new NativeMeter(arena, steps.size(), EVENTS);
        run.meter(meter);
        repeat(i -> {
            meter.clear();
            run.restart(context, 0);
            long start = System.nanoTime();
            run.advance(context, length);
            times.add(i, System.nanoTime() - start);
            for (int k = 0; k < steps.size(); k++) {
                times.add(i, k, meter.nanos(k) - meter.calls(k) * clock);
            }
        });
        List<Profile.Cost> costs = new ArrayList<>();
        for (int k = 0; k < steps.size(); k++) {
            costs.add(cost(plan, steps.get(k), meter.calls(k), times.seconds(k)));
        }
        return new Profile.Part(times.seconds(), costs, events(meter));
    }

    private Profile.Cost cost(Plan plan, StepPlan.Step step, long calls, double seconds) {
        StepCode code = step.code();
        String kind = code.kind().name().toLowerCase(Locale.ROOT);
        long flops = plan.flops(step, length);
        // An instruction of a row computes many places at once.
        long places = code.flops() == 0 ? calls : Math.max(calls, flops / code.flops());
        // Of dense layers, whose instructions have no taps, plans keep the weights elsewhere.
        boolean weighs = code.weights().address() != 0 || code.taps().isEmpty();
        long weights = weighs ? code.flops() / 2 * plan.precision(step).bytes() : 0; // a multiplication reads one
        long features = (long) code.inputs() * Math.max(1, code.taps().size()) + code.outputs();
        return new Profile.Cost(
                step.label(),
                kind + ", " + step.when(),
                calls,
                seconds,
                (double) flops * batch,
                (double) weights * calls + (double) features * Float.BYTES * places * batch);
    }

    private static List<Profile.Event> events(NativeMeter meter) {
        List<Profile.Event> events = new ArrayList<>();
        for (int i = 0; i < meter.events(); i++) {
            events.add(new Profile.Event(
                    meter.operation(i), meter.start(i) - meter.start(0), meter.end(i) - meter.start(i)));
        }
        return events;
    }

    // The forward pass

    private Profile.Part forward(Arena arena, NativeDistribution.Values drawn) {
        Context context = model.context();
        MaskPasses passes =
                new MaskPasses(model.config().data(), List.of(bound), arena, batch, length, PassKind.VALUES, null);
        Examples examples = Batches.examples(model.config().data(), drawn, batch);
        passes.fill(context, examples, condition, n -> n, batch);
        Pass pass = passes.pass(0);
        List<Node> nodes = bound.graph().nodes();
        int likelihood = nodes.size();
        Times times = new Times(likelihood + 1);
        double[] nats = new double[batch];
        List<Profile.Event> events = new ArrayList<>();
        repeat(run -> {
            events.clear();
            long start = System.nanoTime();
            pass.run(context, (node, from, to) -> {
                times.add(run, node.id(), to - from - clock);
                events.add(new Profile.Event(node.id(), from - start, to - from));
            });
            long from = System.nanoTime();
            passes.nats(context, batch, nats, 0);
            long to = System.nanoTime();
            times.add(run, likelihood, to - from - clock);
            events.add(new Profile.Event(likelihood, from - start, to - from));
            times.add(run, to - start);
        });
        List<Profile.Cost> costs = new ArrayList<>();
        for (Node node : nodes) {
            double flops = (double) bound.graph().flops(node, length) * batch;
            String kind = node.operation().name();
            costs.add(new Profile.Cost(node.label(), kind, 1, times.seconds(node.id()), flops, pass.traffic(node)));
        }
        double read =
                (double) batch * length * Float.BYTES * (bound.distribution().outputs() + 2);
        costs.add(new Profile.Cost("likelihood", "distribution", 1, times.seconds(likelihood), 0, read));
        return new Profile.Part(times.seconds(), costs, events);
    }

    /** Nanoseconds of each run, in all and by operation. */
    private final class Times {
        private final long[] whole = new long[runs];
        private final long[][] parts;

        Times(int operations) {
            parts = new long[operations][runs];
        }

        void add(int run, long nanos) {
            if (run >= 0) {
                whole[run] = nanos;
            }
        }

        void add(int run, int operation, long nanos) {
            if (run >= 0) {
                parts[operation][run] = Math.max(0, nanos);
            }
        }

        double seconds() {
            return median(whole);
        }

        double seconds(int operation) {
            return median(parts[operation]);
        }

        private static double median(long[] nanos) {
            long[] sorted = nanos.clone();
            Arrays.sort(sorted);
            int half = sorted.length / 2;
            long twice = sorted.length % 2 == 1 ? 2 * sorted[half] : sorted[half - 1] + sorted[half];
            return twice * 0.5e-9;
        }
    }
}
