package dev.gatun.graph;

import dev.gatun.foreign.ActivationKind;
import dev.gatun.foreign.NativeStepProgram.Around;
import dev.gatun.foreign.StepKind;
import dev.gatun.op.StepCode;
import dev.gatun.op.Tap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes one instruction of a product and what follows it, where nothing else reads the product: its gate with what conditions add,
 * the sum that it is added to, its activation. All products become those of packed weights. The bits stay: what is done with an
 * output is the same, only sooner.
 */
final class StepFusion {
    private static final int LANES = 16;

    private final StepSlots slots;
    private final StepPlan.@Nullable Step[] steps;
    /** Of each slot: instructions that read it, and that write it. */
    private final int[] readers;

    private final int[] writers;

    private StepFusion(List<StepPlan.Step> steps, StepSlots slots) {
        this.slots = slots;
        this.steps = steps.toArray(StepPlan.Step[]::new);
        readers = new int[slots.all().size()];
        writers = new int[readers.length];
        for (StepPlan.Step step : steps) {
            count(readers, step.inputSlot());
            count(writers, step.outputSlot());
            if (step.code().kind().argumentIsSlot()) {
                count(readers, step.code().argument());
                count(readers, step.outputSlot());
            }
        }
    }

    private static void count(int[] counts, int slot) {
        if (slot >= 0) {
            counts[slot]++;
        }
    }

    static List<StepPlan.Step> fuse(List<StepPlan.Step> steps, StepSlots slots) {
        StepFusion fusion = new StepFusion(steps, slots);
        fusion.gates();
        fusion.sums();
        fusion.products();
        fusion.activations();
        fusion.leads();
        return Arrays.stream(fusion.steps).filter(Objects::nonNull).toList();
    }

    private void gates() {
        for (int i = 0; i < steps.length; i++) {
            StepPlan.Step gate = steps[i];
            if (gate != null
                    && gate.code().kind() == StepKind.GATE
                    && gate.code().outputs() % LANES == 0
                    && !fuseGate(i, gate, gate, List.of())) {
                fuseConditionedGate(i, gate);
            }
        }
    }

    /** Puts a gate's product in the gate's place, what it reads by itself or through sums with other maps. */
    private boolean fuseGate(int at, StepPlan.Step gate, StepPlan.Step reader, List<Integer> added) {
        int product = product(reader);
        if (product < 0) {
            return false;
        }
        int base = added.isEmpty() ? -1 : added.get(0), second = added.size() < 2 ? -1 : added.get(1);
        StepPlan.Step whole = fused(product, gate, StepKind.PACKED_GATE, new Around(base, second, null, 0));
        if (!added.isEmpty()) { // the sum's name stands between those of its product and its gate
            String label = step(product).label() + " + " + reader.label() + " + " + gate.label();
            whole = with(whole, whole.code(), label, whole.outputSlot(), whole.around());
        }
        steps[at] = whole;
        steps[product] = null;
        return true;
    }

    /** A gate of a product to which one or two maps of conditions are added. */
    private void fuseConditionedGate(int at, StepPlan.Step gate) {
        int slot = gate.inputSlot();
        List<Integer> terms = new ArrayList<>();
        for (int i = 0; i < at; i++) {
            if (steps[i] != null && step(i).outputSlot() == slot) {
                terms.add(i);
            }
        }
        boolean few = terms.size() == writers[slot] && terms.size() >= 2 && terms.size() <= 3;
        if (!few || !isRead(slot) || !isHere(gate) || !terms.stream().allMatch(i -> isTermOf(gate, step(i)))) {
            return;
        }
        List<Integer> added =
                terms.stream().skip(1).map(i -> step(i).inputSlot()).toList();
        if (fuseGate(at, gate, step(terms.get(0)), added)) {
            terms.forEach(i -> steps[i] = null);
        }
    }

    private static boolean isTermOf(StepPlan.Step gate, StepPlan.Step step) {
        return step.code().kind() == StepKind.SUM
                && step.code().scale() == 1
                && isHere(step)
                && step.every() == gate.every();
    }

    /** Whether one instruction alone reads a slot, of which nothing is kept. */
    private boolean isRead(int slot) {
        return readers[slot] == 1 && slots.all().get(slot).depth() == 1;
    }

    /** The product that an instruction reads at its own position, and nobody else; -1 if there is none. */
    private int product(StepPlan.Step reader) {
        int slot = reader.inputSlot();
        if (!isRead(slot) || writers[slot] != 1 || !isHere(reader)) {
            return -1;
        }
        for (int i = 0; i < steps.length; i++) {
            StepPlan.Step step = steps[i];
            if (step != null && step.outputSlot() == slot) {
                return step.code().kind() == StepKind.AFFINE && step.every() == reader.every() ? i : -1;
            }
        }
        return -1;
    }

    private static boolean isHere(StepPlan.Step reader) {
        return reader.code().taps().equals(List.of(Tap.HERE));
    }

    /** A product whose outputs go on as its reader has it. */
    private StepPlan.Step fused(int product, StepPlan.Step reader, StepKind kind, Around around) {
        StepPlan.Step from = step(product);
        StepCode code = from.code();
        float scale = kind == StepKind.PACKED ? reader.code().scale() : 1;
        return new StepPlan.Step(
                from.label() + " + " + reader.label(),
                product(
                        code,
                        kind,
                        reader.code().outputs(),
                        scale,
                        code.flops() + reader.code().flops()),
                from.inputSlot(),
                reader.outputSlot(),
                from.every(),
                from.when(),
                around);
    }

