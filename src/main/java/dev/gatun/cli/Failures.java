package dev.gatun.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** From failures to a line for the user and an exit code. */
final class Failures {
    static final int FAILURE = 1;
    static final int USAGE = 2;
    /** What a shell says of a program that wrote to a pipe which nobody read (128 + SIGPIPE). */
    static final int PIPE = 141;

    private Failures() {}

    /** Whether a stack trace is asked for; also known where the options could not be read. */
    static boolean wantsTrace(String[] args) {
        return Arrays.asList(args).contains("--verbose");
    }

    /** Reports what a command threw. */
    static int report(Throwable failure, boolean trace, String command, Console console) {
        if (failure instanceof Interrupts.Interrupted interrupted) {
            console.err().println(command + ": " + interrupted.getMessage());
            return interrupted.exitCode();
        }
        if (failure instanceof StandardOutput.Closed) {
            return PIPE; // as 'gatun ... | head' wants it: whoever closed the pipe knows
        }
        console.err().println(command + ": " + line(failure));
        if (trace) {
            failure.printStackTrace(console.err());
        }
        if (failure instanceof UsageException) {
            hint(command, console);
            return USAGE;
        }
        return FAILURE;
    }

    /** Reports options that cannot be read. */
    static int usage(ParameterException failure, Console console) {
        CommandLine command = failure.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        console.err().println(name + ": " + firstLine(String.valueOf(failure.getMessage())));
        UnmatchedArgumentException.printSuggestions(failure, command.getErr());
        hint(name, console);
        return USAGE;
    }

    private static void hint(String command, Console console) {
        console.err().println("'" + command + " --help' describes its options.");
    }

    private static String line(Throwable failure) {
        return switch (failure) {
            case UncheckedIOException e when e.getCause() != null -> line(e.getCause());
            case OutOfMemoryError e -> "not enough memory (" + e.getMessage() + ")";
            case NoSuchFileException e when e.getReason() == null -> e.getFile() + ": no such file";
            case AccessDeniedException e when e.getReason() == null -> e.getFile() + ": access denied";
            case FileSystemException e when e.getReason() == null -> e.getFile() + ": cannot be used";
            case InvalidPathException e -> String.valueOf(e.getMessage());
            case IOException e when e.getMessage() != null -> e.getMessage();
            case UsageException e -> String.valueOf(e.getMessage());
            case Throwable e when isOurs(e) && e.getMessage() != null -> e.getMessage();
            default -> "failed unexpectedly: " + failure + "; --verbose says where";
        };
    }

    /** Whether the message was written to be read. */
    private static boolean isOurs(Throwable failure) {
        return failure instanceof IllegalArgumentException
                || failure instanceof IllegalStateException
                || failure.getClass().getName().startsWith("dev.gatun.");
    }

    private static String firstLine(String message) {
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end).strip();
    }
}
