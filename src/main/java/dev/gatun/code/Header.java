package dev.gatun.code;

import dev.gatun.Condition;
import dev.gatun.Model;
import dev.gatun.file.FormatException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;

/**
 * What a file begins with.
 *
 * @param examples how many
 * @param length positions of each
 * @param group examples that are coded side by side
 * @param kept what stands behind it of the condition
 */
record Header(int examples, int length, int group, Kept kept) {
    /** What a file has of the condition that it was coded under. */
    enum Kept {
        /** Nothing, for there is none. */
        NOTHING(0),
        /** Its fingerprint: who decodes gives it. */
        FINGERPRINT(1),
        /** Its fingerprint, and the classes that it is made of. */
        CLASSES(2);

        private final int code;

        Kept(int code) {
            this.code = code;
        }
    }

    /** The most bytes that a header has. */
    static final int MOST_BYTES = 64;

    /** The most examples side by side, which bounds what a decoder needs. */
    static final int MOST_TOGETHER = 256;

    private static final byte[] MAGIC = {'G', 'T', 'N', 26};
    private static final byte VERSION = 1;

    /** The order of sums, and the functions of which outputs and frequencies are made. */
    private static final byte NUMERICS = 1;

    private static final int OF_MODEL = 16;
    private static final int OF_CONDITION = 8;

    /** The header's bytes. */
    byte[] write(Model model, Condition condition) {
        ByteBuffer to = ByteBuffer.allocate(MOST_BYTES);
        to.put(MAGIC).put(VERSION).put(NUMERICS).put(model.fingerprint(), 0, OF_MODEL);
        Numbers.put(to, examples);
        Numbers.put(to, length);
        Numbers.put(to, group);
        to.put((byte) kept.code);
        if (kept != Kept.NOTHING) {
            to.put(condition.fingerprint(), 0, OF_CONDITION);
        }
        to.putInt(crc(to.array(), 0, to.position()));
        return Arrays.copyOf(to.array(), to.position());
    }

    /**
     * Reads a header and leaves the buffer behind it.
     *
     * @throws FormatException if it is none, or of another version or model
     */
    static Prints read(Path file, ByteBuffer from, Model model) throws FormatException {
        Prints prints = prints(file, from);
        prints.header.check(file, model);
        checkModel(file, prints.model, model);
        return prints;
    }

    /**
     * Reads the shape alone, whatever the model.
     *
     * @throws FormatException if it is none, or of another version
     */
    static Header shape(Path file, ByteBuffer from) throws FormatException {
        return prints(file, from).header;
    }

    private static Prints prints(Path file, ByteBuffer from) throws FormatException {
        try {
            return readPrints(file, from);
        } catch (java.nio.BufferUnderflowException e) {
            throw cutOff(file);
        }
    }

    /** A header and the fingerprints in it. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, not kept
    record Prints(Header header, byte[] model, byte[] condition) {
        /**
         * Demands that this is the condition.
         *
         * @throws FormatException if it is another
         */
        void check(Path file, Condition given) throws FormatException {
            byte[] expected = given.rows() == 0 ? new byte[0] : Arrays.copyOf(given.fingerprint(), OF_CONDITION);
            if (!Arrays.equals(condition, expected)) {
                throw new FormatException(
                        file,
                        condition.length == 0
                                ? "was coded without a condition, and one is given"
                                : "was coded under another condition than that which is given");
            }
        }
    }

    private static FormatException cutOff(Path file) {
        return new FormatException(file, "ends in its header: it is cut off, or no file that 'compress' wrote");
    }

    private static Prints readPrints(Path file, ByteBuffer from) throws FormatException {
        byte[] magic = new byte[MAGIC.length];
        from.get(magic);
        if (!Arrays.equals(magic, MAGIC)) {
            throw new FormatException(file, "is no file that 'compress' wrote: it does not begin with GTN");
        }
        require(file, "version", from.get(), VERSION);
        require(file, "numerics", from.get(), NUMERICS);
        byte[] ofModel = new byte[OF_MODEL];
        from.get(ofModel);
        int examples = Numbers.get(file, from, "examples");
        int length = Numbers.get(file, from, "positions");
        int group = Numbers.get(file, from, "examples in a group");
        Header header = new Header(examples, length, group, kept(file, from.get()));
        byte[] ofCondition = new byte[header.kept == Kept.NOTHING ? 0 : OF_CONDITION];
        from.get(ofCondition);
        int end = from.position();
        CRC32 crc = new CRC32();
        crc.update(from.duplicate().flip().limit(end));
        if (from.getInt() != (int) crc.getValue()) {
            throw new FormatException(file, "its header was altered: the checksum is another");
        }
        return new Prints(header, ofModel, ofCondition);
    }

    private static void require(Path file, String what, int found, int expected) throws FormatException {
        if (found != expected) {
            throw new FormatException(
                    file, what + ": found " + found + ", expected " + expected + ", the only one known");
        }
    }

    private void check(Path file, Model model) throws FormatException {
        int own = model.config().data().length().orElse(length);
        if (examples < 1 || length < 1 || group < 1 || group > MOST_TOGETHER || own != length) {
            throw new FormatException(
                    file,
                    "header: found " + examples + " examples of " + length + " positions, in groups of " + group
                            + ", expected examples of " + own + " positions, in groups of 1 to " + MOST_TOGETHER);
        }
    }

    private static void checkModel(Path file, byte[] found, Model model) throws FormatException {
        byte[] expected = Arrays.copyOf(model.fingerprint(), OF_MODEL);
        if (!Arrays.equals(found, expected)) {
            HexFormat hex = HexFormat.of();
            throw new FormatException(
                    file,
                    "was coded by another model, or by this one in another precision than " + model.precision()
                            + ": found " + hex.formatHex(found) + ", expected this model's fingerprint, "
                            + hex.formatHex(expected));
        }
    }

    private static Kept kept(Path file, byte found) throws FormatException {
        for (Kept kept : Kept.values()) {
            if (kept.code == found) {
                return kept;
            }
        }
        throw new FormatException(file, "what is kept of a condition: found " + found + ", expected 0, 1 or 2");
    }

    static int crc(byte[] bytes, int offset, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }
}
