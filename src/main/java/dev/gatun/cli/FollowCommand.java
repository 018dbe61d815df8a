package dev.gatun.cli;

import dev.gatun.Condition;
import dev.gatun.Model;
import dev.gatun.data.Vocabulary;
import dev.gatun.family.DataSpec;
import dev.gatun.file.FormatException;
import dev.gatun.score.Surprise;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says how unexpected values are while they arrive. */
@Command(
        name = "follow",
        sortOptions = false,
        description = {
            "Reads the values of a sequence from the standard input and says of each, as soon as it is there, how unexpected it",
            "is given those before it: columns position, value, nats, mean (of the last values), and alarm with --alarm."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sensor | gatun follow series.safetensors --window 32 --alarm 3",
            "  gatun follow text.safetensors --window 20 < letter.txt",
            "",
            "Values are numbers with white space or commas between them, levels as whole numbers; of text models the input is",
            "text in UTF-8. The nats of reals are those of a density, and may be below 0.",
        })
final class FollowCommand implements Callable<Integer> {
    private static final Path INPUT = Path.of("standard input");

    private final Console console;

    @Parameters(
            paramLabel = "MODEL",
            description = "A model file, or the name of a bundled model (digits, mnist, mnist-classes).")
    private String name = "";

    @Option(
            names = "--most",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "Values at most, where the model's data have no length of their own (${DEFAULT-VALUE}).")
    private int most;

    @Option(
            names = "--window",
            paramLabel = "W",
            defaultValue = "16",
            description = "How many of the last values the mean is over (${DEFAULT-VALUE}).")
    private int window;

    @Option(
            names = "--alarm",
            paramLabel = "A",
            description = "Say 1 in a further column where the mean of W values is above so many nats, else 0.")
    private @Nullable Double alarm;

    @Mixin
    private final ConditionOptions conditions = new ConditionOptions();

    @Mixin
    private final PrecisionOptions precision = new PrecisionOptions();

    @Mixin
    private final CommonOptions common = new CommonOptions();

    /** The nats of the last values. */
    private double[] last = new double[0];

    FollowCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        ScaleOptions.atLeast("--most", most, 1);
        last = new double[ScaleOptions.atLeast("--window", window, 1)];
        try (Model model = Models.open(name, common.device(console), precision)) {
            DataSpec data = model.config().data();
            int length = data.length().orElse(most);
            Condition condition = conditions.read(model.config(), 1, length);
            try (Surprise surprise = new Surprise(model, length, condition);
                    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
                console.out().println("position,value,nats,mean" + (alarm == null ? "" : ",alarm"));
                while (surprise.arrived() < length && next(data, surprise, in)) {
                    console.out().flush();
                }
            }
        }
        return 0;
    }

    /** Takes the next value; whether there was one. */
    private boolean next(DataSpec data, Surprise surprise, BufferedReader in) throws IOException {
        int at = surprise.arrived();
        String value = data instanceof DataSpec.Text ? character(in) : number(in);
        if (value.isEmpty()) {
            return false;
        }
        if (data.levels() == 0) {
            say(at, value, surprise.arrive(real(at, value)));
        } else {
            int level = data instanceof DataSpec.Text text ? level(at, value, text) : level(at, value, data.levels());
            say(at, String.valueOf(level), surprise.arrive(level));
        }
        return true;
    }

    private static float real(int at, String value) throws FormatException {
        try {
            float real = Float.parseFloat(value);
            if (Float.isFinite(real)) {
                return real;
            }
        } catch (NumberFormatException e) {
            // As one that is not finite.
        }
        throw refusal(at, value, "a finite number");
    }

    private static int level(int at, String value, int levels) throws FormatException {
        try {
            int level = Integer.parseInt(value);
            if (level >= 0 && level < levels) {
                return level;
            }
        } catch (NumberFormatException e) {
            // As one that is no level.
        }
        throw refusal(at, value, "a level of 0 to " + (levels - 1));
    }

    private static int level(int at, String value, DataSpec.Text text) throws FormatException {
        try {
            return new Vocabulary(text).encode(INPUT, value)[0];
        } catch (FormatException e) {
            throw refusal(at, value, "one of the model's characters");
        }
    }

    private static FormatException refusal(int at, String value, String expected) {
        return new FormatException(INPUT, "value " + at + ": found '" + value.strip() + "', expected " + expected);
    }

    private void say(int at, String value, double nats) {
        last[at % last.length] = nats;
        int counted = Math.min(at + 1, last.length);
        double mean = 0;
        for (int i = 0; i < counted; i++) {
            mean += last[i] / counted;
        }
        String high = alarm == null ? "" : counted == last.length && mean > alarm ? ",1" : ",0";
        console.out().println(at + "," + value + "," + Numbers.fixed(nats, 4) + "," + Numbers.fixed(mean, 4) + high);
    }

    /** The next number's digits, empty at the end. */
    private static String number(BufferedReader in) throws IOException {
        StringBuilder digits = new StringBuilder();
        int next = in.read();
        while (next >= 0) {
            boolean between = next == ',' || Character.isWhitespace(next);
            if (between && !digits.isEmpty()) {
                break;
            }
            if (!between) {
                digits.append((char) next);
            }
            next = in.read();
        }
        return digits.toString();
    }

    /** The next code point, empty at the end. */
    private static String character(BufferedReader in) throws IOException {
        int first = in.read();
        if (first < 0) {
            return "";
        }
        if (!Character.isHighSurrogate((char) first)) {
            return String.valueOf((char) first);
        }
        return String.valueOf(new char[] {(char) first, (char) in.read()});
    }
}
