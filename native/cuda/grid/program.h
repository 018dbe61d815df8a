// The step program of a grid with its weights on a device.
#pragma once

#include <vector>

#include "cuda/entries.h"

namespace gatun::gpu::grids {

class DeviceProgram {
public:
    DeviceProgram(std::shared_ptr<const Device> on, const gatun_grid_program& from);

    // Its arrays lie here, what its instructions point to on the device, laid out for its kernel.
    gatun_grid_program native() const;

    const Device& device() const { return *device_; }
    // How weights that are multiplied are kept.
    int32_t precision() const { return precision_; }

private:
    void copy_weights(const gatun_grid_program& from);

    const std::shared_ptr<const Device> device_;
    const int32_t precision_;
    gatun_grid_program program_;
    std::vector<gatun_grid_operation> operations_;
    std::vector<gatun_grid_slot> slots_;
    std::vector<gatun_tap> taps_;
    std::vector<int32_t> section_ends_;
    Memory weights_;
};

}  // namespace gatun::gpu::grids

struct gatun_cuda_grid {
    std::shared_ptr<const gatun::gpu::grids::DeviceProgram> it;
};
