package dev.gatun.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.op.Data;
import dev.gatun.op.Footprint;
import dev.gatun.op.Footprint.Groups;
import dev.gatun.op.Tap;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The proof on every kind of family: it holds where it should, and names the path where somebody planted a leak. */
class CausalityTest {
    private static final Tap ABOVE = new Tap(-1, 0);
    private static final Tap LEFT = new Tap(0, -1);
    private static final Tap RIGHT = new Tap(0, 1);

    private static Node data(Graph.Builder builder) {
        return builder.add("data", new Data.Numbers(Sketch.WIDTH, new float[2]));
    }

    private static Reach reach(Graph graph, Node node) {
        return graph.causality().reach(node);
    }

    @Test
    void wavenetReachesThePositionBefore() {
        Graph.Builder builder = new Graph.Builder(Grid.sequence(0));
        Node condition = builder.add("condition", Sketch.reading());
        Node x = builder.add("input", Sketch.reading(Footprint.of(Tap.causal(1, 1, 1))), data(builder));
        List<Node> skips = new ArrayList<>();
        for (int layer = 0; layer < 10; layer++) {
            Footprint taps = Footprint.of(Tap.causal(2, 1 << layer, 0));
            Node z = builder.add("layers." + layer, Sketch.reading(taps, new Footprint.Anywhere()), x, condition);
            skips.add(z);
            x = builder.add("residual." + layer, Sketch.sum(2), x, z);
        }
        skips.add(x);
        Graph graph = builder.build(builder.add("head", Sketch.sum(11), skips.toArray(Node[]::new)));
        assertThat(reach(graph, graph.outputs())).isEqualTo(new Reach.Position(0, -1, Groups.ALL));
        assertThat(reach(graph, condition)).isEqualTo(new Reach.Nothing());
        assertThat(graph.receptiveField().length()).isEqualTo(1024);
        assertThat(graph.receptiveField().positions()).hasSize(1024);
    }

