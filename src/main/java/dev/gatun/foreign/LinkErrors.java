package dev.gatun.foreign;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says what a failed load of the library means and what to do about it. */
final class LinkErrors {
    private static final String BUILD = "build Gatun on this machine (mvn package)";

    private LinkErrors() {}

    static String explain(Path library, UnsatisfiedLinkError error, Platform platform) {
        String text = String.valueOf(error.getMessage());
        return "The native library " + library + " cannot be loaded: " + advice(library, text, platform) + " (" + text
                + ")";
    }

    private static String advice(Path library, String text, Platform platform) {
        String lower = text.toLowerCase(Locale.ROOT);
        String wrong = notForThisMachine(library, platform);
        if (wrong != null) {
            return wrong;
        }
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

    /** What the header of the file says against it, or null where it is a library for this machine. */
    private static @Nullable String notForThisMachine(Path library, Platform platform) {
        byte[] header;
        try (InputStream in = Files.newInputStream(library)) {
            header = in.readNBytes(20);
        } catch (IOException e) {
            return "it cannot be read: " + e;
        }
        if (header.length < 20 || header[0] != 0x7f || header[1] != 'E' || header[2] != 'L' || header[3] != 'F') {
            return "it is no shared library (no ELF header): it is damaged or another file; get it again";
        }
        boolean bigEndian = header[5] == 2;
        int machine =
                bigEndian ? (header[18] & 0xff) << 8 | header[19] & 0xff : (header[19] & 0xff) << 8 | header[18] & 0xff;
        String processor = switch (machine) {
            case 3 -> "x86 (32 bits)";
            case 40 -> "arm (32 bits)";
            case 62 -> header[4] == 1 ? "x32" : "x86_64";
            case 183 -> "aarch64";
            case 243 -> "riscv64";
            default -> "ELF machine " + machine;
        };
        return processor.equals(platform.processor())
                ? null
                : "it is for " + processor + ", this JVM runs on " + platform.processor() + "; take the library of this"
                        + " platform, or " + BUILD;
    }
}
