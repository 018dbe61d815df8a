package dev.gatun.foreign;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a library's header before the system does: a file that was cut off would end the process with a signal, and
 * the system's words for a wrong processor are hard to understand.
 */
final class ElfHeader {
    private static final int SIZE = 64;

    private ElfHeader() {}

    /** What is wrong with the file, or null where it looks like a library for the platform. */
    static @Nullable String problem(Path library, Platform platform) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(SIZE);
        long size;
        try (var channel = FileChannel.open(library)) {
            size = channel.size();
            while (header.hasRemaining() && channel.read(header) >= 0) {
                // read on: a short read is allowed
            }
        }
        if (header.position() < SIZE || header.getInt(0) != 0x7f454c46) {
            return "it is no shared library (no ELF header): it is damaged or another file; get it again";
        }
        header.order(header.get(5) == 2 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        String processor = processor(header);
        if (!processor.equals(platform.processor())) {
            return "it is for " + processor + ", this JVM runs on " + platform.processor()
                    + "; take the library of this platform, or " + LinkErrors.BUILD;
        }
        // The table of sections is the last thing in the file.
        long end = header.getLong(40) + (long) header.getShort(58) * header.getShort(60);
        return end > size ? "it was cut off: it has " + size + " bytes, expected " + end + "; get it again" : null;
    }

    private static String processor(ByteBuffer header) {
        boolean wide = header.get(4) == 2;
        int machine = Short.toUnsignedInt(header.getShort(18));
        return switch (machine) {
            case 3 -> "x86 (32 bits)";
            case 40 -> "arm (32 bits)";
            case 62 -> wide ? "x86_64" : "x32";
            case 183 -> "aarch64";
            case 243 -> "riscv64";
            default -> "ELF machine " + machine;
        };
    }
}
