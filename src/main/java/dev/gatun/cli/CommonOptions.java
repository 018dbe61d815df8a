package dev.gatun.cli;

import dev.gatun.Device;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What every command has, {@code --help} and {@code --version} included. */
@Command(mixinStandardHelpOptions = true, versionProvider = Version.class)
final class CommonOptions {
    private static final int MOST_THREADS = 1024;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads that compute; all cores if not given. Results do not depend on it.")
    private int threads;

    @Option(
            names = "--device",
            paramLabel = "D",
            defaultValue = "cpu",
            description = "What computes: cpu, which is all that this build has.")
    private String device = "cpu";

    @Option(names = "--verbose", description = "Say what is used, and where a failure comes from.")
    private boolean verbose;

    boolean verbose() {
        return verbose;
    }

    /** What computes. */
    Device device(Console console) {
        if (!device.equals("cpu")) {
            throw new UsageException("--device: found '" + device + "', expected cpu: this build has cpu only");
        }
        boolean given = threads != 0;
        if (given && (threads < 1 || threads > MOST_THREADS)) {
            throw new UsageException("--threads: found " + threads + ", expected 1.." + MOST_THREADS);
        }
        Device used = given ? Device.cpu(threads) : Device.cpu();
        if (verbose) {
            console.err().println("device: cpu, threads: " + used.threads() + ", instructions: " + used.isaInUse());
        }
        return used;
    }
}
