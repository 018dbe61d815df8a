package dev.gatun.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.bindings.gatun_abi_fact;
import dev.gatun.bindings.gatun_h;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Header, bindings and library say the same: version, constants, functions, sizes and offsets. */
class BindingsTest {
    private static Header header;

    @BeforeAll
    static void load() throws IOException {
        NativeLibrary.load();
        header = Header.read("gatun.h");
    }

    @Test
    void theVersionsAgree() {
        assertThat(gatun_h.gatun_abi_version())
                .isEqualTo(gatun_h.GATUN_ABI_VERSION())
                .isEqualTo(header.constants().get("GATUN_ABI_VERSION"));
    }

    @Test
    void theConstantsAgree() throws ReflectiveOperationException {
        var bound = new TreeMap<String, Integer>();
        for (Method method : gatun_h.class.getDeclaredMethods()) {
            if (method.getName().startsWith("GATUN_")) {
                bound.put(method.getName(), (Integer) method.invoke(null));
            }
        }

        assertThat(bound).isNotEmpty().isEqualTo(header.constants());
    }

    @Test
    void theFunctionsAgree() throws ReflectiveOperationException {
        var bound = new TreeMap<String, FunctionDescriptor>();
        for (Method method : gatun_h.class.getDeclaredMethods()) {
            if (method.getName().matches("gatun_\\w+\\$descriptor")) {
                String name = method.getName().replace("$descriptor", "");
                bound.put(name, plain((FunctionDescriptor) method.invoke(null)));
            }
        }

        assertThat(bound).isNotEmpty().isEqualTo(header.functions());
    }

    @Test
    void theLibraryExportsTheFunctionsOfItsHeadersAndNothingElse() throws IOException {
        var functions = new TreeSet<>(header.functions().keySet());
        functions.addAll(Header.read("gatun_calls.h").functions().keySet()); // for libgatun_cuda alone, and not bound
        functions.addAll(Header.read("gatun_definitions.h").functions().keySet()); // for benchmarks

        assertThat(Exports.of(NativeLibrary.location())).containsExactlyElementsOf(functions);
    }

    @Test
    void theStructsAgree() throws Exception {
        assertThat(boundStructs()).isEqualTo(header.structs().keySet());
        for (String struct : boundStructs()) {
            var bound = new TreeMap<String, MemoryLayout>();
            members(layoutOf(struct)).forEach(m -> bound.put(m.name().orElseThrow(), plain(m)));

            assertThat(bound)
                    .as("fields of %s", struct)
                    .isEqualTo(header.structs().get(struct));
        }
    }

    @Test
    void sizesAndOffsetsAreTheCompilers() throws Exception {
        var compiled = compiledFacts();
        var bound = new TreeMap<String, String>();
        for (String struct : boundStructs()) {
            GroupLayout layout = layoutOf(struct);
            bound.put(struct, fact(layout.byteSize(), -1));
            members(layout).forEach(m -> {
                String field = m.name().orElseThrow();
                long offset = layout.byteOffset(PathElement.groupElement(field));
                bound.put(struct + "." + field, fact(m.byteSize(), offset));
            });
        }

        assertThat(bound).isEqualTo(compiled);
    }

    @Test
    @EnabledIf("jextractIsPresent")
    void jextractMakesTheVerySameFiles() throws Exception {
        Process check =
                new ProcessBuilder("bindings/check").redirectErrorStream(true).start();
        String output = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(check.waitFor()).as(output).isZero();
    }

    static boolean jextractIsPresent() {
        String path = System.getenv().getOrDefault("PATH", "");
        return System.getenv("JEXTRACT") != null
                || Arrays.stream(path.split(File.pathSeparator))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "jextract")));
    }

    private static Map<String, String> compiledFacts() {
        var facts = new TreeMap<String, String>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
            int count = gatun_h.gatun_abi_facts(pointer);
            MemorySegment table = pointer.get(ValueLayout.ADDRESS, 0).reinterpret(count * gatun_abi_fact.sizeof());
            for (int i = 0; i < count; i++) {
                MemorySegment row = gatun_abi_fact.asSlice(table, i);
                facts.put(
                        gatun_abi_fact.name(row).getString(0),
                        fact(gatun_abi_fact.size(row), gatun_abi_fact.offset(row)));
            }
        }
        return facts;
    }

    private static String fact(long size, long offset) {
        return "size " + size + ", offset " + offset;
    }

    private static TreeSet<String> boundStructs() throws Exception {
        Path folder = Path.of("bindings", "dev", "gatun", "bindings");
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString().replace(".java", ""))
                    .filter(n -> n.startsWith("gatun_") && !n.startsWith("gatun_h"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static GroupLayout layoutOf(String struct) throws ReflectiveOperationException {
        return (GroupLayout) Class.forName("dev.gatun.bindings." + struct)
                .getMethod("layout")
                .invoke(null);
    }

    private static Stream<MemoryLayout> members(GroupLayout layout) {
        return layout.memberLayouts().stream().filter(m -> m.name().isPresent());
    }

    private static FunctionDescriptor plain(FunctionDescriptor descriptor) {
        MemoryLayout[] arguments =
                descriptor.argumentLayouts().stream().map(BindingsTest::plain).toArray(MemoryLayout[]::new);
        return descriptor
                .returnLayout()
                .map(result -> FunctionDescriptor.of(plain(result), arguments))
                .orElseGet(() -> FunctionDescriptor.ofVoid(arguments));
    }

    /** Without what does not matter here: names of fields and what pointers point to. */
    private static MemoryLayout plain(MemoryLayout layout) {
        return switch (layout) {
            case AddressLayout _ -> ValueLayout.ADDRESS;
            case GroupLayout _ -> MemoryLayout.structLayout().withName(typeName(layout));
            default -> layout.withoutName();
        };
    }

    /** jextract names a nested struct's layout by its field; its type is the class whose layout equals it. */
    private static String typeName(MemoryLayout layout) {
        try {
            for (String struct : boundStructs()) {
                if (layoutOf(struct).withoutName().equals(layout.withoutName())) {
                    return struct;
                }
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        throw new AssertionError("no struct is laid out as " + layout);
    }
}
