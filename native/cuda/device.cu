// Devices: what is there, and what is wrong where nothing is.
#include <algorithm>
#include <cstring>
#include <memory>

#include "cuda/entries.h"
#include "cuda/grid/kernel.h"
#include "cuda/kernel.h"

namespace gatun::gpu {
namespace {

std::string version(int number) {
    return number == 0 ? "none" : std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10);
}

// A driver counts by the newest version of CUDA that it runs.
std::string versions() {
    int driver = 0, runtime = 0;
    cudaDriverGetVersion(&driver);
    cudaRuntimeGetVersion(&runtime);
    return "the driver is for CUDA " + version(driver) + ", the library was built with CUDA " + version(runtime);
}

std::string megabytes(size_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

std::string memory_left() {
    size_t free = 0, all = 0;
    if (cudaMemGetInfo(&free, &all) != cudaSuccess) return "";
    return ", " + megabytes(free) + " of " + megabytes(all) + " are free";
}

int count_devices() {
    int count = 0;
    const cudaError_t error = cudaGetDeviceCount(&count);
    if (error == cudaErrorInsufficientDriver) {
        int driver = 0;
        cudaDriverGetVersion(&driver);
        throw Failure(
            GATUN_UNSUPPORTED,
            (driver == 0 ? "there is no CUDA driver on this machine: " : "the CUDA driver is too old: ") + versions());
    }
    if (error == cudaErrorNoDevice) throw Failure(GATUN_UNSUPPORTED, "the CUDA driver finds no device: " + versions());
    check(error, "looking for CUDA devices");
    return count;
}

std::string describe(int number, const cudaDeviceProp& properties) {
    return "cuda:" + std::to_string(number) + ", " + properties.name + ", compute capability " +
           std::to_string(properties.major) + "." + std::to_string(properties.minor) + ", " +
           std::to_string(properties.multiProcessorCount) + " multiprocessors, " +
           megabytes(properties.totalGlobalMem) + "; " + versions();
}

std::shared_ptr<const Device> open(int number) {
    const int count = count_devices();
    if (number < 0 || number >= count) {
        throw Failure(GATUN_UNSUPPORTED, "there is no device cuda:" + std::to_string(number) + ": this machine has " +
                                             std::to_string(count) + " CUDA device" + (count == 1 ? "" : "s"));
    }
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, number), "asking for a device's properties");
    auto device = std::make_shared<Device>();
    device->number = number;
    device->processors = properties.multiProcessorCount;
    device->description = describe(number, properties);
    if (properties.major < 8) {
        throw Failure(GATUN_UNSUPPORTED,
                      device->description + ": the kernels are for compute capability 8.0 and newer");
    }
    device->use();
    const cudaError_t error = allow_shared(number, &device->shared_bytes, &device->clusters);
    check(error, "preparing " + device->description);
    check(grids::allow_shared(static_cast<int>(device->shared_bytes)), "preparing " + device->description);
    return device;
}

}  // namespace

void check(cudaError_t error, const std::string& what) {
    if (error == cudaSuccess) return;
    cudaGetLastError();  // it is told once
    const std::string text = what + ": " + cudaGetErrorString(error) + " (" + cudaGetErrorName(error) + ")";
    if (error == cudaErrorMemoryAllocation) throw Failure(GATUN_OUT_OF_MEMORY, text + memory_left());
    if (error == cudaErrorNoKernelImageForDevice || error == cudaErrorUnsupportedPtxVersion) {
        throw Failure(GATUN_UNSUPPORTED, text + "; " + versions());
    }
    throw Failure(GATUN_SYSTEM_ERROR, text);
}

void copy_text(const std::string& from, char* text, int32_t capacity) {
    if (text == nullptr || capacity < 1) return;
    const size_t length = std::min(from.size(), static_cast<size_t>(capacity - 1));
    std::memcpy(text, from.data(), length);
    text[length] = 0;
}

void Device::use() const { check(cudaSetDevice(number), "choosing cuda:" + std::to_string(number)); }

void* Memory::room(size_t bytes, const std::string& what) {
    if (bytes > size_) {
        cudaFree(memory_);
        memory_ = nullptr;
        size_ = 0;
        check(cudaMalloc(&memory_, bytes), what + ", " + std::to_string(bytes) + " bytes");
        size_ = bytes;
    }
    return memory_;
}

}  // namespace gatun::gpu

extern "C" {

int32_t gatun_cuda_abi_version(void) { return GATUN_CUDA_ABI_VERSION; }

int32_t gatun_cuda_count(int32_t* count, char* text, int32_t capacity) {
    *count = 0;
    return gatun::gpu::entry(text, capacity, [&] { *count = gatun::gpu::count_devices(); });
}

int32_t gatun_cuda_open(int32_t number, gatun_cuda_device** device, char* text, int32_t capacity) {
    *device = nullptr;
    return gatun::gpu::entry(text, capacity, [&] { *device = new gatun_cuda_device{gatun::gpu::open(number)}; });
}

void gatun_cuda_close(gatun_cuda_device* device) { delete device; }

void gatun_cuda_describe(const gatun_cuda_device* device, char* text, int32_t capacity) {
    gatun::gpu::copy_text(device->it->description, text, capacity);
}
}
