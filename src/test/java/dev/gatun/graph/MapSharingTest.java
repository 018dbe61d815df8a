package dev.gatun.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.foreign.ActivationKind;
import dev.gatun.foreign.Context;
import dev.gatun.foreign.GridShape;
import dev.gatun.foreign.NativeGrid;
import dev.gatun.foreign.NativeMap;
import dev.gatun.op.Activate;
import dev.gatun.op.Data;
import dev.gatun.op.Footprint;
import dev.gatun.op.Kernel;
import dev.gatun.op.Shift;
import dev.gatun.op.StepCode;
import dev.gatun.op.Sum;
import dev.gatun.op.Tap;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whose maps may lie where others lay: never one that is still to be read. */
class MapSharingTest {
    private static final GridShape.Halo LEFT = new GridShape.Halo(0, 0, 1, 0);
    private static final Tap BACK = Tap.back(1);

    private final Graph.Builder builder = new Graph.Builder(Grid.sequence(0));
    private final Node data = builder.add("data", new Data.Numbers(Sketch.WIDTH, new float[2]));

    /** Stands for a product: its gradient reads the input. */
    private record Product(GridShape.Halo gradientHalo) implements Kernel {
        @Override
        public void refresh(Context context) {}

        @Override
        public boolean gradientReadsOutput() {
            return false;
        }

        @Override
        public void run(Context context, List<? extends NativeGrid> inputs, NativeGrid output) {
            throw new AssertionError("not to be run");
        }

        @Override
        public void gradient(
                Context context,
                List<? extends NativeGrid> inputs,
                NativeMap output,
                NativeMap outputGradient,
                List<NativeMap> gradients,
                boolean[] add,
                MemorySegment parameters) {
            throw new AssertionError("not to be run");
        }

        @Override
        public List<StepCode> stepCode() {
            throw new AssertionError("not to be run");
        }
    }

    private Node product(Node from) {
        return builder.add("product", Sketch.reading(Footprint.of(List.of(Tap.back(1)))), from);
    }

    private Node relu(Node from) {
        return builder.add("relu", new Activate(ActivationKind.RELU, Sketch.WIDTH), from);
    }

    private Node sum(Node... maps) {
        return builder.add("sum", Sum.of(Sketch.WIDTH, maps.length), maps);
    }

    private Node shift(Node from) {
        return builder.add("shift", new Shift(Sketch.WIDTH, BACK), from);
    }

    private MapSharing shared(Node outputs, boolean training, Map<Node, GridShape.Halo> around) {
        Graph graph = builder.build(outputs);
        Parameters none = new Parameters(new LinkedHashMap<>(), Arena.ofAuto());
        Map<Node, Kernel> kernels = new HashMap<>();
        for (Node node : graph.nodes()) {
            boolean real = node.operation() instanceof Activate
                    || node.operation() instanceof Shift
                    || node.operation() instanceof Sum;
            GridShape.Halo halo = node.label().equals("convolution") ? LEFT : GridShape.Halo.NONE;
            kernels.put(node, real ? node.operation().bind(none, Arena.ofAuto(), training) : new Product(halo));
        }
        boolean[] wanted = new boolean[graph.nodes().size()];
        Arrays.fill(wanted, 1, wanted.length, true);
        GridShape.Halo[] halos = graph.nodes().stream()
                .map(node -> around.getOrDefault(node, GridShape.Halo.NONE))
                .toArray(GridShape.Halo[]::new);
        return new MapSharing(graph, kernels::get, training ? PassKind.GRADIENTS : PassKind.VALUES, wanted, halos);
    }

    @Test
    void anActivationTakesTheProductsPlace() {
        Node first = product(data);
        Node active = relu(first);
        MapSharing sharing = shared(product(active), true, Map.of());
        assertThat(sharing.values(active)).isEqualTo(first.id());
        assertThat(sharing.gradients(first)).isEqualTo(active.id());
    }

    @Test
    void whatIsReadOnceMoreStays() {
        Node first = product(data);
        Node active = relu(first);
        MapSharing sharing = shared(sum(product(active), product(first)), true, Map.of());
        assertThat(sharing.values(active)).isEqualTo(active.id());
        assertThat(sharing.gradients(first)).isEqualTo(first.id());
    }

    /** Without gradients the last of the readers may. */
    @Test
    void theLastReaderTakesThePlace() {
        Node first = product(data);
        Node other = product(first);
        Node active = relu(first);
        Node outputs = product(sum(other, active));
        assertThat(shared(outputs, false, Map.of()).values(active)).isEqualTo(first.id());
        assertThat(shared(outputs, true, Map.of()).values(active)).isEqualTo(active.id());
    }

