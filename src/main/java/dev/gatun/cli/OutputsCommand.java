package dev.gatun.cli;

import dev.gatun.Condition;
import dev.gatun.Examples;
import dev.gatun.Model;
import dev.gatun.Outputs;
import dev.gatun.file.NpyArray.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a network's outputs. */
@Command(
        name = "outputs",
        sortOptions = false,
        description =
                "Writes a network's outputs at every position of some data: float32 [N, outputs of a position, T].",
        footerHeading = "%nExamples:%n",
        footer = {
            "  gatun outputs my.safetensors --data images.npy --out logits.npy",
            "  gatun outputs digits --data digits --split test --out logits.npy",
        })
final class OutputsCommand implements Callable<Integer> {
    private static final long CHUNK_BYTES = 64L << 20;
    private static final int MOST = 256;

    private final Console console;

    @Parameters(
            paramLabel = "MODEL",
            description = "A model file, or the name of a bundled model (digits, mnist," + " mnist-classes).")
    private String name = "";

    @Mixin
    private final DataOptions data = new DataOptions();

    @Option(names = "--out", paramLabel = "Y.npy", required = true, description = "The file to write.")
    private String out = "";

    @Mixin
    private final ConditionOptions conditions = new ConditionOptions();

    @Mixin
    private final PrecisionOptions precision = new PrecisionOptions();

    @Mixin
    private final CommonOptions common = new CommonOptions();

    OutputsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Path file = EvaluateCommand.npyFile("--out", out);
        try (Model model = Models.open(name, common.device(console), precision)) {
            DataOptions.Read read = data.read(model.config().data(), console);
            Examples examples = read.examples();
            Condition condition =
                    conditions.read(model.config(), read.set(), read.split(), examples.count(), examples.length());
            write(model, examples, condition, file);
        }
        return 0;
    }

    private void write(Model model, Examples examples, Condition condition, Path file) throws IOException {
        long bytes = (long) model.config().outputs() * examples.length() * Float.BYTES;
        int chunk = Math.clamp(CHUNK_BYTES / bytes, 1, Math.min(MOST, examples.count()));
        Outputs first = model.outputs(examples.range(0, chunk), condition.slice(0, chunk));
        int[] shape = first.shape().clone();
        shape[0] = examples.count();
        try (Watch watch = new Watch(console, "examples", examples.count(), 1)) {
            NpyRows.write(file, DType.F32, shape, rows -> {
                rows.put(first.values());
                for (int from = chunk; from < examples.count(); from += chunk) {
                    int to = Math.min(from + chunk, examples.count());
                    rows.put(model.outputs(examples.range(from, to), condition.slice(from, to))
                            .values());
                    watch.done(to);
                }
            });
        }
    }
}
