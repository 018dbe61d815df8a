package dev.gatun;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The arrows between packages run one way: a package imports only those to its right. */
class ArchitectureTest {
    private static final String ROOT = "dev.gatun";

    private static final List<String> ORDER = List.of(
            "dev.gatun.cli",
            "dev.gatun.train",
            "dev.gatun.data",
            "dev.gatun.convert",
            "dev.gatun.code",
            "dev.gatun.score",
            "dev.gatun.profile",
            ROOT,
            "dev.gatun.family",
            "dev.gatun.graph",
            "dev.gatun.op",
            "dev.gatun.tensor",
            "dev.gatun.foreign",
            "dev.gatun.bindings");

    /** Files are read and written by these alone, and {@code file} itself imports nothing of Gatun. */
    private static final String FILE = "dev.gatun.file";

    private static final List<String> READERS_OF_FILES = List.of(
            "dev.gatun.cli",
            "dev.gatun.train",
            "dev.gatun.data",
            "dev.gatun.convert",
            "dev.gatun.code",
            ROOT,
            "dev.gatun.family");

    /** The bindings are for one package only. */
    private static final Map<String, List<String>> ONLY_FOR =
            Map.of("dev.gatun.bindings", List.of("dev.gatun.foreign"));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    static Stream<String> packages() {
        return Stream.concat(ORDER.stream(), Stream.of(FILE));
    }

    @ParameterizedTest
    @MethodSource("packages")
    void importsOnlyToItsRight(String from) {
        String[] forbidden = packages()
                .filter(to -> !to.equals(from) && !mayImport(from, to))
                .toArray(String[]::new);

        noClasses()
                .that()
                .resideInAPackage(from)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden)
                .check(CLASSES);
    }

    @Test
    void everyPackageHasItsPlace() {
        var found = CLASSES.stream().map(JavaClass::getPackageName).collect(Collectors.toCollection(TreeSet::new));

        assertThat(found).containsExactlyElementsOf(new TreeSet<>(packages().toList()));
    }

    private static boolean mayImport(String from, String to) {
        if (to.equals(FILE)) {
            return READERS_OF_FILES.contains(from);
        }
        if (from.equals(FILE)) {
            return false;
        }
        return ORDER.indexOf(from) < ORDER.indexOf(to)
                && ONLY_FOR.getOrDefault(to, ORDER).contains(from);
    }
}
