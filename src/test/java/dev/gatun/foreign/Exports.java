package dev.gatun.foreign;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** The symbols that a 64-bit ELF library offers to others, read from its table of dynamic symbols. */
final class Exports {
    private static final int DYNAMIC_SYMBOLS = 11;
    private static final int SYMBOL_BYTES = 24;

    private final ByteBuffer file;
    private final long sections;
    private final int sectionBytes;

    private Exports(ByteBuffer file) {
        this.file = file;
        this.sections = file.getLong(40);
        this.sectionBytes = file.getShort(58);
    }

    static Set<String> of(Path library) throws IOException {
        return new Exports(ByteBuffer.wrap(Files.readAllBytes(library)).order(ByteOrder.LITTLE_ENDIAN)).symbols();
    }

    private Set<String> symbols() {
        int table = section(DYNAMIC_SYMBOLS);
        int strings = section(file.getInt(table + 40), 24);
        int start = (int) file.getLong(table + 24);
        int end = start + (int) file.getLong(table + 32);
        var names = new TreeSet<String>();
        for (int symbol = start; symbol < end; symbol += SYMBOL_BYTES) {
            boolean defined = file.getShort(symbol + 6) != 0;
            boolean local = file.get(symbol + 4) >> 4 == 0;
            if (defined && !local) {
                names.add(text(strings + file.getInt(symbol)));
            }
        }
        return names;
    }

    private int section(int type) {
        for (int i = 0; i < file.getShort(60); i++) {
            int header = (int) sections + i * sectionBytes;
            if (file.getInt(header + 4) == type) {
                return header;
            }
        }
        throw new AssertionError("the library has no section of type " + type);
    }

    private int section(int index, int field) {
        return (int) file.getLong((int) sections + index * sectionBytes + field);
    }

    private String text(int at) {
        int end = at;
        while (file.get(end) != 0) {
            end++;
        }
        byte[] bytes = new byte[end - at];
        file.get(at, bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
