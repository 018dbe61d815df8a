// A step program with its weights on a device.
#pragma once

#include <vector>

#include "cuda/entries.h"

namespace gatun::gpu {

class DeviceProgram {
public:
    DeviceProgram(std::shared_ptr<const Device> on, const gatun_step_program& from);

    // Its arrays lie here, what its instructions point to on the device.
    gatun_step_program native() const;

    const Device& device() const { return *device_; }
    // How weights that are multiplied are kept.
    int32_t precision() const { return precision_; }

private:
    void copy_weights(const gatun_step_program& from);

    const std::shared_ptr<const Device> device_;
    const int32_t precision_;
    gatun_step_program program_;
    std::vector<gatun_step_operation> operations_;
    std::vector<gatun_step_slot> slots_;
    std::vector<int32_t> distances_;
    std::vector<int32_t> places_;
    Memory weights_;
};

}  // namespace gatun::gpu

struct gatun_cuda_program {
    std::shared_ptr<const gatun::gpu::DeviceProgram> it;
};
