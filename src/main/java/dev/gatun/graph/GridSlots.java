package dev.gatun.graph;

import dev.gatun.foreign.NativeGridProgram.Places;
import dev.gatun.foreign.NativeGridProgram.Slot;
import dev.gatun.foreign.StepKind;
import dev.gatun.op.StepCode;
import dev.gatun.op.Tap;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The slots of a grid's step program: one for each node's output, which keeps the rows that are still read, or one place where
 * a pixel alone reads it; behind them the chains of the sums that are begun before their pixel.
 */
final class GridSlots {
    private static final int LANES = 16;

    private final BoundGraph bound;
    private final GridStages stages;
    private final int rows;
    private final int columns;
    private final List<String> labels = new ArrayList<>();
    private final List<Integer> firstOwn = new ArrayList<>();
    private final List<Slot> slots = new ArrayList<>();
    private long stateFloats;

    GridSlots(BoundGraph bound, GridStages stages, int rows, int columns) {
        this.bound = bound;
        this.stages = stages;
        this.rows = rows;
        this.columns = columns;
        for (Node node : bound.graph().nodes()) {
            addNode(node);
        }
        for (Node node : bound.graph().nodes()) {
            firstOwn.add(slots.size());
            for (int features : bound.kernel(node).stepSlots()) {
                addOwn(node, features);
            }
        }
    }

    /** What an operation keeps for itself, where its code reads it at the second of its taps. */
    private void addOwn(Node node, int features) {
        List<Read> kept = bound.stepCode(node).stream()
                .filter(code -> code.kind() == StepKind.GRID_CELL)
                .map(code -> new Read(code.taps().get(1), 0, 0))
                .toList();
        add(node.label() + "#kept", features, reach(kept, node.scale()), node.scale(), false);
    }

    /** The slot that an instruction of a node reads, or -1. */
    int input(Node node, StepCode code) {
        return switch (code.input()) {
            case StepCode.NONE -> -1;
            case StepCode.OUTPUT -> node.id();
            default -> code.input() >= 0 ? node.inputs().get(code.input()).id() : own(node, code.input());
        };
    }

    /** The slot that an instruction of a node writes. */
    int output(Node node, StepCode code) {
        return code.output() == StepCode.OUTPUT ? node.id() : own(node, code.output());
    }

    /** The slot that a number stands for which an operation has to itself. */
    int own(Node node, int place) {
        return firstOwn.get(node.id()) + StepCode.ownSlot(place);
    }

    /** How far readers reach: rows above, columns to the left and to the right. */
    private record Halo(int above, int left, int right) {}

    /** A tap, and the first row and column of the data at which it is read. */
    private record Read(Tap tap, int row, int column) {}

    private Halo reach(List<Read> reads, int scale) {
        int above = 0;
        int left = 0;
        int right = 0;
        for (Read read : reads) {
            int down = places(read.row, GridStep.row(read.tap, rows), scale);
            int across = places(read.column, GridStep.column(read.tap, columns), scale);
            above = Math.max(above, -down);
            left = Math.max(left, -across);
            right = Math.max(right, across);
        }
        return new Halo(above, left, right);
    }

    /** How many places of a map at a scale lie between a row or column of the data and one so far from it. */
    private static int places(int from, int distance, int scale) {
        return Math.floorDiv(from + distance, scale) - Math.floorDiv(from, scale);
    }

    private static Stream<Read> reads(Node reader, StepCode code) {
        Places at = GridStep.places(code, reader.scale());
        int taps = code.kind() == StepKind.GRID_CELL ? 1 : code.taps().size();
        return code.taps().subList(0, taps).stream().map(tap -> new Read(tap, at.row(), at.column()));
    }

    private void addNode(Node node) {
        int scale = isReadAtItsPixelAlone(node) ? Node.ALL_POSITIONS : node.scale();
        List<Read> reads = new ArrayList<>();
        for (Node reader : bound.graph().nodes()) {
            for (StepCode code : bound.stepCode(reader)) {
                if (reads(reader, code, node)) {
                    reads(reader, code).forEach(reads::add);
                }
            }
        }
        boolean levels = node.operation().isLevels();
        add(node.label(), node.operation().features(), reach(reads, scale), scale, levels);
    }

    private static boolean reads(Node reader, StepCode code, Node node) {
        return code.input() == StepCode.OUTPUT
                ? reader.equals(node)
                : code.input() >= 0 && reader.inputs().get(code.input()).equals(node);
    }

    /** Whether all that read a node do so at the pixel at which it was computed, so that it need not outlive it. */
    private boolean isReadAtItsPixelAlone(Node node) {
        return stages.of(node).atPixel()
                && node.operation().recurrence() == null
                && bound.graph().nodes().stream()
                        .filter(reader -> reader.inputs().contains(node))
                        .allMatch(reader -> stages.of(reader).atPixel()
                                && reader.scale() == node.scale()
                                && bound.stepCode(reader).stream()
                                        .filter(code -> reads(reader, code, node))
                                        .allMatch(code -> code.kind() == StepKind.GRID_CELL
                                                || List.of(Tap.HERE).equals(code.taps())));
    }

    /** A slot for the two chains of so many sums of a node. */
    int addChains(Node node, int sums) {
        int width = Math.ceilDiv(sums, LANES) * LANES;
        add(node.label() + "#chains", 2 * width, new Halo(0, 0, 0), node.scale(), false);
        return slots.size() - 1;
    }

    private void add(String label, int features, Halo halo, int scale, boolean levels) {
        int across = Math.ceilDiv(columns, scale);
        int kept = halo.above + 1;
        labels.add(label);
        slots.add(new Slot(features, kept, across, halo.left, halo.right, scale, levels, stateFloats));
        long places = Math.multiplyExact((long) halo.left + across + halo.right, (long) kept);
        long floats = Math.multiplyExact(places, (long) features);
        stateFloats = Math.addExact(stateFloats, Math.ceilDiv(floats, LANES) * LANES);
    }

    String label(int slot) {
        return labels.get(slot);
    }

    List<Slot> all() {
        return List.copyOf(slots);
    }

    long stateFloats() {
        return stateFloats;
    }
}
