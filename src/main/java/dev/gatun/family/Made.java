package dev.gatun.family;

import dev.gatun.graph.Graph;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Masked autoencoder: a perceptron whose masks come from the degrees of its units. */
final class Made implements OrderedFamily {
    static final String DIRECT = "direct.weight";

    @Override
    public String name() {
        return "made";
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.sizes("hidden"), Option.activation(), Option.whole("masks", 1, 1), Option.flag("direct", false));
    }

    @Override
    public boolean fixedLength() {
        return true;
    }

    @Override
    public ParameterLayout layout(ModelConfig config) {
        ParameterLayout.Builder builder = new ParameterLayout.Builder();
        int d = config.data().length().orElseThrow();
        int[] hidden = config.integers("hidden");
        long first = (long) d * config.encoded();
        long last = (long) d * config.outputs();
        long inputs = first;
        for (int l = 0; l <= hidden.length; l++) {
            long outputs = l < hidden.length ? hidden[l] : last;
            String name = "layers." + l;
            builder.layer(name, integers -> entries(config, name + ".weight", integers), outputs, inputs);
            inputs = outputs;
        }
        if (config.flag("direct")) {
            builder.weight("direct", integers -> entries(config, DIRECT, integers), last, first);
        }
        for (int m = 0; m < config.integer("masks"); m++) {
            for (int l = 0; l <= hidden.length; l++) {
                builder.integers(degrees(m, l), false, l == 0 ? d : hidden[l - 1]);
            }
        }
        return builder.build();
    }

    @Override
    public boolean masked() {
        return true;
    }

    @Override
    public List<Graph> graphs(ModelConfig config, Map<String, long[]> integers) {
        return IntStream.range(0, config.integer("masks"))
                .mapToObj(m -> MadeGraph.of(config, layer -> degrees(integers, m, layer)))
                .toList();
    }

    @Override
    public Graph drawn(
            ModelConfig config, Map<String, long[]> integers, int mask, boolean reorder, long seed, long step) {
        int layers = config.integers("hidden").length;
        long[][] drawn = new long[layers + 1][];
        for (int l = 0; l <= layers; l++) {
            drawn[l] = degrees(integers, mask, l).clone();
        }
        Initialization.drawDegrees(drawn, reorder, seed, step);
        return MadeGraph.of(config, layer -> drawn[layer]);
    }

    @Override
    public void checkIntegers(ModelConfig config, Map<String, long[]> integers) {
        for (int m = 0; m < config.integer("masks"); m++) {
            Nade.requirePermutation(degrees(m, 0), degrees(integers, m, 0), 1);
        }
    }

    /** The name of the degrees of mask m's layer l; l = 0: the inputs. */
    static String degrees(int m, int l) {
        return "masks." + m + ".degrees." + l;
    }

    /** The degrees of mask m's layer l; l = 0: the inputs. */
    static long[] degrees(Map<String, long[]> integers, int m, int l) {
        long @Nullable [] degrees = integers.get(degrees(m, l));
        if (degrees == null) {
            throw new IllegalArgumentException(degrees(m, l) + ": missing among " + integers.keySet());
        }
        return degrees;
    }

    /** The entries of a weight that count in at least one mask. */
    static Mask.Entries entries(ModelConfig config, String name, Map<String, long[]> integers) {
        int masks = config.integer("masks");
        Mask.Entries[] ofMask = new Mask.Entries[masks];
        for (int m = 0; m < masks; m++) {
            ofMask[m] = entries(config, name, m, integers);
        }
        return index -> {
            for (Mask.Entries entries : ofMask) {
                if (entries.counts(index)) {
                    return true;
                }
            }
            return false;
        };
    }

    /** The entries of a weight that count in mask m: of a hidden unit degrees ≤ its own, of an output degrees below its own. */
    static Mask.Entries entries(ModelConfig config, String name, int m, Map<String, long[]> integers) {
        int hidden = config.integers("hidden").length;
        boolean direct = name.equals(DIRECT);
        int layer = direct ? 0 : Integer.parseInt(name.substring("layers.".length(), name.lastIndexOf('.')));
        boolean toOutput = direct || layer == hidden;
        long[] below = degrees(integers, m, layer);
        long[] above = degrees(integers, m, toOutput ? 0 : layer + 1);
        int unitsBelow = layer == 0 ? config.encoded() : 1; // the units that share a degree
        int unitsAbove = toOutput ? config.outputs() : 1;
        long columns = (long) below.length * unitsBelow;
        return index -> {
            long own = above[(int) (index / columns / unitsAbove)];
            long seen = below[(int) (index % columns / unitsBelow)];
            return toOutput ? seen < own : seen <= own;
        };
    }
}
