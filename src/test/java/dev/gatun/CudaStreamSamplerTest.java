package dev.gatun;

import org.junit.jupiter.api.extension.ExtendWith;

/** Streams on a device: the emulated one, or the first of the library that tests are started with. */
@ExtendWith(EmulatedDevice.class)
class CudaStreamSamplerTest extends StreamSamplerTest {
    @Override
    Device device(int threads) {
        return EmulatedDevice.DEVICE;
    }
}
