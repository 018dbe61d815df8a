package dev.gatun.cli;

import dev.gatun.Model;
import dev.gatun.convert.Converter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a model file of another program's. */
@Command(
        name = "import",
        sortOptions = false,
        description = {
            "Makes a model file of what another program saved. Known by the names of their arrays in an .npz:",
            "  charRNN (ml5; TensorFlow's BasicLSTMCell): embedding, lstm{k}_kernel, lstm{k}_bias, softmax_w, softmax_b,"
                    + " vocab_ascii. It becomes an rnn_arm; the embedding is multiplied into the first layer.",
            "  Gated PixelCNN of UvA's deep learning tutorial 12: conv_vstack, conv_hstack, conv_layers.{k}, conv_out. It"
                    + " becomes a gated_pixelcnn of 28 x 28 pixels with a plain stem and dilations."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  gatun import charrnn_shakespeare_ml5.npz --out charrnn.safetensors",
            "  gatun sample charrnn.safetensors --length 500 --out -",
            "  gatun import pixelcnn_mnist_uvadl.npz --out pixelcnn.safetensors",
            "  gatun evaluate pixelcnn.safetensors --data mnist --split test --per-example nats.npy",
        })
final class ImportCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "FILE", description = "What is imported.")
    private Path file = Path.of("");

    @Option(names = "--out", paramLabel = "MODEL", required = true, description = "The model file to write.")
    private String out = "";

    @Mixin
    private final CommonOptions common = new CommonOptions();

    ImportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Path target = SampleFiles.outFile(out);
        try (Model model = Converter.convert(file, common.processor(console))) {
            model.save(target);
            console.out()
                    .println(target + ": " + model.config().architecture() + ", "
                            + Numbers.grouped(model.parameterCount()) + " parameters");
        }
        return 0;
    }
}
