package dev.gatun.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loading as a program meets it: each case is a process of its own. */
class NativeLibraryTest {
    private static final String LIBRARY = Platform.current().resource("libgatun.so");

    @TempDir
    Path temporary;

    @Test
    void fromAFolderOfClassesItIsLoadedInPlace() throws Exception {
        assertThat(probe(classes())).isEqualTo("loaded " + classes().resolve(LIBRARY));
    }

    @Test
    void loadingAgainGivesTheSameLibrary() {
        NativeLibrary.load();
        Path first = NativeLibrary.location();
        NativeLibrary.load();

        assertThat(NativeLibrary.location()).isEqualTo(first);
    }

    @Test
    void twoProcessesUnpackOneJarAtOnce() throws Exception {
        Path jar = jar();
        Process one = start(jar);
        Process two = start(jar);

        String first = result(one);

        assertThat(first)
                .startsWith("loaded " + temporary.resolve("cache"))
                .endsWith(File.separator + "libgatun.so")
                .isEqualTo(result(two));
        try (var entries = Files.list(temporary.resolve("cache"))) {
            assertThat(entries).hasSize(1);
        }
    }

    @Test
    void aNamedLibraryIsTaken() throws Exception {
        Path copy = Files.copy(classes().resolve(LIBRARY), temporary.resolve("libgatun.so"));

        assertThat(probe(jar(), "-Dgatun.library.path=" + copy)).isEqualTo("loaded " + copy);
        assertThat(probe(jar(), "-Dgatun.library.path=" + temporary)).isEqualTo("loaded " + copy);
        assertThat(probe(jar(), "-Djava.library.path=" + temporary)).isEqualTo("loaded " + copy);
        assertThat(temporary.resolve("cache")).doesNotExist();
    }

    @Test
    void aLibraryThatWasCutOffIsRefused() throws Exception {
        byte[] whole = Files.readAllBytes(classes().resolve(LIBRARY));
        Path half = Files.write(temporary.resolve("half.so"), List.of());
        try (OutputStream out = Files.newOutputStream(half)) {
            out.write(whole, 0, whole.length / 2);
        }

        assertThat(probe(classes(), "-Dgatun.library.path=" + half))
                .startsWith("refused The native library " + half + " cannot be loaded: it was cut off: it has "
                        + whole.length / 2 + " bytes");
    }

    @Test
    void aLibraryForAnotherProcessorIsRefused() throws Exception {
        byte[] other = Files.readAllBytes(classes().resolve(LIBRARY));
        other[18] = (byte) 243;
        Path library = Files.write(temporary.resolve("riscv.so"), other);

        assertThat(probe(classes(), "-Dgatun.library.path=" + library))
                .contains(library + " cannot be loaded: it is for riscv64, this JVM runs on");
    }

    @Test
    void aLibraryThatTheSystemRefusesIsExplained() throws Exception {
        byte[] broken = Files.readAllBytes(classes().resolve(LIBRARY));
        broken[16] = 77; // the kind of object
        Path library = Files.write(temporary.resolve("broken.so"), broken);

        assertThat(probe(classes(), "-Dgatun.library.path=" + library))
                .startsWith("refused The native library " + library + " cannot be loaded: see what the system says")
                .contains("(" + library);
    }

    @Test
    void aLibraryOfAnotherVersionIsRefusedWithBothVersions() throws Exception {
        Path library = compile("extern \"C\" int gatun_abi_version() { return 999; }");

        assertThat(probe(classes(), "-Dgatun.library.path=" + library))
                .startsWith("refused The native library " + library + " has ABI version 999, these classes expect "
                        + dev.gatun.bindings.gatun_h.GATUN_ABI_VERSION());
    }

    @Test
    void anotherLibraryOfTheSameNameIsRefused() throws Exception {
        Path library = compile("extern \"C\" int something_else() { return 0; }");

        assertThat(probe(classes(), "-Dgatun.library.path=" + library))
                .isEqualTo("refused " + library + " is not Gatun's native library: it has no gatun_abi_version");
    }

    /** With the compiler that built the library. */
    private Path compile(String source) throws IOException, InterruptedException {
        String key = "CMAKE_CXX_COMPILER:";
        String compiler;
        try (var lines = Files.lines(Path.of("target", "native", "CMakeCache.txt"))) {
            String line = lines.filter(l -> l.startsWith(key)).findFirst().orElseThrow();
            compiler = line.substring(line.indexOf('=') + 1);
        }
        Path code = Files.writeString(temporary.resolve("library.cpp"), source);
        Path library = temporary.resolve("compiled.so");
        Process process = new ProcessBuilder(compiler, "-shared", "-fPIC", "-o", library.toString(), code.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return library;
    }

    private String probe(Path classes, String... options) throws Exception {
        return result(start(classes, options));
    }

    private Process start(Path classes, String... options) throws Exception {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xshare:auto");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of(options));
        command.add("-cp");
        command.add(classes + File.pathSeparator + location(LoadProbe.class));
        command.add(LoadProbe.class.getName());
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("GATUN_LIBRARY_PATH");
        builder.environment().put("GATUN_CACHE", temporary.resolve("cache").toString());
        return builder.start();
    }

    private static String result(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.strip();
    }

    /** The classes of this package and of the bindings with the library, as a jar holds them. */
    private Path jar() throws Exception {
        Path jar = temporary.resolve("gatun-test.jar");
        Path root = classes();
        try (var out = new JarOutputStream(Files.newOutputStream(jar));
                var files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = root.relativize(file).toString();
                if (name.startsWith("META-INF/native") || name.matches("dev/gatun/(foreign|bindings)/.*")) {
                    out.putNextEntry(new JarEntry(name));
                    Files.copy(file, out);
                    out.closeEntry();
                }
            }
        }
        return jar;
    }

    private static Path classes() throws URISyntaxException {
        return location(NativeLibrary.class);
    }

    private static Path location(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
