package dev.gatun.cli;

import dev.gatun.Device;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What every command has, {@code --help} and {@code --version} included. */
@Command(mixinStandardHelpOptions = true, versionProvider = Version.class)
final class CommonOptions {
    private static final int MOST_THREADS = 1024;
    private static final String CUDA = "cuda";
    private static final Pattern NAME = Pattern.compile("cpu|" + CUDA + "(?::([0-9]{1,4}))?");

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads that compute; all cores if not given. Results do not depend on it.")
    private int threads;

    @Option(
            names = "--device",
            paramLabel = "D",
            defaultValue = "cpu",
            description =
                    "What computes: cpu, or for all but import and profile cuda[:N], the N-th CUDA device, counted"
                            + " from 0.")
    private String device = "cpu";

    @Option(names = "--verbose", description = "Say what is used, and where a failure comes from.")
    private boolean verbose;

    boolean verbose() {
        return verbose;
    }

    /** What computes, of a command that needs this machine's processor. */
    Device processor(Console console) {
        if (device.startsWith(CUDA)) {
            throw new UsageException(
                    "--device: found '" + device + "', expected cpu: import and profile run on the processor alone");
        }
        return device(console);
    }

    /** What computes, a CUDA device included. */
    Device device(Console console) {
        int cuda = cuda();
        boolean given = threads != 0;
        if (given && (threads < 1 || threads > MOST_THREADS)) {
            throw new UsageException("--threads: found " + threads + ", expected 1.." + MOST_THREADS);
        }
        Device used = given ? Device.cpu(threads) : Device.cpu();
        if (cuda >= 0) {
            used = new Device(used.threads(), used.isa(), cuda);
        }
        if (verbose) {
            String what = cuda >= 0 ? used.describeCuda() : "cpu";
            console.err()
                    .println("device: " + what + ", threads: " + used.threads() + ", instructions: " + used.isaInUse());
        }
        return used;
    }

    /** The number of a CUDA device, or -1. */
    private int cuda() {
        Matcher named = NAME.matcher(device);
        if (!named.matches()) {
            throw new UsageException("--device: found '" + device + "', expected cpu, cuda or cuda:N");
        }
        if (device.equals("cpu")) {
            return -1;
        }
        return named.group(1) == null ? 0 : Integer.parseInt(named.group(1));
    }
}
