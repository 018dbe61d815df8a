package dev.gatun.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What error messages and headers share: quoting, plain reasons, and UTF-8 that is refused rather than repaired. */
final class Text {
    private static final int LONGEST_QUOTE = 100;

    private Text() {}

    /** Quotes a name from a file, so that control characters and endless names cannot spoil a message. */
    static String quote(String name) {
        StringBuilder quoted = new StringBuilder("'");
        int end = Math.min(name.length(), LONGEST_QUOTE);
        for (int i = 0; i < end; i++) {
            char c = name.charAt(i);
            if (Character.isISOControl(c) || Character.isSurrogate(c)) {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append(end < name.length() ? "…'" : "'").toString();
    }

    /** Why an operation on a file failed, without the file's name, which the caller's message already has. */
    static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException absent -> "no such file or folder";
            case AccessDeniedException denied -> "access denied";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            default -> String.valueOf(e.getMessage());
        };
    }

    /** Decodes UTF-8 strictly. */
    static String utf8(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)
                .decode(ByteBuffer.wrap(bytes))
                .toString();
    }

    /** Encodes UTF-8 strictly: an unpaired surrogate is an error, not a question mark. */
    static byte[] utf8(String text) throws CharacterCodingException {
        ByteBuffer encoded = StandardCharsets.UTF_8
                .newEncoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)
                .encode(CharBuffer.wrap(text));
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }
}
