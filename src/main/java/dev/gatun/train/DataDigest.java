package dev.gatun.train;

import dev.gatun.Condition;
import dev.gatun.LongSequence;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A digest of data, SHA-256, block by block, since they may be more than memory holds. */
final class DataDigest {
    private static final int BLOCK = 1 << 14;

    private final MessageDigest digest;
    private final ByteBuffer block = ByteBuffer.allocate(Integer.BYTES * BLOCK);
    private final int[] levels = new int[BLOCK];

    DataDigest() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    void add(String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
    }

    void add(LongSequence sequence) {
        for (long from = 0; from < sequence.length(); from += BLOCK) {
            int count = (int) Math.min(sequence.length() - from, BLOCK);
            sequence.read(from, levels, 0, count);
            block.clear().limit(Integer.BYTES * count);
            block.asIntBuffer().put(levels, 0, count);
            digest.update(block);
        }
    }

    void add(float[] reals) {
        for (int from = 0; from < reals.length; from += BLOCK) {
            int count = Math.min(reals.length - from, BLOCK);
            block.clear().limit(Float.BYTES * count);
            block.asFloatBuffer().put(reals, from, count);
            digest.update(block);
        }
    }

    void add(Condition condition) {
        if (condition.rows() > 0) {
            digest.update(condition.fingerprint());
        }
    }

    /** What was added, in hexadecimal. */
    String text() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
