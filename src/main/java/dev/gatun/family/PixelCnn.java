package dev.gatun.family;

import dev.gatun.graph.Graph;
import dev.gatun.graph.Node;
import java.util.List;

/** PixelCNN (van den Oord et al. 2016b): residual blocks of masked convolutions. */
final class PixelCnn extends MaskedImageFamily implements GraphFamily {
    @Override
    public String name() {
        return "pixelcnn";
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.size("features"),
                Option.size("blocks"),
                Option.oddSize("first_kernel_size", 7),
                Option.oddSize("kernel_size", 3),
                Option.size("head_features"));
    }

    @Override
    public void check(ModelConfig config) {
        requireMultiple(config, "features", 2);
        requireMultiple(config, "head_features", 1);
    }

    @Override
    public ParameterLayout layout(ModelConfig config) {
        ParameterLayout.Builder builder = new ParameterLayout.Builder();
        int features = config.integer("features");
        int half = features / 2;
        int k = config.integer("kernel_size");
        input(builder, config);
        for (int i = 0; i < config.integer("blocks"); i++) {
            String name = "blocks." + i;
            masked(builder, config, name + ".reduce", MaskType.B, 1, half, features, 1, 1);
            masked(builder, config, name + ".conv", MaskType.B, 1, half, half, k, k);
            masked(builder, config, name + ".expand", MaskType.B, 1, features, half, 1, 1);
        }
        head(builder, config, features);
        return builder.build();
    }

    @Override
    public Graph graph(ModelConfig config) {
        ImageGraph image = new ImageGraph(config);
        int features = config.integer("features");
        ImageGraph.Kernel kernel = ImageGraph.Kernel.square(config.integer("kernel_size"));
        Node x = image.input();
        for (int i = 0; i < config.integer("blocks"); i++) {
            String name = "blocks." + i;
            Node y = image.pointwise(name + ".reduce", features / 2, image.relu(name + ".relu.0", x));
            y = image.relu(name + ".relu.1", y);
            y = image.relu(name + ".relu.2", image.masked(name + ".conv", MaskType.B, 1, features / 2, kernel, y));
            x = image.sum(name, List.of(x, image.pointwise(name + ".expand", features, y)));
        }
        return image.head(x);
    }
}
