package dev.gatun.graph;

import dev.gatun.foreign.NativeStepProgram;
import dev.gatun.op.StepCode;
import dev.gatun.op.Tap;
import java.util.ArrayList;
import java.util.List;

/** The slots of a step program: one for each node's output, those that operations ask for behind them, and how deep each is. */
final class StepSlots {
    private static final int LANES = 16;

    private final BoundGraph bound;
    private final int positions;
    private final List<String> labels = new ArrayList<>();
    private final List<Integer> firstOwn = new ArrayList<>();
    private final List<NativeStepProgram.Slot> slots = new ArrayList<>();
    private long stateFloats;

    StepSlots(BoundGraph bound, int positions) {
        this.bound = bound;
        this.positions = positions;
        List<Integer> features = new ArrayList<>();
        for (Node node : bound.graph().nodes()) {
            labels.add(node.label());
            features.add(node.operation().features());
        }
        for (Node node : bound.graph().nodes()) {
            firstOwn.add(features.size());
            features.addAll(bound.kernel(node).stepSlots());
            while (labels.size() < features.size()) {
                labels.add(node.label() + "#" + (labels.size() - firstOwn.getLast()));
            }
        }
        int[] depths = depths(features.size());
        for (int i = 0; i < depths.length; i++) {
            add(features.get(i), depths[i], isLevels(i));
        }
    }

    private boolean isLevels(int slot) {
        List<Node> nodes = bound.graph().nodes();
        return slot < nodes.size() && nodes.get(slot).operation().isLevels();
    }

    /** One more than the farthest that anybody reads back. */
    private int[] depths(int count) {
        int[] depths = new int[count];
        java.util.Arrays.fill(depths, 1);
        for (Node reader : bound.graph().nodes()) {
            for (StepCode code : bound.stepCode(reader)) {
                int slot = input(reader, code);
                for (int distance : distances(code)) {
                    depths[slot] = Math.max(depths[slot], Math.addExact(distance, 1));
                }
            }
        }
        return depths;
    }

    private void add(int features, int depth, boolean levels) {
        slots.add(new NativeStepProgram.Slot(features, depth, levels, stateFloats));
        long floats = Math.multiplyExact((long) features, (long) depth);
        stateFloats = Math.addExact(stateFloats, Math.ceilDiv(floats, LANES) * LANES);
    }

    /** The slot that an instruction of a node reads, or -1. */
    int input(Node node, StepCode code) {
        return code.input() >= 0 ? node.inputs().get(code.input()).id() : place(node, code.input());
    }

    /** The slot that an instruction of a node writes. */
    int output(Node node, StepCode code) {
        return place(node, code.output());
    }

    /** The argument of an instruction, a slot where its kind wants one. */
    int argument(Node node, StepCode code) {
        return code.kind().argumentIsSlot() ? place(node, code.argument()) : code.argument();
    }

    /** The slot that a number stands for which an operation has for its output or to itself, or -1. */
    int place(Node node, int place) {
        return switch (place) {
            case StepCode.NONE -> -1;
            case StepCode.OUTPUT -> node.id();
            default -> firstOwn.get(node.id()) + StepCode.ownSlot(place);
        };
    }

    /** How far back an instruction reads: no farther than there are positions. */
    int[] distances(StepCode code) {
        return code.taps().stream().mapToInt(this::distance).toArray();
    }

    private int distance(Tap tap) {
        return Math.min(-tap.column(), positions);
    }

    String label(int slot) {
        return labels.get(slot);
    }

    List<NativeStepProgram.Slot> all() {
        return List.copyOf(slots);
    }

    long stateFloats() {
        return stateFloats;
    }
}
