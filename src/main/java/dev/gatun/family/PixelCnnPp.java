package dev.gatun.family;

import dev.gatun.graph.Graph;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** PixelCNN++ (Salimans et al. 2017): two streams over three scales, shifts in place of masks. */
final class PixelCnnPp implements GraphFamily {
    private static final int SCALES = 3;
    /** What a block adds to its input is small before training. */
    private static final double BLOCK_DEVIATION = 0.1;

    private static final String[] STREAMS = {"vertical", "horizontal"};

    @Override
    public String name() {
        return "pixelcnn_pp";
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.size("features"), Option.size("resnet_blocks"), Option.condition(Map.of("class", "classes")));
    }

    @Override
    public Set<DistributionSpec.Type> distributions() {
        return EnumSet.of(DistributionSpec.Type.DISCRETIZED_LOGISTIC_MIXTURE);
    }

    @Override
    public boolean imageOnly() {
        return true;
    }

    @Override
    public void check(ModelConfig config) {
        DataSpec.Image image = (DataSpec.Image) config.data();
        requireFour("data.height", image.height());
        requireFour("data.width", image.width());
    }

    private static void requireFour(String key, int size) {
        if (size % 4 != 0) {
            throw InvalidModelException.of(key, Integer.toString(size), "a multiple of 4 for pixelcnn_pp");
        }
    }

    @Override
    public ParameterLayout layout(ModelConfig config) {
        ParameterLayout.Builder builder = new ParameterLayout.Builder();
        long f = config.integer("features");
        int n = config.integer("resnet_blocks");
        long inputs = (long) config.encoded() * config.data().channels() + 1; // and the feature of ones
        builder.layer("input.vertical", null, f, inputs, 2, 3);
        builder.layer("input.above", null, f, inputs, 1, 3);
        builder.layer("input.left", null, f, inputs, 2, 1);
        for (int scale = 0; scale < SCALES; scale++) {
            for (int i = 0; i < n; i++) {
                block(builder, config, "up." + scale + "." + i, 0, 2 * f);
            }
        }
        for (int scale = 0; scale < SCALES; scale++) {
            for (int i = 0; i < n + (scale > 0 ? 1L : 0L); i++) {
                block(builder, config, "down." + scale + "." + i, 2 * f, 4 * f);
            }
        }
        for (int scale = 0; scale < SCALES - 1; scale++) {
            for (String stream : STREAMS) {
                builder.layer("shrink." + scale + "." + stream, null, f, f, 2, width(stream));
                builder.transposed("grow." + scale + "." + stream, f, f, 2, width(stream));
            }
        }
        return builder.layer("output", null, config.outputs(), f, 1, 1).build();
    }

    @Override
    public Graph graph(ModelConfig config) {
        return PixelCnnPpGraph.of(config, 0);
    }

    /** Dropout in each block before {@code conv_out}, as the paper has it. */
    @Override
    public Graph graph(ModelConfig config, double dropout) {
        return PixelCnnPpGraph.of(config, dropout);
    }

    private static int width(String stream) {
        return stream.equals("vertical") ? 3 : 2;
    }

    /** A block of both streams, with the features that each one's {@code skip} takes; 0: it has none. */
    private static void block(
            ParameterLayout.Builder builder, ModelConfig config, String name, long skipVertical, long skipHorizontal) {
        long f = config.integer("features");
        for (String stream : STREAMS) {
            String of = name + "." + stream;
            long skip = stream.equals("vertical") ? skipVertical : skipHorizontal;
            builder.layer(of + ".conv_in", null, f, 2 * f, 2, width(stream));
            if (skip > 0) {
                builder.layer(of + ".skip", null, f, skip, 1, 1);
            }
            builder.layer(of + ".conv_out", BLOCK_DEVIATION, null, 2 * f, 2 * f, 2, width(stream));
            if (config.object("condition") != null) {
                builder.weight(of + ".condition", null, 2 * f, config.integer("condition.classes"));
            }
        }
    }
}
