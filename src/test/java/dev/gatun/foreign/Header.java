package dev.gatun.foreign;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What a header of native/include declares, read without a C compiler: it is written plainly enough for that. */
record Header(
        Map<String, FunctionDescriptor> functions,
        Map<String, Map<String, MemoryLayout>> structs,
        Map<String, Integer> constants) {

    private static final Pattern FUNCTION =
            Pattern.compile("GATUN_API\\s+(\\w[\\w\\s]*?[\\s*]+)(gatun_\\w+)\\(([^)]*)\\)");
    private static final Pattern STRUCT =
            Pattern.compile("typedef struct (gatun_\\w+) \\{(.*?)\\} \\1;", Pattern.DOTALL);
    private static final Pattern FIELD = Pattern.compile("([\\w\\s]+?[\\s*]+)(\\w+)\\s*;");
    private static final Pattern CONSTANT = Pattern.compile("#define (GATUN_\\w+) (-?\\d+)\\b");

    static Header read(String name) throws IOException {
        String text = Files.readString(Path.of("native", "include", name)).replaceAll("(?s)/\\*.*?\\*/", " ");
        var structs = new TreeMap<String, Map<String, MemoryLayout>>();
        STRUCT.matcher(text).results().forEach(m -> structs.put(m.group(1), fields(m.group(2))));
        var functions = new TreeMap<String, FunctionDescriptor>();
        FUNCTION.matcher(text).results().forEach(m -> functions.put(m.group(2), descriptor(m)));
        var constants = new TreeMap<String, Integer>();
        CONSTANT.matcher(text).results().forEach(m -> constants.put(m.group(1), Integer.valueOf(m.group(2))));
        return new Header(functions, structs, constants);
    }

    private static Map<String, MemoryLayout> fields(String body) {
        var fields = new TreeMap<String, MemoryLayout>();
        FIELD.matcher(body).results().forEach(m -> fields.put(m.group(2), layout(m.group(1))));
        return fields;
    }

    private static FunctionDescriptor descriptor(MatchResult declaration) {
        String parameters = declaration.group(3).strip();
        MemoryLayout[] arguments = parameters.equals("void")
                ? new MemoryLayout[0]
                : Arrays.stream(parameters.split(","))
                        .map(p -> layout(p.replaceFirst("\\w+\\s*$", "")))
                        .toArray(MemoryLayout[]::new);
        String result = declaration.group(1).strip();
        return result.equals("void")
                ? FunctionDescriptor.ofVoid(arguments)
                : FunctionDescriptor.of(layout(result), arguments);
    }

    /** The layout of a C type; a struct by value is known by its name alone. */
    private static MemoryLayout layout(String type) {
        if (type.contains("*")) {
            return ValueLayout.ADDRESS;
        }
        String name = type.replace("const", "").strip();
        return switch (name) {
            case "uint8_t" -> ValueLayout.JAVA_BYTE;
            case "int32_t" -> ValueLayout.JAVA_INT;
            case "int64_t", "uint64_t" -> ValueLayout.JAVA_LONG;
            case "float" -> ValueLayout.JAVA_FLOAT;
            case "double" -> ValueLayout.JAVA_DOUBLE;
            default -> MemoryLayout.structLayout().withName(name);
        };
    }
}
