package dev.gatun.cli;

import dev.gatun.Model;
import dev.gatun.file.Json;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what a model is. */
@Command(
        name = "inspect",
        sortOptions = false,
        description =
                "Shows a model's configuration, tensors, receptive field, parameters, FLOPs, bytes and the proof that"
                        + " it is autoregressive.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  gatun inspect digits",
            "  gatun inspect my.safetensors --plan",
            "  gatun inspect my.safetensors --json",
            "  gatun inspect my.safetensors --receptive-field seen.png --position 14,14",
        })
final class InspectCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(
            paramLabel = "MODEL",
            description = "A model file, or the name of a bundled model (digits, mnist," + " mnist-classes).")
    private String name = "";

    @Option(names = "--plan", description = "Show the step program of cached sampling, an instruction a line.")
    private boolean plan;

    @Option(
            names = "--length",
            paramLabel = "L",
            description = "Values of a sample, to count FLOPs of, where the model's data have no length of their own.")
    private @Nullable Integer length;

    @Mixin
    private final FieldOptions field = new FieldOptions();

    @Option(names = "--json", description = "Print all of it as one JSON object; with --receptive-field that alone.")
    private boolean json;

    @Mixin
    private final PrecisionOptions precision = new PrecisionOptions();

    @Mixin
    private final CommonOptions common = new CommonOptions();

    InspectCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (length != null && length < 1) {
            throw new UsageException("--length: found " + length + ", expected at least 1");
        }
        try (Model model = Models.open(name, common.device(console), precision)) {
            int own = model.config().data().length().orElse(0);
            if (length != null && own != 0 && length != own) {
                throw new UsageException(
                        "--length: found " + length + ", expected " + own + ", the length of the model's data");
            }
            int positions = length != null ? length : own;
            if (field.given()) {
                draw(model);
                return 0;
            }
            Inspection inspection = new Inspection(name, model, positions);
            if (json) {
                console.out().println(Json.write(inspection.json(plan)));
            } else {
                inspection.lines(plan).forEach(console.out()::println);
            }
        }
        return 0;
    }

    private void draw(Model model) throws IOException {
        FieldPicture seen = new FieldPicture(model, field);
        seen.write(field);
        if (json) {
            console.out().println(Json.write(seen.json()));
        } else {
            seen.lines().forEach(console.out()::println);
        }
        seen.demand();
    }
}
