package dev.gatun.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program. */
@Command(
        name = "gatun",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Autoregressive generative models: trains, evaluates and samples them.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  gatun sample digits --count 64 --seed 1 --out digits.png",
            "  gatun train digits --out my.safetensors",
            "  gatun evaluate my.safetensors --data digits --split test",
            "  gatun inspect my.safetensors",
            "",
            "'gatun COMMAND --help' describes a command.",
        })
public final class Main implements Runnable {
    /** Commands by name, made only when they are asked for: reading annotations costs time at every start. */
    private static final Map<String, Function<Console, Object>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("sample", SampleCommand::new);
        COMMANDS.put("complete", CompleteCommand::new);
        COMMANDS.put("query", QueryCommand::new);
        COMMANDS.put("evaluate", EvaluateCommand::new);
        COMMANDS.put("score", ScoreCommand::new);
        COMMANDS.put("follow", FollowCommand::new);
        COMMANDS.put("defend", DefendCommand::new);
        COMMANDS.put("outputs", OutputsCommand::new);
        COMMANDS.put("train", TrainCommand::new);
        COMMANDS.put("compress", CompressCommand::new);
        COMMANDS.put("decompress", DecompressCommand::new);
        COMMANDS.put("import", ImportCommand::new);
        COMMANDS.put("inspect", InspectCommand::new);
        COMMANDS.put("profile", ProfileCommand::new);
        COMMANDS.put("bench", BenchCommand::new);
        COMMANDS.put("data", DataCommand::new);
        COMMANDS.put("fetch-data", FetchDataCommand::new);
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    private Main() {}

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.setProperty("java.awt.headless", "true");
        System.exit(run(args, System.out, System.err));
    }

    /**
     * Runs a command.
     *
     * @param out where results go, in UTF-8
     * @param err where messages go, in UTF-8
     * @return the exit code
     */
    static int run(String[] args, PrintStream out, PrintStream err) {
        Console console = new Console(utf8(out), utf8(err), err.equals(System.err));
        try {
            int code = commandLine(args, console).execute(args);
            console.out().flush();
            return code;
        } catch (Error failure) {
            // Not enough memory, no native library: nothing that a stack trace would explain better to most.
            return Failures.report(failure, Failures.wantsTrace(args), "gatun", console);
        }
    }

    private static PrintStream utf8(PrintStream stream) {
        return stream.charset().equals(StandardCharsets.UTF_8)
                ? stream
                : new PrintStream(stream, true, StandardCharsets.UTF_8);
    }

    private static CommandLine commandLine(String[] args, Console console) {
        CommandLine top = new CommandLine(new Main());
        if (args.length > 0 && COMMANDS.containsKey(args[0])) {
            add(top, args[0], console);
        } else {
            COMMANDS.keySet().forEach(name -> add(top, name, console));
            top.addSubcommand("help", new HelpCommand());
        }
        top.setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8));
        top.setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8));
        top.setCaseInsensitiveEnumValuesAllowed(true);
        top.setUsageHelpLongOptionsMaxWidth(30);
        top.setUsageHelpWidth(110);
        top.setParameterExceptionHandler((failure, _) -> Failures.usage(failure, console));
        top.setExecutionExceptionHandler((failure, command, _) -> Failures.report(
                failure, Failures.wantsTrace(args), command.getCommandSpec().qualifiedName(), console));
        return top;
    }

    private static void add(CommandLine top, String name, Console console) {
        top.addSubcommand(
                name, java.util.Objects.requireNonNull(COMMANDS.get(name)).apply(console));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "found no command, expected one of " + COMMANDS.keySet());
    }
}
