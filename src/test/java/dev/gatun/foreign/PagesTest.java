package dev.gatun.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PagesTest {
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 4096, (2 << 20) - 1, 2 << 20, (5 << 20) + 3})
    void theyAreZerosToTheLastByte(long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pages = Pages.allocate(arena, bytes);
            assertThat(pages.byteSize()).isEqualTo(Math.max(1, bytes));
            assertThat(pages.address() % (bytes < 2 << 20 ? 64 : 2 << 20)).isZero();
            assertThat(pages.mismatch(arena.allocate(pages.byteSize()))).isEqualTo(-1);
            pages.fill((byte) 1);
        }
    }

    @Test
    void theyGoWithTheirArena() {
        Arena arena = Arena.ofConfined();
        MemorySegment pages = Pages.allocate(arena, 4 << 20);
        arena.close();
        assertThatThrownBy(() -> pages.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatNoMachineHasIsRefused() {
        try (Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> Pages.allocate(arena, 1L << 60))
                    .isInstanceOf(NativeException.class)
                    .hasMessageContaining("1152921504606846976 bytes of memory")
                    .hasMessageContaining("out of native memory");
        }
    }
}
