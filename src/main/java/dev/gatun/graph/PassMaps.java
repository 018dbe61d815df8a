package dev.gatun.graph;

import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeLevels;
import dev.gatun.foreign.NativeMap;
import dev.gatun.op.Data;
import dev.gatun.op.Given;
import dev.gatun.op.Tap;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The maps of a pass: each node's values, their gradients, what operations keep. Nodes share maps as {@link MapSharing} finds; values
 * and gradients of nodes far from each other share memory too, and so do the values that parts of the graph compute again.
 */
final class PassMaps {
    private final BoundGraph bound;
    private final Arena arena;
    private final int examples;
    private final int rows;
    private final int columns;
    private final PassKind kind;
    private final GridShape.Halo[] halos;
    private final boolean[] wanted;
    private final MapSharing sharing;
    private @Nullable RunningSums sums;
    private final List<NativeGrid> values = new ArrayList<>();
    private final @Nullable NativeMap[] gradients;
    private final List<@Nullable NativeMap> kept = new ArrayList<>();
    private final Set<Node> again = new HashSet<>();
    private long bytes;

    /**
     * Allocates the maps.
     *
     * @param examples of the largest batch
     * @param rows of the grid of an example, all or the first of them
     * @param columns likewise
     */
    PassMaps(BoundGraph bound, Arena arena, int examples, int rows, int columns, PassKind kind) {
        this.bound = bound;
        this.arena = arena;
        this.examples = examples;
        this.rows = rows;
        this.columns = columns;
        this.kind = kind;
        Graph graph = bound.graph();
        wanted = wantsGradient(graph, kind == PassKind.DATA_GRADIENTS);
        halos = graph.nodes().stream().map(this::haloOf).toArray(GridShape.Halo[]::new);
        sharing = new MapSharing(graph, bound::kernel, kind, wanted, halos);
        gradients = new NativeMap[graph.nodes().size()];
        if (kind == PassKind.GRADIENTS_RECOMPUTED) {
            allocateParts();
        } else if (kind.shares()) {
            sums = new RunningSums(graph, bound::kernel, sharing);
            allocateValues();
        } else {
            graph.nodes().forEach(node -> values.add(values(node)));
        }
        graph.nodes().forEach(node -> kept.add(ownKept(node)));
        if (kind.training()) {
            allocateGradients();
        }
    }

    /** Maps that nobody uses at the time, by their shapes. */
    private final class Pool {
        private final Map<GridShape, Deque<NativeMap>> free = new HashMap<>();

        NativeMap take(GridShape shape) {
            Deque<NativeMap> maps = free.get(shape);
            return maps == null || maps.isEmpty() ? map(shape) : maps.pop();
        }

        void give(NativeMap map) {
            free.computeIfAbsent(map.shape(), _ -> new ArrayDeque<>()).push(map);
        }
    }

    private NativeMap map(GridShape shape) {
        bytes += shape.size() * Float.BYTES;
        return NativeMap.allocate(arena, shape);
    }

    private NativeGrid values(Node node) {
        return values(node, shapeOfAll(node));
    }

    /** With what all nodes whose values lie in this one's map need around it. */
    private GridShape shapeOfAll(Node node) {
        GridShape.Halo around = GridShape.Halo.NONE;
        for (Node other : bound.graph().nodes()) {
            around = sharing.values(other) == node.id() ? around.with(halos[other.id()]) : around;
        }
        return shape(node, around);
    }

    /** Values that are read by later nodes alone lie, from the last of these on, where others have theirs. */
    private void allocateValues() {
        List<Node> nodes = bound.graph().nodes();
        int[] ends = new int[nodes.size()];
        for (Node node : nodes) {
            int home = sharing.values(node);
            int end =
                    isForOthers(node) ? Objects.requireNonNull(sums).lastRead(bound.graph(), node) : Integer.MAX_VALUE;
            ends[home] = Math.max(ends[home], end);
        }
        Pool pool = new Pool();
        for (Node node : nodes) {
            if (!isHome(node)) {
                values.add(view(values.get(sharing.values(node)), sharing.movesValues(node)));
            } else if (ends[node.id()] == Integer.MAX_VALUE) {
                values.add(values(node));
            } else {
                values.add(pool.take(shapeOfAll(node)));
            }
            for (int home = 0; home <= node.id(); home++) {
                if (ends[home] == node.id() && sharing.values(nodes.get(home)) == home) {
                    pool.give((NativeMap) values.get(home));
                }
            }
        }
    }

    private NativeGrid view(NativeGrid map, @Nullable Tap tap) {
        return tap == null ? map : ((NativeMap) map).moved(arena, tap.row(), tap.column());
    }

    /** Whether a node's values are there for later nodes of a run, and nobody else. */
    private boolean isForOthers(Node node) {
        boolean given = node.operation() instanceof Data || node.operation() instanceof Given;
        return !given
                && !sharing.isKept(node)
                && !node.operation().isLevels()
                && !node.equals(bound.graph().outputs());
    }

    private NativeGrid values(Node node, GridShape shape) {
        if (!node.operation().isLevels()) {
            return map(shape);
        }
        bytes += shape.size() * Integer.BYTES;
        return NativeLevels.allocate(arena, shape);
    }