    private static StepCode product(StepCode code, StepKind kind, int outputs, float scale, long flops) {
        return new StepCode(
                        kind,
                        code.input(),
                        code.taps(),
                        code.inputs(),
                        outputs,
                        0,
                        scale,
                        code.weights(),
                        code.bias(),
                        code.outside(),
                        flops)
                .withPrecision(code.precision());
    }

    private void sums() {
        for (int first = 0, end; first < steps.length; first = Math.max(end, first + 1)) {
            end = first;
            while (end < steps.length && isTerm(steps[end], steps[first])) {
                end++;
            }
            if (end - first > 1) {
                fuseSum(first, end);
            }
        }
    }

    /** Whether an instruction is one of a sum that begins with another one. */
    private static boolean isTerm(StepPlan.@Nullable Step step, StepPlan.@Nullable Step first) {
        return step != null
                && first != null
                && step.code().kind() == StepKind.SUM
                && first.code().kind() == StepKind.SUM
                && step.outputSlot() == first.outputSlot()
                && step.code().argument() == (step.equals(first) ? 0 : 1);
    }

    private void fuseSum(int first, int end) {
        List<Integer> products = new ArrayList<>();
        for (int i = first; i < end; i++) {
            products.add(product(step(i)));
        }
        int slot = step(first).outputSlot();
        boolean plain = step(first).code().scale() == 1;
        if (plain && isAscending(products)) {
            // Each product is added as soon as it is there, in the order of the sum.
            for (int i = first; i < end; i++) {
                int product = products.get(i - first);
                steps[product] = fused(product, step(i), StepKind.PACKED, onto(i == first ? -1 : slot));
                steps[i] = null;
            }
        } else if (plain
                && end - first == 2
                && products.get(1) >= 0
                && isHere(step(first))
                && step(first).every() == step(first + 1).every()) {
            int base = step(first).inputSlot();
            steps[first + 1] = fused(products.get(1), step(first + 1), StepKind.PACKED, onto(base));
            steps[products.get(1)] = null;
            steps[first] = null;
        }
    }

    private static Around onto(int base) {
        return new Around(base, -1, null, 0);
    }

    private static boolean isAscending(List<Integer> products) {
        for (int i = 0; i < products.size(); i++) {
            if (products.get(i) < 0 || (i > 0 && products.get(i) <= products.get(i - 1))) {
                return false;
            }
        }
        return true;
    }

    private StepPlan.Step step(int i) {
        return Objects.requireNonNull(steps[i]);
    }

    private void products() {
        for (int i = 0; i < steps.length; i++) {
            StepPlan.Step step = steps[i];
            if (step != null && step.code().kind() == StepKind.AFFINE) {
                StepCode code = step.code().withKind(StepKind.PACKED);
                steps[i] = with(step, code, step.label(), step.outputSlot(), step.around());
            }
        }
    }

    private static StepPlan.Step with(StepPlan.Step step, StepCode code, String label, int output, Around around) {
        return new StepPlan.Step(label, code, step.inputSlot(), output, step.every(), step.when(), around);
    }

    /** Activations of what a product is the last to write. */
    private void activations() {
        for (int i = 0; i < steps.length; i++) {
            StepPlan.Step reader = steps[i];
            if (reader != null
                    && reader.code().kind() == StepKind.ACTIVATION
                    && isRead(reader.inputSlot())
                    && isHere(reader)) {
                int last = i - 1;
                while (last >= 0 && (steps[last] == null || step(last).outputSlot() != reader.inputSlot())) {
                    last--;
                }
                if (last >= 0
                        && step(last).code().kind() == StepKind.PACKED
                        && step(last).every() == reader.every()) {
                    activate(last, i);
                }
            }
        }
    }

    private void activate(int product, int activation) {
        StepPlan.Step from = step(product), to = step(activation);
        StepCode code = from.code();
        ActivationKind function = Arrays.stream(ActivationKind.values())
                .filter(kind -> kind.code() == to.code().argument())
                .findFirst()
                .orElseThrow();
        long flops = code.flops() + to.code().flops();
        steps[product] = with(
                from,
                product(code, StepKind.PACKED, code.outputs(), code.scale(), flops),
                from.label() + " + " + to.label(),
                to.outputSlot(),
                new Around(from.around().base(), -1, function, 0));
        steps[activation] = null;
    }

    /** First taps that reach back two positions or more are known ahead. */
    private void leads() {
        for (int i = 0; i < steps.length; i++) {
            StepPlan.Step step = steps[i];
            boolean packed = step != null
                    && (step.code().kind() == StepKind.PACKED || step.code().kind() == StepKind.PACKED_GATE);
            if (step == null || !packed || step.every() != 1) {
                continue;
            }
            int[] distances = slots.distances(step.code());
            int lead = 0;
            while (lead + 1 < distances.length && distances[lead] > 1) {
                lead++;
            }
            Around around = step.around();
            steps[i] = with(
                    step,
                    step.code(),
                    step.label(),
                    step.outputSlot(),
                    new Around(around.base(), around.second(), around.activation(), lead));
        }
    }
}
