package dev.gatun;

import org.junit.jupiter.api.extension.ExtendWith;

/** Streams for subscribers on a device: the emulated one, or the first of the library that tests are started with. */
@ExtendWith(EmulatedDevice.class)
class CudaStreamServiceTest extends StreamServiceTest {
    @Override
    Device device() {
        return EmulatedDevice.DEVICE;
    }
}