    @Test
    void aTapTooNewIsNamedWithItsPath() {
        Graph.Builder builder = new Graph.Builder(Grid.sequence(8));
        Node first = builder.add("layers.0", Sketch.reading(Footprint.of(Tap.causal(3, 2, 1))), data(builder));
        Node second = builder.add("layers.1", Sketch.reading(Footprint.of(List.of(LEFT, RIGHT))), first);
        Node head = builder.add("head", Sketch.pointwise(), second);
        assertThatThrownBy(() -> builder.build(head))
                .isInstanceOf(LeakException.class)
                .hasMessageContaining("head depends on")
                .hasMessageContaining("head <- layers.1 <- layers.0 at (1) <- data at (-1)");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void pixelcnnReachesEarlierGroups(int groups) {
        Graph.Builder builder = new Graph.Builder(new Grid(28, 28, groups));
        Node x = builder.add("input", Sketch.reading(Sketch.masked(7, Groups.EARLIER)), data(builder));
        for (int block = 0; block < 7; block++) {
            Node y = builder.add("conv." + block, Sketch.reading(Sketch.masked(3, Groups.UP_TO_OWN)), x);
            x = builder.add("sum." + block, Sketch.sum(2), x, y);
        }
        Graph graph = builder.build(x);
        Groups own = groups == 1 ? Groups.ALL : Groups.EARLIER;
        assertThat(reach(graph, x)).isEqualTo(new Reach.Position(0, groups == 1 ? -1 : 0, own));
    }

    @ParameterizedTest
    @ValueSource(strings = {"B", "all"})
    void pixelcnnWithAWrongFirstMaskLeaks(String mask) {
        Graph.Builder builder = new Graph.Builder(new Grid(5, 5, 3));
        Groups centre = mask.equals("B") ? Groups.UP_TO_OWN : Groups.ALL;
        Node x = builder.add("input", Sketch.reading(Sketch.masked(3, centre)), data(builder));
        assertThatThrownBy(() -> builder.build(x))
                .isInstanceOf(LeakException.class)
                .hasMessageContaining(mask.equals("B") ? "its own position" : "all groups of its position");
    }

    @Test
    void mixingAllGroupsAfterMaskALeaks() {
        Graph.Builder builder = new Graph.Builder(new Grid(5, 5, 3));
        Node x = builder.add("input", Sketch.reading(Sketch.masked(3, Groups.EARLIER)), data(builder));
        Node y = builder.add("mix", Sketch.reading(Footprint.of(List.of(Tap.HERE))), x);
        assertThatThrownBy(() -> builder.build(y))
                .isInstanceOf(LeakException.class)
                .hasMessageContaining("mix <- input");
    }

    /** Vertical and horizontal stacks; the vertical one sees its whole neighbourhood and must be moved down. */
    private static Graph gated(boolean movedDown) {
        Graph.Builder builder = new Graph.Builder(new Grid(9, 9, 1));
        Node v = data(builder);
        Node h = v;
        Groups centre = Groups.EARLIER;
        for (int layer = 0; layer < 4; layer++) {
            v = builder.add("vertical." + layer, Sketch.reading(Footprint.of(Sketch.box(-1, 0, -1, 1))), v);
            Footprint down = Footprint.of(List.of(movedDown ? ABOVE : Tap.HERE));
            Footprint row = new Footprint.Taps(Sketch.box(0, 0, -1, 0), centre);
            h = builder.add("horizontal." + layer, Sketch.reading(row, down), h, v);
            centre = Groups.UP_TO_OWN;
        }
        return builder.build(builder.add("head", Sketch.pointwise(), h));
    }

    @Test
    void gatedStacksReachThePixelBefore() {
        Graph graph = gated(true);
        assertThat(reach(graph, graph.outputs())).isEqualTo(new Reach.Position(0, -1, Groups.ALL));
        Node lastVertical = graph.nodes().stream()
                .filter(node -> node.label().equals("vertical.3"))
                .findFirst()
                .orElseThrow();
        assertThat(reach(graph, lastVertical)).isEqualTo(new Reach.Position(0, 4, Groups.ALL));
        assertThatThrownBy(() -> gated(false)).isInstanceOf(LeakException.class).hasMessageContaining("vertical");
    }

    @Test
    void theBlindSpotOfPlainPixelcnnIsNotThereInTheGatedOne() {
        Graph.Builder builder = new Graph.Builder(new Grid(9, 9, 1));
        Node x = builder.add("input", Sketch.reading(Sketch.masked(3, Groups.EARLIER)), data(builder));
        for (int layer = 0; layer < 3; layer++) {
            x = builder.add("conv." + layer, Sketch.reading(Sketch.masked(3, Groups.UP_TO_OWN)), x);
        }
        Tap blind = new Tap(-1, 3);
        assertThat(builder.build(x).receptiveField().positions())
                .doesNotContain(blind)
                .contains(new Tap(-3, 3));
        assertThat(gated(true).receptiveField().positions()).contains(blind);
    }

    /** Left stream, and right stream, which must be moved down a row. */
    private static Graph bilstm(boolean movedDown) {
        Graph.Builder builder = new Graph.Builder(new Grid(6, 5, 1));
        Node x = builder.add("input", Sketch.reading(Sketch.masked(7, Groups.EARLIER)), data(builder));
        Node left = builder.add("left", Sketch.recurrent(Footprint.POINTWISE, List.of(ABOVE, LEFT)), x);
        Node right = builder.add("right", Sketch.recurrent(Footprint.POINTWISE, List.of(ABOVE, RIGHT)), x);
        Footprint down = Footprint.of(List.of(movedDown ? ABOVE : Tap.HERE));
        return builder.build(builder.add("merge", Sketch.reading(Footprint.POINTWISE, down), left, right));
    }

    @Test
    void theRightStreamReachesItsWholeRow() {
        Graph graph = bilstm(true);
        assertThat(reach(graph, graph.outputs())).isEqualTo(new Reach.Position(0, -1, Groups.ALL));
        Node right = graph.nodes().stream()
                .filter(node -> node.label().equals("right"))
                .findFirst()
                .orElseThrow();
        assertThat(reach(graph, right)).isEqualTo(new Reach.Position(0, Reach.Position.WHOLE_ROW, Groups.ALL));
        assertThat(graph.receptiveField().unbounded()).isTrue();
        assertThatThrownBy(() -> bilstm(false))
                .isInstanceOf(LeakException.class)
                .hasMessageContaining("the whole of its row")
                .hasMessageContaining("right (recurrent)");
    }

    @Test
    void rowLstmReachesWhatItsInputReaches() {
        Graph.Builder builder = new Graph.Builder(new Grid(6, 5, 3));
        Node x = builder.add("input", Sketch.reading(Sketch.masked(7, Groups.EARLIER)), data(builder));
        Footprint row = new Footprint.Taps(Sketch.box(0, 0, -1, 0), Groups.UP_TO_OWN);
        Node lstm = builder.add("lstm", Sketch.recurrent(row, Sketch.box(-1, -1, -1, 1)), x);
        assertThat(reach(builder.build(lstm), lstm)).isEqualTo(new Reach.Position(0, 0, Groups.EARLIER));
    }

    @Test
    void aStateThatReadsItselfIsRefused() {
        Graph.Builder builder = new Graph.Builder(Grid.sequence(4));
        Node x = builder.add("input", Sketch.recurrent(Footprint.of(List.of(LEFT)), List.of(Tap.HERE)), data(builder));
        assertThatThrownBy(() -> builder.build(x)).hasMessageContaining("its state reads (0) of itself");
    }

    /** PixelCNN++'s vertical stream over two scales; a growing kernel's taps depend on where in its 2 x 2 a pixel is. */
    private static Graph plusPlus(boolean shifted) {
        Graph.Builder builder = new Graph.Builder(new Grid(8, 8, 1));
        Footprint stream = Footprint.of(Sketch.box(-1, 0, -1, 1));
        Node start = builder.add("input", Sketch.reading(stream), data(builder));
        Footprint down = Footprint.of(List.of(shifted ? ABOVE : Tap.HERE));
        Node up = builder.add("down", Sketch.reading(down), start);
        Node coarse = builder.addAtScale(2, "shrink", Sketch.reading(stream), up);
        Node block = builder.add(
                "block",
                Sketch.reading(Footprint.of(List.of(
                        new Tap(-2, -2), new Tap(-2, 0), new Tap(-2, 2), new Tap(0, -2), Tap.HERE, new Tap(0, 2)))),
                coarse);
        Footprint grow = Footprint.of(Sketch.box(-1, 0, -1, 1));
        return builder.build(builder.addAtScale(1, "grow", Sketch.reading(grow), block));
    }

    @Test
    void scalesAddUp() {
        Graph graph = plusPlus(true);
        assertThat(reach(graph, graph.outputs())).isEqualTo(new Reach.Position(-1, 5, Groups.ALL));
        assertThat(graph.nodes().get(3).scale()).isEqualTo(2);
        assertThatThrownBy(() -> plusPlus(false)).isInstanceOf(LeakException.class);
    }

    /** MADE: degrees of inputs 2, 3, 1; hidden units of degrees 1, 2, 2, 1, 2, 1. */
    private static Graph made(boolean strictOutputs) {
        List<Integer> inputs = List.of(2, 3, 1, 4, 6, 5);
        List<Integer> hidden = List.of(1, 2, 5, 3, 4, 1);
        Graph.Builder builder = new Graph.Builder(Grid.sequence(6)).places(inputs);
        Node h = builder.add("layers.0", Sketch.reading(new Footprint.Degrees(inputs, hidden, false)), data(builder));
        Node y = builder.add("layers.1", Sketch.reading(new Footprint.Degrees(hidden, inputs, strictOutputs)), h);
        return builder.build(y);
    }

    @Test
    void degreesKeepMadeAutoregressive() {
        Graph graph = made(true);
        assertThat(reach(graph, graph.outputs())).isEqualTo(new Reach.Units(List.of(1, 2, 0, 3, 5, 4)));
        assertThat(graph.receptiveField().unbounded()).isTrue();
        assertThatThrownBy(() -> made(false))
                .isInstanceOf(LeakException.class)
                .hasMessageContaining("depends on place")
                .hasMessageContaining("earlier places only");
    }

    @Test
    void nodesThatDoNotFitAreRefused() {
        Graph.Builder builder = new Graph.Builder(Grid.sequence(6));
        Node x = data(builder);
        assertThatThrownBy(() -> builder.add("two", Sketch.sum(2), x))
                .hasMessageContaining("found 1 inputs, expected 2");
        Node levels = builder.add("levels", new Data.Levels(Sketch.WIDTH));
        assertThatThrownBy(() -> builder.add("h", Sketch.pointwise(), levels))
                .hasMessageContaining("has 6 levels, expected 6 features");
        Node other = data(new Graph.Builder(Grid.sequence(6)));
        assertThatThrownBy(() -> builder.add("h", Sketch.pointwise(), other)).hasMessageContaining("another graph");
        builder.add("nowhere", Sketch.pointwise(), x);
        Node head = builder.add("head", Sketch.reading(Footprint.of(List.of(LEFT))), x);
        assertThatThrownBy(() -> builder.build(head)).hasMessageContaining("nowhere: nothing reads it");
    }

    @Test
    void tapsOutOfOrderAreRefused() {
        assertThatThrownBy(() -> Footprint.of(List.of(Tap.HERE, LEFT)))
                .hasMessageContaining("found (0) before (-1), expected raster order");
    }
}