    /** What its part of the graph alone reads lies where other parts have theirs. */
    private void allocateParts() {
        Pool pool = new Pool();
        List<NativeMap> taken = new ArrayList<>();
        int part = 0;
        for (Node node : bound.graph().nodes()) {
            if (bound.graph().part(node) != part) {
                part = bound.graph().part(node);
                taken.forEach(pool::give);
                taken.clear();
            }
            GridShape shape = shape(node, halos[node.id()]);
            if (isOfItsPartAlone(node)) {
                taken.add(pool.take(shape));
                values.add(taken.getLast());
                again.add(node);
            } else {
                values.add(values(node, shape));
            }
        }
    }

    /** Whether a node's values can be computed again, and are read within its part of the graph alone. */
    private boolean isOfItsPartAlone(Node node) {
        Graph graph = bound.graph();
        boolean given = node.operation() instanceof Data || node.operation() instanceof Given;
        return !given
                && !node.operation().isLevels()
                && !node.equals(graph.outputs())
                && bound.kernel(node).keptFeatures() == 0
                && graph.nodes().stream()
                        .filter(reader -> reader.inputs().contains(node))
                        .allMatch(reader -> graph.part(reader) == graph.part(node));
    }

    /** A gradient lives from the first reader's that adds to it, going backwards, to its own node's. */
    private void allocateGradients() {
        List<Node> nodes = bound.graph().nodes();
        int[] lives = new int[nodes.size()];
        nodes.reversed().forEach(node -> lives[sharing.gradients(node)] = node.id());
        Pool pool = new Pool();
        int last = bound.graph().outputs().id();
        take(bound.graph().outputs(), pool);
        for (int id = last; id >= 0; id--) {
            NativeMap own = gradients[id];
            if (own == null) {
                continue;
            }
            nodes.get(id).inputs().forEach(input -> take(input, pool));
            // That of the data is read at the end.
            boolean ended = lives[sharing.gradients(nodes.get(id))] == id;
            if (ended && !(nodes.get(id).operation() instanceof Data)) {
                pool.give(Objects.requireNonNull(gradients[sharing.gradients(nodes.get(id))]));
            }
        }
    }

    private void take(Node node, Pool pool) {
        if (!wanted[node.id()] || gradients[node.id()] != null) {
            return;
        }
        GridShape.Halo around = GridShape.Halo.NONE;
        for (Node other : bound.graph().nodes()) {
            if (sharing.gradients(other) == sharing.gradients(node)) {
                around = around.with(bound.kernel(other).gradientHalo());
            }
        }
        NativeMap map = pool.take(shape(node, around));
        for (Node other : bound.graph().nodes()) {
            if (sharing.gradients(other) == sharing.gradients(node)) {
                gradients[other.id()] = (NativeMap) view(map, sharing.movesGradient(other));
            }
        }
    }

    private static boolean[] wantsGradient(Graph graph, boolean ofData) {
        boolean[] wanted = new boolean[graph.nodes().size()];
        for (Node node : graph.nodes()) {
            wanted[node.id()] = (ofData && node.operation() instanceof Data.Numbers)
                    || !node.operation().parameters().isEmpty()
                    || node.inputs().stream().anyMatch(input -> wanted[input.id()]);
        }
        return wanted;
    }

    private @Nullable NativeMap ownKept(Node node) {
        GridShape grid = values.get(node.id()).shape();
        int features = bound.kernel(node).keptFeatures();
        int down = kind.keepsAll() ? grid.rows() : 1;
        int across = kind.keepsAll() ? grid.columns() : 1;
        GridShape.Halo halo = bound.kernel(node).keptHalo();
        return features == 0 ? null : map(new GridShape(grid.examples(), down, across, features, halo));
    }

    private GridShape shape(Node node, GridShape.Halo halo) {
        int own = Math.ceilDiv(rows, node.scale());
        int across = Math.ceilDiv(columns, node.scale());
        return new GridShape(examples, own, across, node.operation().features(), halo.within(own, across));
    }

    private GridShape.Halo haloOf(Node node) {
        GridShape.Halo halo = bound.kernel(node).outputHalo();
        for (Node reader : bound.graph().nodes()) {
            for (int i = 0; i < reader.inputs().size(); i++) {
                if (reader.inputs().get(i).equals(node)) {
                    halo = halo.with(bound.kernel(reader).inputHalo(i));
                }
            }
        }
        return halo;
    }

    /** What a node and its readers need around its map. */
    GridShape.Halo halo(Node node) {
        return halos[node.id()];
    }

    /** The sums that are added up while their maps are computed, or null where there are none. */
    @Nullable
    RunningSums sums() {
        return sums;
    }

    /** A node's values. */
    NativeGrid of(Node node) {
        return values.get(node.id());
    }

    /** Whether a node is the first of those whose values lie in one map. */
    boolean isHome(Node node) {
        return sharing.values(node) == node.id();
    }

    /** A node's gradient, or null where none is wanted. */
    @Nullable
    NativeMap gradient(Node node) {
        return gradients[node.id()];
    }

    /** What a node's operation keeps for its gradient, or null. */
    @Nullable
    NativeMap kept(Node node) {
        return kept.get(node.id());
    }

    /** Whether another part of the graph may have written over a node's values. */
    boolean isComputedAgain(Node node) {
        return again.contains(node);
    }

    /** All maps, some of them more than once. */
    Stream<NativeGrid> all() {
        Stream<@Nullable NativeMap> others = Stream.concat(Arrays.stream(gradients), kept.stream());
        return Stream.concat(values.stream(), others.filter(Objects::nonNull));
    }

    /** Memory of all maps. */
    long bytes() {
        return bytes;
    }
}
