#include <algorithm>
#include <memory>
#include <utility>

#include "cuda/laid.h"
#include "cuda/plan.h"
#include "cuda/program.h"
#include "cuda/weights.h"

namespace gatun::gpu {
namespace {

void require_known(const gatun_step_program& from) {
    for (int32_t i = 0; i < from.operation_count; ++i) {
        const int32_t kind = from.operations[i].kind;
        if (knows(kind)) continue;
        throw Failure(GATUN_UNSUPPORTED, "instruction " + std::to_string(i) + " is of kind " + std::to_string(kind) +
                                             ", which the kernels for CUDA do not know");
    }
}

}  // namespace

DeviceProgram::DeviceProgram(std::shared_ptr<const Device> on, const gatun_step_program& from)
    : device_(std::move(on)),
      precision_(precision_of(from)),
      program_(from),
      operations_(copied(from.operations, from.operation_count)),
      slots_(copied(from.slots, from.slot_count)),
      distances_(copied(from.distances, from.distance_count)),
      places_(from.places == nullptr ? std::vector<int32_t>() : copied(from.places, from.chain)) {
    require_known(from);
    copy_weights(from);
}

void DeviceProgram::copy_weights(const gatun_step_program& from) {
    Weights all;
    std::vector<std::pair<const float**, int64_t>> pointers;
    const auto add = [&](const float*& field, int64_t count) {
        if (field != nullptr) pointers.emplace_back(&field, all.add(copied(field, count)));
    };
    for (gatun_step_operation& op : operations_) {
        const Extents extents = extents_of(from, op);
        op.precision = multiplies(op) ? precision_ : GATUN_F32;
        if (op.weights != nullptr) pointers.emplace_back(&op.weights, all.add(lay_out(from, op, op.precision)));
        add(op.bias, extents.bias);
        add(op.outside, extents.outside);
    }
    const float* memory = all.copy(weights_);
    for (const auto& [field, at] : pointers) *field = memory + at;
}

gatun_step_program DeviceProgram::native() const {
    gatun_step_program program = program_;
    program.operations = operations_.data();
    program.slots = slots_.data();
    program.distances = distances_.data();
    program.places = places_.empty() ? nullptr : places_.data();
    return program;
}

}  // namespace gatun::gpu

extern "C" {

int32_t gatun_cuda_program_create(gatun_cuda_device* device, const gatun_step_program* from,
                                  gatun_cuda_program** program, char* text, int32_t capacity) {
    *program = nullptr;
    return gatun::gpu::entry(text, capacity, [&] {
        device->it->use();
        *program = new gatun_cuda_program{std::make_shared<const gatun::gpu::DeviceProgram>(device->it, *from)};
    });
}

void gatun_cuda_program_destroy(gatun_cuda_program* program) {
    if (program != nullptr) cudaSetDevice(program->it->device().number);
    delete program;
}

int32_t gatun_cuda_program_precision(const gatun_cuda_program* program) { return program->it->precision(); }
}
