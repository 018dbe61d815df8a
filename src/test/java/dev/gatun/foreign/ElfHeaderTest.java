package dev.gatun.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ElfHeaderTest {
    private static final Platform X86_64 = Platform.of("Linux", "amd64");

    @TempDir
    Path folder;

    @Test
    void ourOwnLibraryIsFine() throws IOException {
        assertThat(ElfHeader.problem(NativeLibrary.location(), Platform.current()))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "2, 1, 183, amd64, 'it is for aarch64, this JVM runs on x86_64'",
        "2, 1, 62, aarch64, 'it is for x86_64, this JVM runs on aarch64'",
        "1, 1, 3, amd64, 'it is for x86 (32 bits), this JVM runs on x86_64'",
        "1, 1, 62, amd64, 'it is for x32, this JVM runs on x86_64'",
        "2, 1, 243, amd64, 'it is for riscv64, this JVM runs on x86_64'",
        "2, 2, 22, amd64, 'it is for ELF machine 22, this JVM runs on x86_64'",
    })
    void namesBothArchitectures(int bits, int order, int machine, String arch, String expected) throws IOException {
        assertThat(ElfHeader.problem(file(bits, order, machine, 0), Platform.of("Linux", arch)))
                .startsWith(expected);
    }

    @Test
    void aFileThatWasCutOffIsCalledSo() throws IOException {
        assertThat(ElfHeader.problem(file(2, 1, 62, 1000), X86_64))
                .contains("cut off")
                .contains("expected 1640");
    }

    @ParameterizedTest
    @CsvSource({"''", "a text", "a text that is longer than the header of a library would be: 64 bytes"})
    void whatIsNoLibraryIsCalledSo(String text) throws IOException {
        assertThat(ElfHeader.problem(Files.writeString(folder.resolve("libgatun.so"), text), X86_64))
                .startsWith("it is no shared library");
    }

    private Path file(int bits, int order, int machine, long sections) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(64);
        header.putInt(0, 0x7f454c46);
        header.put(4, (byte) bits);
        header.put(5, (byte) order);
        header.order(order == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        header.putShort(18, (short) machine);
        header.putLong(40, sections);
        header.putShort(58, (short) 64);
        header.putShort(60, (short) (sections == 0 ? 0 : 10));
        return Files.write(folder.resolve("libgatun.so"), header.array());
    }
}
