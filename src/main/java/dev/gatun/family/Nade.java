package dev.gatun.family;

import dev.gatun.graph.ChainOrder;
import dev.gatun.graph.Graph;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Neural autoregressive distribution estimator: one hidden layer whose sums grow along the chain. */
final class Nade implements OrderedFamily {
    static final String ORDERING = "ordering";

    @Override
    public String name() {
        return "nade";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.size("hidden"));
    }

    @Override
    public Set<InputEncoding> inputs() {
        return EnumSet.of(InputEncoding.RAW, InputEncoding.UNIT, InputEncoding.SCALED);
    }

    @Override
    public Set<DistributionSpec.Type> distributions() {
        return EnumSet.of(DistributionSpec.Type.BERNOULLI);
    }

    @Override
    public boolean fixedLength() {
        return true;
    }

    /** Both layers start as linear ones. */
    @Override
    public ParameterLayout layout(ModelConfig config) {
        int d = config.data().length().orElseThrow();
        int hidden = config.integer("hidden");
        return new ParameterLayout.Builder()
                .layer("hidden", null, hidden, d)
                .layer("output", null, d, hidden)
                .integers(ORDERING, true, d)
                .build();
    }

    @Override
    public void checkIntegers(ModelConfig config, Map<String, long[]> integers) {
        long @Nullable [] ordering = integers.get(ORDERING);
        if (ordering != null) {
            requirePermutation(ORDERING, ordering, 0);
        }
    }

    @Override
    public List<Graph> graphs(ModelConfig config, Map<String, long[]> integers) {
        int length = config.data().length().orElseThrow();
        long @Nullable [] given = integers.get(ORDERING);
        int[] order = given == null
                ? IntStream.range(0, length).toArray()
                : Arrays.stream(given).mapToInt(Math::toIntExact).toArray();
        SequenceInput input = new SequenceInput(config);
        Graph.Builder builder = input.builder().order(ChainOrder.of(order));
        dev.gatun.op.Nade layer =
                new dev.gatun.op.Nade(IntStream.of(order).boxed().toList(), config.integer("hidden"));
        return List.of(builder.build(builder.add("nade", layer, input.data())));
    }

    /** Refuses values that are not {@code first .. first + size - 1}, each once. */
    static void requirePermutation(String name, long[] values, long first) {
        long[] sorted = values.clone();
        Arrays.sort(sorted);
        if (!Arrays.equals(
                sorted, LongStream.range(first, first + values.length).toArray())) {
            throw InvalidModelException.of(
                    name,
                    Fields.show(Arrays.toString(values)).replace("\"", ""),
                    "a permutation of " + first + ".." + (first + values.length - 1));
        }
    }
}
