package dev.gatun.family;

import dev.gatun.graph.Graph;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** The model families by name. */
public final class Families {
    private static final SequencedMap<String, Family> ALL = new LinkedHashMap<>();

    static {
        List<Family> families = List.of(
                new Markov(),
                new LinearAr(),
                new MlpArm(),
                new RnnArm(),
                new CausalConvArm(),
                new Fvsbn(),
                new Nade(),
                new Made(),
                new PixelCnn(),
                new RowLstm(),
                new DiagonalBilstm(),
                new GatedPixelCnn(),
                new PixelCnnPp(),
                new WaveNet());
        families.forEach(family -> ALL.put(family.name(), family));
    }

    private Families() {}

    /** Whether this version computes models of a family. */
    public static boolean computes(String name) {
        Family family = of(name);
        return family instanceof GraphFamily || family instanceof OrderedFamily;
    }

    /**
     * The graphs of a model: one, or of an ensemble one for each mask.
     *
     * @param integers the model's integer tensors
     * @throws InvalidModelException if the family is one whose models this version does not compute
     */
    public static List<Graph> graphs(ModelConfig config, Map<String, long[]> integers) {
        return switch (config.family()) {
            case OrderedFamily family -> family.graphs(config, integers);
            case GraphFamily family -> List.of(family.graph(config));
            default ->
                throw new InvalidModelException("architecture: '" + config.architecture()
                        + "' is a family whose files this version reads, but that it does not compute; it computes "
                        + names().stream().filter(Families::computes).toList());
        };
    }

    /**
     * The graphs for training with dropout: see {@link GraphFamily#graph(ModelConfig, double)}.
     *
     * @param dropout the probability that a feature is dropped; 0 for the graphs of the model
     * @throws InvalidModelException if the family has no place for dropout
     */
    public static List<Graph> graphs(ModelConfig config, Map<String, long[]> integers, double dropout) {
        if (dropout == 0) {
            return graphs(config, integers);
        }
        if (config.family() instanceof GraphFamily family) {
            return List.of(family.graph(config, dropout));
        }
        throw new InvalidModelException("architecture: '" + config.architecture() + "' has no place for dropout");
    }

    /**
     * The graph of a mask that is drawn for one step of training: see {@link OrderedFamily#drawn}.
     *
     * @throws InvalidModelException if the family has no masks to draw
     */
    public static Graph drawn(
            ModelConfig config, Map<String, long[]> integers, int mask, boolean reorder, long seed, long step) {
        if (config.family() instanceof OrderedFamily family) {
            return family.drawn(config, integers, mask, reorder, seed, step);
        }
        throw new InvalidModelException("architecture: '" + config.architecture() + "' has no masks to draw");
    }

    /** All names, as configurations have them. */
    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /**
     * The family of that name.
     *
     * @throws InvalidModelException if there is none
     */
    public static Family of(String name) {
        @Nullable Family family = ALL.get(name);
        if (family == null) {
            throw InvalidModelException.of("architecture", Fields.show(name), Fields.oneOf(names()));
        }
        return family;
    }
}