    /** The next window of a sequence reads what lay there. */
    @Test
    void whatIsReadAtEarlierPositionsStays() {
        Node first = product(data);
        Node other = product(first);
        Node active = relu(first);
        Node outputs = product(sum(other, active));
        assertThat(shared(outputs, false, Map.of(first, LEFT)).values(active)).isEqualTo(active.id());
    }

    @Test
    void aResidualsGradientIsThatOfItsSum() {
        Node before = product(data);
        Node inside = product(relu(before));
        Node after = sum(before, inside);
        Node outputs = product(after);
        MapSharing sharing = shared(outputs, true, Map.of());
        assertThat(sharing.gradients(before)).isEqualTo(after.id());
        assertThat(sharing.gradients(inside)).isEqualTo(after.id());
        assertThat(sharing.values(after)).isEqualTo(before.id());
    }

    /** An activation's gradient changes the map that the other branch still reads. */
    @Test
    void aBranchDoesNotChangeTheOthersGradient() {
        Node left = product(data);
        Node right = relu(product(data));
        Node after = sum(left, right);
        Node outputs = product(after);
        MapSharing sharing = shared(outputs, true, Map.of());
        Node inner = right.inputs().getFirst();
        boolean three = sharing.gradients(left) == after.id()
                && sharing.gradients(right) == after.id()
                && sharing.gradients(inner) == after.id();
        assertThat(three).isFalse();
    }

    @Test
    void dataAndOutputsStayAlone() {
        Node active = relu(data);
        Node last = relu(product(active));
        MapSharing sharing = shared(last, true, Map.of());
        assertThat(sharing.values(active)).isEqualTo(active.id());
        assertThat(sharing.values(last)).isEqualTo(last.id());
        assertThat(sharing.gradients(last.inputs().getFirst()))
                .isEqualTo(last.inputs().getFirst().id());
    }

    /** The first of three maps is added first. */
    @Test
    void aSumOfThreeTakesTheFirstsPlaceOnly() {
        Node a = product(data);
        Node b = product(data);
        Node c = product(data);
        Node all = sum(a, b, c);
        assertThat(shared(product(all), true, Map.of()).values(all)).isEqualTo(a.id());
    }

    @Test
    void aMapIsMovedWithoutACopy() {
        Node left = product(data);
        Node right = product(data);
        Node moved = shift(right);
        Node after = sum(left, moved);
        MapSharing sharing = shared(product(after), true, Map.of(right, LEFT));
        assertThat(sharing.values(moved)).isEqualTo(right.id());
        assertThat(sharing.movesValues(moved)).isEqualTo(BACK);
        assertThat(sharing.values(after)).isEqualTo(left.id());
        assertThat(sharing.gradients(moved)).isEqualTo(after.id());
        assertThat(sharing.gradients(right)).isEqualTo(after.id());
        assertThat(sharing.movesGradient(right)).isEqualTo(new Tap(0, 1));
        assertThat(sharing.movesGradient(moved)).isNull();
    }

    @Test
    void aViewIsNotWrittenToAndHasNoViews() {
        Node right = product(data);
        Node moved = shift(right);
        Node active = relu(moved);
        Node again = shift(moved);
        MapSharing sharing = shared(product(sum(active, again)), false, Map.of(right, LEFT));
        assertThat(sharing.values(moved)).isEqualTo(right.id());
        assertThat(sharing.values(active)).isEqualTo(active.id());
        assertThat(sharing.values(again)).isEqualTo(again.id());
    }

    /** What lies around a view is not zero. */
    @Test
    void aViewIsNotReadAround() {
        Node right = product(data);
        Node moved = shift(right);
        MapSharing sharing = shared(product(moved), false, Map.of(right, LEFT, moved, LEFT));
        assertThat(sharing.values(moved)).isEqualTo(moved.id());
        assertThat(sharing.movesValues(moved)).isNull();
    }

    /** The gradient of a convolution is read around, too. */
    @Test
    void aGradientThatIsReadAroundIsNoView() {
        Node right = builder.add("convolution", Sketch.reading(Footprint.of(List.of(Tap.back(2)))), data);
        MapSharing sharing = shared(product(shift(right)), true, Map.of(right, LEFT));
        assertThat(sharing.movesGradient(right)).isNull();
    }

    /** A second reader of a map adds to its gradient, which a view has no room for. */
    @Test
    void aGradientThatIsAddedToIsNoView() {
        Node right = product(data);
        Node after = sum(product(right), shift(right));
        MapSharing sharing = shared(product(after), true, Map.of(right, LEFT));
        assertThat(sharing.movesGradient(right)).isNull();
        assertThat(sharing.gradients(right)).isEqualTo(right.id());
    }
}
