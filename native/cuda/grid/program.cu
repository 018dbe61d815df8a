#include <map>
#include <tuple>
#include <utility>

#include "cuda/grid/plan.h"
#include "cuda/grid/program.h"
#include "cuda/weights.h"

namespace gatun::gpu::grids {
namespace {

// What weights are read by: instructions for which all of it is the same share them.
auto reading_of(const gatun_grid_program& program, const gatun_grid_operation& op) {
    return std::tuple(op.weights, op.kind, op.before, op.tap_count, op.inputs, op.unseen, op.behind, op.outputs,
                      op.precision, in_fours(program, op));
}

bool has_weights(const gatun_grid_operation& op) {
    const bool kind = op.kind == GATUN_STEP_AFFINE || op.kind == GATUN_STEP_LOOKUP || op.kind == GATUN_STEP_ENCODE;
    return kind && op.weights != nullptr;
}

}  // namespace

DeviceProgram::DeviceProgram(std::shared_ptr<const Device> on, const gatun_grid_program& from)
    : device_(std::move(on)),
      precision_(precision_of(from)),
      program_(from),
      operations_(copied(from.operations, from.operation_count)),
      slots_(copied(from.slots, from.slot_count)),
      taps_(copied(from.taps, from.tap_count)),
      section_ends_(copied(from.section_ends, from.channels + 2)) {
    copy_weights(from);
}

void DeviceProgram::copy_weights(const gatun_grid_program& from) {
    Weights all;
    std::vector<std::pair<const float**, int64_t>> pointers;
    std::map<decltype(reading_of(from, operations_[0])), int64_t> known;
    const auto add = [&](const float*& field, int64_t count) {
        if (field != nullptr) pointers.emplace_back(&field, all.add(copied(field, count)));
    };
    for (gatun_grid_operation& op : operations_) {
        if (has_weights(op)) {
            const int32_t kept = op.kind == GATUN_STEP_AFFINE ? precision_ : GATUN_F32;
            const auto [place, unknown] = known.try_emplace(reading_of(from, op), 0);
            if (unknown) place->second = all.add(lay_out(from, op, kept));
            op.precision = kept;
            pointers.emplace_back(&op.weights, place->second);
        } else {
            op.weights = nullptr;
        }
        add(op.bias, op.outputs);
        add(op.outside, op.outputs);
    }
    const float* memory = all.copy(weights_);
    for (const auto& [field, at] : pointers) *field = memory + at;
}

gatun_grid_program DeviceProgram::native() const {
    gatun_grid_program program = program_;
    program.operations = operations_.data();
    program.slots = slots_.data();
    program.taps = taps_.data();
    program.section_ends = section_ends_.data();
    return program;
}

}  // namespace gatun::gpu::grids

extern "C" {

int32_t gatun_cuda_grid_create(gatun_cuda_device* device, const gatun_grid_program* from, gatun_cuda_grid** program,
                               char* text, int32_t capacity) {
    *program = nullptr;
    return gatun::gpu::entry(text, capacity, [&] {
        device->it->use();
        *program = new gatun_cuda_grid{std::make_shared<const gatun::gpu::grids::DeviceProgram>(device->it, *from)};
    });
}

void gatun_cuda_grid_destroy(gatun_cuda_grid* program) {
    if (program != nullptr) cudaSetDevice(program->it->device().number);
    delete program;
}

int32_t gatun_cuda_grid_precision(const gatun_cuda_grid* program) { return program->it->precision(); }
}
