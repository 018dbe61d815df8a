package dev.gatun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gatun.foreign.NativeException;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives tests the emulated device, which plays the kernels of passes and of step programs task by task in memory of its own. What a pass forgot to bring
 * there is not a number. Where the library for devices is named when tests are started, its first device.
 */
public final class EmulatedDevice implements BeforeAllCallback, AfterAllCallback {
    /** The device. */
    public static final Device DEVICE = Device.cuda(0);

    private static final String PROPERTY = "gatun.cuda.library.path";
    private static final boolean NAMED = System.getProperty(PROPERTY) != null;

    @Override
    public void beforeAll(ExtensionContext context) {
        if (NAMED) {
            return;
        }
        Path built = Path.of("target", "native", "native", "libgatun_cuda_emulated.so");
        assertThat(built).as("what the native build leaves").isRegularFile();
        System.setProperty(PROPERTY, built.toAbsolutePath().toString());
        assumeTrue(present(), "this processor has not the instructions that the emulated device is built with");
        assertThat(DEVICE.describeCuda()).contains("emulated by this processor");
    }

    private static boolean present() {
        try {
            return !DEVICE.describeCuda().isEmpty();
        } catch (NativeException e) {
            return false;
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (!NAMED) {
            System.clearProperty(PROPERTY);
        }
    }
}
