// Step programs on a CUDA device: the processor's bits. GATUN_CHECK_LIGHT=1 runs few of them, for tools that make
// kernels slow.
#include <cstdlib>

#include "device.h"

namespace gatun::check {
namespace {

int few(int many) { return std::getenv("GATUN_CHECK_LIGHT") == nullptr ? many : many / 25; }

}  // namespace

TEST_CASE("cuda: random step programs") {
    CudaStepDevice device;
    check_random_programs(device, few(500));
}

TEST_CASE("cuda: dense layers and NADE") {
    CudaStepDevice device;
    check_unit_programs(device, few(200));
}

TEST_CASE("cuda: WaveNet") {
    CudaStepDevice device;
    check_wavenets(device, few(50), 0, 150);
}

TEST_CASE("cuda: what cannot be is said") {
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
