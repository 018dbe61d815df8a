#include "ops/rounded/rounded.h"

#include <algorithm>

#include "core/cpu.h"
#include "ops/affine/pieces.h"

namespace gatun {
namespace {

// Of a task, from the beginning of its memory.
struct Parts {
    int64_t pointers;  // behind the rounded inputs
    int64_t end;

    explicit Parts(const gatun_affine& affine)
        : pointers(rounded_bytes(affine.tap_count, affine.inputs)),
          end(pointers + (affine.tap_count * static_cast<int64_t>(sizeof(float*)) + 63) / 64 * 64) {}
};

PackedStep whole_step(const gatun_affine& affine, const void* packed) {
    PackedStep step{};
    step.weights = step.behind = packed;
    step.precision = GATUN_INT8_DYNAMIC;
    step.taps = affine.tap_count;
    step.inputs = affine.inputs;
    step.outputs = affine.outputs;
    step.activation = -1;
    step.end_block = packed_blocks(affine.outputs);
    return step;
}

int32_t run_rounded(gatun_context& context, const gatun_affine& affine, const void* packed, gatun_map x, gatun_map y) {
    thread_local Scratch memory;
    const PackedKernels& kernels = rounded_kernels(context.isa);
    const int64_t* offsets = offsets_of(affine, x);
    join_rows(x, y);
    const AffinePieces pieces(y, 256);
    const int64_t tasks = std::min<int64_t>(pieces.count, 4 * context.pool.threads());
    const Parts parts(affine);
    auto* scratch = static_cast<char*>(memory.bytes(static_cast<size_t>(parts.end * tasks)));
    context.pool.run(tasks, [&](int64_t task) {
        char* own = scratch + task * parts.end;
        auto** taps = reinterpret_cast<const float**>(own + parts.pointers);
        PackedStep step = whole_step(affine, packed);
        step.rounded = own;
        step.x = taps;
        step.x_step = x.stride_column;
        step.y_step = y.stride_column;
        for (int64_t i = pieces.count * task / tasks; i < pieces.count * (task + 1) / tasks; ++i) {
            for (int32_t k = 0; k < affine.tap_count; ++k) taps[k] = at(x, pieces[i]) + offsets[k];
            step.y = at(y, pieces[i]);
            step.positions = pieces[i].columns;
            kernels.run(step);
        }
    });
    return GATUN_OK;
}

}  // namespace

const PackedKernels& rounded_kernels(int32_t isa, bool plain) {
    if (!plain && has_byte_products(isa)) return GATUN_PICK_FINER(isa, rounded_kernel_table);
    return GATUN_PICK(isa, rounded_kernel_table);
}

}  // namespace gatun

extern "C" int32_t gatun_rounded_run(gatun_context* context, const gatun_affine* affine, const void* packed,
                                     const gatun_map* x, const gatun_map* y) {
    return gatun::guarded(context, [&] { return gatun::run_rounded(*context, *affine, packed, *x, *y); });
}
