package dev.gatun.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a command's words go.
 *
 * @param out results
 * @param err messages
 * @param standard whether {@code err} is the process's own
 */
record Console(PrintStream out, PrintStream err, boolean standard) {
    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

    /** Results as bytes, each passed on as soon as it is written. */
    OutputStream bytes() {
        return standard ? new StandardOutput() : out;
    }

    /** Whether messages are read by a person at a terminal and not by a file or a pipe. */
    boolean terminal() {
        if (!standard) {
            return false;
        }
        if (Files.isSymbolicLink(STANDARD_ERROR)) {
            try {
                String target = Files.readSymbolicLink(STANDARD_ERROR).toString();
                return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
            } catch (IOException e) {
                return false; // a bar is drawn only where it is sure to be seen
            }
        }
        // Says it of standard input and output; where those are a terminal, so most often are errors.
        return isInteractive(System.console());
    }

    private static boolean isInteractive(java.io.@Nullable Console console) {
        return console != null && console.isTerminal();
    }
}
