package dev.gatun.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkErrorsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "failed to map segment from shared object | mounted noexec | GATUN_CACHE",
                "failed to map segment from shared object: Operation not permitted | mounted noexec | GATUN_CACHE",
                "cannot open shared object file: Permission denied | may not read | permissions",
                "/lib/libc.so.6: version `GLIBC_2.38' not found | older | build Gatun on this machine",
                "libc.so.6: cannot open shared object file: No such file or directory | glibc | install it",
                "Error loading shared library ld-linux-x86-64.so.2: No such file | glibc | install it",
                "Error relocating libgatun.so: __memcpy_chk: symbol not found | glibc | install it",
                "libm.so.6: cannot open shared object file: No such file | a library that it needs | install",
                "something new | see what the system says | build Gatun on this machine",
            },
            quoteCharacter = '"')
    void saysWhatItMeansAndWhatToDo(String text, String meaning, String advice) {
        Path library = Path.of("/somewhere/libgatun.so");

        assertThat(LinkErrors.explain(library, new UnsatisfiedLinkError(text)))
                .startsWith("The native library " + library + " cannot be loaded: ")
                .contains(meaning)
                .contains(advice)
                .endsWith("(" + text + ")");
    }
}
