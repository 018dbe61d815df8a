package dev.gatun;

import dev.gatun.family.Mask;
import dev.gatun.family.ModelConfig;
import dev.gatun.family.ParameterLayout;
import dev.gatun.family.ParameterSpec;
import dev.gatun.file.Json;
import dev.gatun.tensor.Parameters;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/** Tells models apart. What masks hide does not matter. */
final class Fingerprint {
    private static final int CHUNK = 1 << 14;

    private final MessageDigest digest;
    private final ByteBuffer values = ByteBuffer.allocate(CHUNK * Long.BYTES);

    private Fingerprint() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    /** roundsInputs: whether other numbers come of the same weights. */
    static byte[] of(ModelConfig config, Parameters parameters, boolean roundsInputs) {
        Fingerprint print = new Fingerprint();
        print.text(Json.write(config.toJson()));
        ParameterLayout layout = config.family().layout(config);
        for (ParameterSpec spec : layout.specs()) {
            print.text(spec.name());
            if (spec.integer()) {
                print.integers(parameters.integers().get(spec.name()));
            } else {
                print.floats(parameters.get(spec.name()), layout.entries(spec.name(), parameters.integers()));
            }
        }
        if (roundsInputs) {
            print.text("rounded inputs");
        }
        return print.digest.digest();
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        number(bytes.length);
        flush();
        digest.update(bytes);
    }

    private void integers(long @Nullable [] integers) {
        if (integers != null) { // an optional tensor that is not there
            for (long integer : integers) {
                number(integer);
            }
        }
        flush();
    }

    private void floats(MemorySegment floats, Mask.@Nullable Entries entries) {
        long count = floats.byteSize() / Float.BYTES;
        for (long i = 0; i < count; i++) {
            boolean counts = entries == null || entries.counts(i);
            number(counts ? Float.floatToRawIntBits(floats.getAtIndex(ValueLayout.JAVA_FLOAT, i)) : 0);
        }
        flush();
    }

    private void number(long number) {
        if (!values.hasRemaining()) {
            flush();
        }
        values.putLong(number);
    }

    private void flush() {
        digest.update(values.array(), 0, values.position());
        values.clear();
    }
}
