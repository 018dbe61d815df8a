// Step programs of sequences on a device: the processor's bits. The device is the first that libgatun_cuda.so finds, or
// the emulated one, whichever the program is linked with. GATUN_CHECK_LIGHT=1 runs few of them, for tools that make
// kernels slow.
#include <cstdlib>

#include "cuda/device.h"

namespace gatun::check {
namespace {

bool emulated() {
    Text text;
    gatun_cuda_describe(the_device(), text.data(), text.size());
    return std::string(text.data()).find("emulated") != std::string::npos;
}

int few(int many) { return std::getenv("GATUN_CHECK_LIGHT") == nullptr ? many : many / 25; }

}  // namespace

TEST_CASE("step programs on a device: random programs") {
    CudaStepDevice device;
    check_random_programs(device, few(500));
    CHECK(device.bf16() > 0);
}

TEST_CASE("step programs on a device: dense layers and NADE") {
    CudaStepDevice device;
    check_unit_programs(device, few(200));
    CHECK(device.bf16() > 0);
}

TEST_CASE("step programs on a device: WaveNet") {
    CudaStepDevice device;
    if (emulated()) return check_wavenets(device, 10, 36, 100);  // wide heads take a processor long
    check_wavenets(device, few(50), 0, 150);
}

TEST_CASE("step programs on a device: what cannot be is said") {
    Text text;
    gatun_cuda_device* device = nullptr;
    CHECK(gatun_cuda_open(1000, &device, text.data(), text.size()) == GATUN_UNSUPPORTED);
    CHECK(std::string(text.data()).find("there is no device cuda:1000") == 0);
    Random random("cuda failures");
    const gatun_step_slot slots[] = {{0, 1, 1, 0, 0}};
    gatun_step_program program{};
    program.slots = slots;
    program.slot_count = 1;
    program.state_floats = int64_t{1} << 40;
    const CudaProgram made = program_on_device(program);
    gatun_cuda_streams* streams = nullptr;
    CHECK(gatun_cuda_streams_create(made.get(), 4, nullptr, &streams, text.data(), text.size()) == GATUN_OUT_OF_MEMORY);
    CHECK(std::string(text.data()).find("memory for the state of 4 streams, 17592186044416 bytes") == 0);
    const gatun_cuda_launch launch = {33, 0, 0, 0, 0};
    CHECK(gatun_cuda_streams_create(made.get(), 4, &launch, &streams, text.data(), text.size()) ==
          GATUN_INVALID_ARGUMENT);
    CHECK(streams == nullptr);
}

}  // namespace gatun::check
