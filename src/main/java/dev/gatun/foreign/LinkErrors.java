package dev.gatun.foreign;

import java.nio.file.Path;
import java.util.Locale;

/** Says what a failed load of the library means and what to do about it. */
final class LinkErrors {
    static final String BUILD = "build Gatun on this machine (mvn package)";

    private LinkErrors() {}

    static String explain(Path library, UnsatisfiedLinkError error) {
        String text = String.valueOf(error.getMessage());
        return "The native library " + library + " cannot be loaded: " + advice(text) + " (" + text + ")";
    }

    private static String advice(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.contains("failed to map segment") || lower.contains("operation not permitted")) {
            return "its folder is on a file system that allows no execution (mounted noexec); name a folder elsewhere"
                    + " in "
                    + LibraryCache.VARIABLE + ", or the library itself with -D" + LibrarySearch.PROPERTY + "=<path>";
        }
        if (lower.contains("permission denied")) {
            return "this user may not read or execute it; change its permissions";
        }
        if (lower.contains("glibc_")) {
            return "the C library here is older than the one that it was built with; " + BUILD
                    + " or bring the system up to date";
        }
        if (lower.contains("libc.") || lower.contains("ld-linux") || lower.contains("error relocating")) {
            return "it needs the GNU C library (glibc), which is missing here; install it, or " + BUILD;
        }
        if (lower.contains("cannot open shared object file") || lower.contains("error loading shared library")) {
            return "a library that it needs is missing; install the one that is named here";
        }
        return "see what the system says; where the file is damaged, " + BUILD;
    }
}
