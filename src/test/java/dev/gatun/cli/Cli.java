package dev.gatun.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;

/** Runs commands in this process. */
final class Cli {
    private Cli() {}

    /** What a command did. */
    record Result(int code, String out, String err) {
        /** Demands that it worked and had nothing to complain of. */
        Result ok() {
            assertThat(err).isEmpty();
            assertThat(code).isZero();
            return this;
        }

        /** Demands a failure that is told in one line, without a stack trace. */
        Result fails() {
            assertThat(code).as(err).isEqualTo(1);
            assertThat(err.lines()).hasSize(1);
            return this;
        }

        /** Demands a refusal of how it was used, with a hint. */
        Result refuses() {
            assertThat(code).as(err).isEqualTo(2);
            assertThat(err.lines().toList().getLast()).contains("--help");
            assertThat(out).isEmpty();
            return this;
        }
    }

    static Result run(Object... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] texts = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            texts[i] = String.valueOf(args[i]);
        }
        int code = Main.run(
                texts,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Result(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** A file of a golden case. */
    static Path golden(String name, String file) {
        try {
            return Path.of(Objects.requireNonNull(Cli.class.getResource("/golden/" + name + "/" + file))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static Path model(String name) {
        return golden(name, "model.safetensors");
    }
}
