package dev.gatun;

import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.Kernels;
import dev.gatun.foreign.NativeMap;
import dev.gatun.graph.BatchWindows;
import dev.gatun.graph.Node;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.Map;

/**
 * Parts of a node's map that a device computes, on their way back: packed there, one example's behind the other's, so that they
 * come in one piece.
 */
final class PackedParts {
    private final BatchWindows windows;
    private final Node node;
    private final DevicePasses device;
    private final Arena arena;
    private final NativeMap room;
    private final Map<Extent, NativeMap> packed = new HashMap<>();

    private record Extent(int rows, int columns) {}

    /** @param positions that a part has at most */
    PackedParts(BatchWindows windows, Node node, int positions, DevicePasses device, Arena arena) {
        this.windows = windows;
        this.node = node;
        this.device = device;
        this.arena = arena;
        GridShape shape = windows.maps().map(node).shape();
        room = NativeMap.allocate(
                arena, new GridShape(shape.examples(), 1, positions, shape.features(), GridShape.Halo.NONE));
        // What grew with a larger part would move, and all that is written down be written again.
        device.hold(room.memory());
    }

    /** Where a part lies when it is there. */
    NativeMap at(GridShape.Window window) {
        return packed.computeIfAbsent(
                new Extent(window.rows(), window.columns()),
                extent -> room.beginning(arena, extent.rows, extent.columns));
    }

    /** Packs a part, among calls that are written down. */
    void pack(Context context, GridShape.Window window) {
        Kernels.copyPart(context, windows.part(node, window), at(window));
    }

    /** Fetches a part that is packed. */
    void fetch(GridShape.Window window) {
        device.fetch(at(window));
    }

    /** Puts a part that is there into the node's own map. */
    void unpack(GridShape.Window window) {
        windows.maps().map(node).set(window, at(window));
    }
}
