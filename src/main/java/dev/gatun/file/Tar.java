package dev.gatun.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Takes single files out of a tar archive, plain or gzip (POSIX.1-1988 ustar). Nothing is written but what is asked for. */
public final class Tar {
    private static final int BLOCK = 512;
    private static final int NAME_BYTES = 100;
    private static final int SIZE_AT = 124;
    private static final int SIZE_BYTES = 12;
    private static final int SUM_AT = 148;
    private static final int SUM_BYTES = 8;
    private static final int TYPE_AT = 156;

    private Tar() {}

    /**
     * Takes files out of an archive.
     *
     * @param wanted where to put which, by their names in the archive; each is replaced whole or not at all
     * @throws FormatException if the archive is damaged, or lacks one of them
     * @throws IOException if something cannot be read or written
     */
    public static void unpack(Path archive, Map<String, Path> wanted) throws IOException {
        Set<String> missing = new HashSet<>(wanted.keySet());
        byte[] header = new byte[BLOCK];
        try (Unpacked in = Unpacked.open(archive)) {
            while (!missing.isEmpty()) {
                if (in.read(header) < BLOCK || header[0] == 0) {
                    throw new FormatException(
                            archive, "lacks " + missing.stream().sorted().toList());
                }
                checkSum(archive, header);
                long size = octal(archive, header, SIZE_AT, SIZE_BYTES);
                if (size > in.most() - in.position()) {
                    throw new FormatException(archive, "an entry declares " + size + " bytes, more than can follow");
                }
                String name = name(header);
                Path target = isFile(header) && missing.remove(name) ? wanted.get(name) : null;
                if (target == null) {
                    copy(archive, in, size, (_, _) -> {});
                } else {
                    AtomicFile.write(
                            target, out -> copy(archive, in, size, (block, count) -> out.write(block, 0, count)));
                }
            }
        }
    }

    private interface Taker {
        void take(byte[] block, int count) throws IOException;
    }

    private static void copy(Path archive, Unpacked in, long size, Taker to) throws IOException {
        byte[] block = new byte[BLOCK];
        for (long left = size; left > 0; left -= BLOCK) {
            if (in.read(block) < BLOCK) {
                throw new FormatException(archive, "ends within an entry");
            }
            to.take(block, (int) Math.min(left, BLOCK));
        }
    }

    private static boolean isFile(byte[] header) {
        return header[TYPE_AT] == '0' || header[TYPE_AT] == 0;
    }

    private static String name(byte[] header) {
        int end = 0;
        while (end < NAME_BYTES && header[end] != 0) {
            end++;
        }
        return new String(header, 0, end, StandardCharsets.UTF_8);
    }

    private static void checkSum(Path archive, byte[] header) throws FormatException {
        long said = octal(archive, header, SUM_AT, SUM_BYTES);
        byte[] summed = header.clone();
        Arrays.fill(summed, SUM_AT, SUM_AT + SUM_BYTES, (byte) ' ');
        long sum = 0;
        for (byte value : summed) {
            sum += value & 0xff;
        }
        if (sum != said) {
            throw new FormatException(archive, "is no tar archive, or damaged: a header's checksum is wrong");
        }
    }

    private static long octal(Path archive, byte[] header, int at, int bytes) throws FormatException {
        long value = 0;
        boolean digits = false;
        for (int i = at; i < at + bytes; i++) {
            if (header[i] >= '0' && header[i] <= '7') {
                value = value * 8 + header[i] - '0';
                digits = true;
            } else if (digits || header[i] != ' ') {
                break;
            }
        }
        if (!digits) {
            throw new FormatException(archive, "is no tar archive, or damaged: a header has no size or checksum");
        }
        return value;
    }
}
