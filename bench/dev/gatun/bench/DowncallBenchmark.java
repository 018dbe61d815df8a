package dev.gatun.bench;

import dev.gatun.bindings.gatun_h;
import dev.gatun.foreign.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to cross into native code and back, with the cheapest functions there are: why many steps go into one
 * call. {@code plain} is what the bindings do, {@code critical} stays in Java's thread state, {@code sharedPointer}
 * hands over a pointer into an arena that several threads may close.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class DowncallBenchmark {
    private static final MethodHandle CRITICAL;

    static {
        NativeLibrary.load();
        CRITICAL = Linker.nativeLinker()
                .downcallHandle(
                        gatun_h.gatun_abi_version$address(),
                        gatun_h.gatun_abi_version$descriptor(),
                        Linker.Option.critical(false));
    }

    private final MemorySegment shared = Arena.ofShared().allocate(8);
    private final MemorySegment confined = Arena.ofAuto().allocate(8);

    @Benchmark
    public int plain() {
        return gatun_h.gatun_abi_version();
    }

    @Benchmark
    public int critical() throws Throwable {
        return (int) CRITICAL.invokeExact();
    }

    @Benchmark
    public int pointer() {
        return gatun_h.gatun_abi_facts(confined);
    }

    @Benchmark
    public int sharedPointer() {
        return gatun_h.gatun_abi_facts(shared);
    }
}
