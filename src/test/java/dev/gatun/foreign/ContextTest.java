package dev.gatun.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Pools of threads: shared by those who use them, gone with the last. */
class ContextTest {
    @Test
    void ownersOfTheSameChoiceShareAPool() {
        Context first = Context.of(Isa.BEST, 3);
        Context second = Context.of(Isa.BEST, 3);
        try (Context other = Context.of(Isa.BEST, 2)) {
            assertThat(second.handle()).isEqualTo(first.handle());
            assertThat(other.handle()).isNotEqualTo(first.handle());
        }
        first.close();
        first.close();
        assertThatThrownBy(first::handle)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("that is closed");
        assertThat(second.handle()).isNotNull();
        second.close();
        assertThatThrownBy(second::handle).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void threadsEndWithTheLastOwner() throws IOException {
        long before = threads();
        Context held = Context.of(Isa.BEST, 40);
        assertThat(threads()).isGreaterThanOrEqualTo(before + 39);
        for (int count = 1; count < 40; count++) {
            try (Context context = Context.of(Isa.BEST, count)) {
                assertThat(context.threads()).isEqualTo(count);
            }
        }
        // Those of the pools gone would be 741; a few of the virtual machine may have come.
        assertThat(threads()).isLessThan(before + 39 + 30);
        held.close();
        assertThat(threads()).isLessThan(before + 30);
    }

    private static long threads() throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.count();
        }
    }
}
