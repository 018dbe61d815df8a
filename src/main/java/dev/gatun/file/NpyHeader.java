package dev.gatun.file;

import dev.gatun.file.NpyArray.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The header of a {@code .npy} file: a Python dictionary with exactly {@code descr}, {@code fortran_order} and
 * {@code shape}. Parsed by hand, for it is no JSON; nothing else of Python is understood.
 */
record NpyHeader(DType type, boolean bigEndian, boolean fortranOrder, List<Integer> shape) {
    /** NumPy's own limit. */
    static final int MOST_DIMENSIONS = 64;

    /** The header of an array as NumPy writes it: little-endian, row-major. */
    static String write(DType type, int[] shape) {
        StringBuilder text = new StringBuilder("{'descr': '");
        text.append(type.bytes() == 1 ? '|' : '<').append(type.code());
        text.append("', 'fortran_order': False, 'shape': (");
        for (int i = 0; i < shape.length; i++) {
            text.append(i == 0 ? "" : ", ").append(shape[i]);
        }
        return text.append(shape.length == 1 ? ",), }" : "), }").toString();
    }

    /** Parses a header; the problem of a {@link Malformed} is what was found and expected. */
    static NpyHeader parse(String text) throws Malformed {
        return new Parser(text).parse();
    }

    /** The sizes as an array. */
    int[] sizes() {
        return shape.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The bytes of all values, or -1 if that overflows. */
    long bytes() {
        long bytes = type.bytes();
        for (int size : shape) {
            if (size == 0) {
                return 0;
            }
        }
        for (int size : shape) {
            if (bytes > Long.MAX_VALUE / size) {
                return -1;
            }
            bytes *= size;
        }
        return bytes;
    }

    /** A header that is refused; the reader adds the file's name. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed(String problem) {
            super(problem);
        }
    }

    private static final class Parser {
        private final String text;
        private int at;
        private @Nullable String descr;
        private @Nullable Boolean fortranOrder;
        private @Nullable List<Integer> shape;

        Parser(String text) {
            this.text = text;
        }

        NpyHeader parse() throws Malformed {
            expect('{');
            while (!accept('}')) {
                entry();
                if (!accept(',')) {
                    expect('}');
                    break;
                }
            }
            skipSpace();
            if (at != text.length()) {
                throw found("the end of the header");
            }
            if (descr == null || fortranOrder == null || shape == null) {
                String key = descr == null ? "descr" : fortranOrder == null ? "fortran_order" : "shape";
                throw new Malformed("header has no '" + key + "'");
            }
            return new NpyHeader(type(descr), descr.charAt(0) == '>', fortranOrder, List.copyOf(shape));
        }

        private void entry() throws Malformed {
            String key = string();
            expect(':');
            switch (key) {
                case "descr" -> descr = once(key, descr, descr());
                case "fortran_order" -> fortranOrder = once(key, fortranOrder, truth());
                case "shape" -> shape = once(key, shape, tuple());
                default -> throw new Malformed("header has an unknown key " + Text.quote(key));
            }
        }

        private static <T> T once(String key, @Nullable T before, T value) throws Malformed {
            if (before != null) {
                throw new Malformed("header has '" + key + "' twice");
            }
            return value;
        }

        private static DType type(String descr) throws Malformed {
            if (descr.length() >= 2 && "<>|=".indexOf(descr.charAt(0)) >= 0) {
                switch (descr.charAt(1)) {
                    case 'O' ->
                        throw new Malformed("holds Python objects (descr " + Text.quote(descr) + "), not numbers");
                    case 'S', 'U', 'a' ->
                        throw new Malformed("holds strings (descr " + Text.quote(descr) + "), not numbers");
                    case 'c' -> throw new Malformed("holds complex numbers (descr " + Text.quote(descr) + ")");
                    default -> {}
                }
                String code = descr.substring(1);
                for (DType type : DType.values()) {
                    boolean ordered = descr.charAt(0) == '<' || descr.charAt(0) == '>';
                    if (type.code().equals(code) && (ordered || type.bytes() == 1)) {
                        return type;
                    }
                }
            }
            throw new Malformed("has an unsupported descr " + Text.quote(descr) + ", expected < or > and one of "
                    + Arrays.stream(DType.values()).map(DType::code).toList());
        }

        private String descr() throws Malformed {
            skipSpace();
            if (at < text.length() && (text.charAt(at) == '[' || text.charAt(at) == '(')) {
                throw new Malformed("holds a structured array, not numbers");
            }
            return string();
        }

        private boolean truth() throws Malformed {
            skipSpace();
            for (String word : List.of("True", "False")) {
                if (text.startsWith(word, at)) {
                    at += word.length();
                    return word.equals("True");
                }
            }
            throw found("True or False");
        }

        private List<Integer> tuple() throws Malformed {
            List<Integer> sizes = new ArrayList<>();
            expect('(');
            while (!accept(')')) {
                if (sizes.size() == MOST_DIMENSIONS) {
                    throw new Malformed("has more than " + MOST_DIMENSIONS + " dimensions");
                }
                sizes.add(size());
                if (!accept(',')) {
                    if (sizes.size() == 1) {
                        throw found("',' (a shape is a tuple)");
                    }
                    expect(')');
                    break;
                }
            }
            return sizes;
        }

        private int size() throws Malformed {
            skipSpace();
            int begin = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            String digits = text.substring(begin, at);
            if (digits.isEmpty()) {
                throw found("a whole number in 'shape'");
            }
            if (at < text.length() && text.charAt(at) == 'L') {
                at++; // as Python 2 wrote its long numbers
            }
            try {
                return Integer.parseInt(digits);
            } catch (NumberFormatException e) {
                throw new Malformed("has a size of " + Text.quote(digits) + " in its shape, more than 2^31-1");
            }
        }

        private String string() throws Malformed {
            skipSpace();
            if (at == text.length() || (text.charAt(at) != '\'' && text.charAt(at) != '"')) {
                throw found("a string");
            }
            int end = text.indexOf(text.charAt(at), at + 1);
            if (end < 0 || text.substring(at, end).indexOf('\\') >= 0) {
                throw found("a closed string without escapes");
            }
            String string = text.substring(at + 1, end);
            at = end + 1;
            return string;
        }

        private boolean accept(char c) {
            skipSpace();
            if (at < text.length() && text.charAt(at) == c) {
                at++;
                return true;
            }
            return false;
        }

        private void expect(char c) throws Malformed {
            if (!accept(c)) {
                throw found("'" + c + "'");
            }
        }

        private void skipSpace() {
            while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\n')) {
                at++;
            }
        }

        private Malformed found(String expected) {
            String rest = at == text.length() ? "its end" : Text.quote(text.substring(at));
            return new Malformed("header has " + rest + " at character " + at + ", expected " + expected);
        }
    }
}
