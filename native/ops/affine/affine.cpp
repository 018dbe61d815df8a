#include "ops/affine/affine.h"

#include "ops/affine/few.h"
#include "ops/affine/narrow.h"
#include "ops/affine/pieces.h"

namespace gatun {
namespace {

constexpr int64_t kLanes = GATUN_LANES;

// The same sum with taps whose inputs are neighbours in memory taken together, as those of a kernel's row are: fewer
// taps of more inputs, the last with some that are not seen. All must get the same length; offsets: of these then.
gatun_affine with_longer_taps(const gatun_affine& affine, int64_t* offsets) {
    const auto follows = [&](int32_t k) { return offsets[k] == offsets[k - 1] + affine.inputs; };
    int32_t length = 1;
    while (length < affine.tap_count && follows(length)) ++length;
    for (int32_t k = length; k < affine.tap_count; ++k) {
        if (k % length != 0 && !follows(k)) return affine;
    }
    if (length == 1) return affine;
    gatun_affine longer = affine;
    longer.tap_count = (affine.tap_count + length - 1) / length;
    longer.inputs *= length;
    longer.unseen += (longer.tap_count * length - affine.tap_count) * affine.inputs;
    for (int32_t k = 0; k < longer.tap_count; ++k) offsets[k] = offsets[k * length];
    return longer;
}

AffineRow row_of(const gatun_map& x, const gatun_map& y, const int64_t* offsets, const AffinePiece& piece) {
    return {at(x, piece), offsets, x.stride_column, at(y, piece), y.stride_column, piece.columns};
}

int32_t run_affine(gatun_context& context, const gatun_affine& given, const gatun_map& all, int32_t stride,
                   const gatun_map& results, bool accumulate) {
    if (stride == 1 && is_few(given, all, results)) {
        few_run(context, given, all, results, accumulate);
        return GATUN_OK;
    }
    gatun_map x = every(all, stride), y = results;
    join_rows(x, y);
    // Few inputs, and more positions than the smallest tiles take.
    const bool narrow = given.inputs <= 3 && y.columns > 3 && (x.stride_column == 1 || x.stride_column == 3);
    int64_t* offsets = narrow ? inputs_of(given, all) : offsets_of(given, all);
    const gatun_affine affine = narrow ? given : with_longer_taps(given, offsets);
    const auto run = narrow ? GATUN_PICK(context.isa, narrow_kernels).run : GATUN_PICK(context.isa, affine_kernels).run;
    const int64_t blocks = blocks_of(affine.outputs);
    // A panel's weights stay in the L2 cache while all positions go by; panels and stretches of positions are the
    // tasks.
    const int64_t block_bytes = flat_inputs(affine) * kLanes * 4;
    const int64_t panel = std::clamp<int64_t>((192 << 10) / std::max<int64_t>(block_bytes, 1) / 2 * 2, 2, 64);
    const int64_t panels = (blocks + panel - 1) / panel;
    // Few pieces would leave threads without any; short ones cost their ends.
    const int64_t threads = context.pool.threads(), positions = int64_t{y.examples} * y.rows * y.columns;
    const AffinePieces pieces(y, std::clamp<int64_t>(positions / (8 * threads), 96, 384));
    if (pieces.count == 0 || blocks == 0) return GATUN_OK;
    const int64_t stretches = std::clamp<int64_t>(4 * threads / panels, 1, pieces.count);
    context.pool.run(panels * stretches, [&](int64_t task) {
        // A thread's tasks are neighbours, and so are the positions of its share.
        const int64_t first = task % panels * panel, stretch = task / panels;
        const int64_t end = pieces.count * (stretch + 1) / stretches;
        int64_t i = pieces.count * stretch / stretches;
        for (AffinePiece piece = pieces[i]; i < end; ++i, piece = pieces.after(piece)) {
            run(affine, row_of(x, y, offsets, piece), first, std::min(panel, blocks - first), accumulate);
        }
    });
    return GATUN_OK;
}

}  // namespace

int32_t own_product(gatun_context& context, const gatun_product& p) {
    if (p.kind == GATUN_PRODUCT_RUN) return run_affine(context, *p.affine, *p.x, p.stride, *p.y, p.accumulate != 0);
    add_gradient(context, *p.affine, *p.x, p.stride, *p.y, p.weights, p.bias);
    return GATUN_OK;
}

namespace {

int32_t compute(gatun_context& context, const gatun_product& product) {
    if (context.products != nullptr && context.products->compute(product)) return GATUN_OK;
    return own_product(context, product);
}

}  // namespace
}  // namespace gatun

extern "C" {

int32_t gatun_affine_run(gatun_context* context, const gatun_affine* affine, const gatun_map* x, const gatun_map* y,
                         int32_t accumulate) {
    return gatun_affine_strided_run(context, affine, x, 1, y, accumulate);
}

int32_t gatun_affine_strided_run(gatun_context* context, const gatun_affine* affine, const gatun_map* x, int32_t stride,
                                 const gatun_map* y, int32_t accumulate) {
    return gatun::recordable(
        context, GATUN_CALL_AFFINE,
        [&](gatun::Record& r) { r.affine(*affine).maps(x, y).argument(stride).accumulate(accumulate); },
        [&] {
            return gatun::compute(*context, {affine, x, y, nullptr, nullptr, GATUN_PRODUCT_RUN, stride, accumulate, 0});
        });
}

int32_t gatun_affine_gradient(gatun_context* context, const gatun_affine* affine, const gatun_map* x,
                              const gatun_map* dy, float* weights, float* bias) {
    return gatun_affine_strided_gradient(context, affine, x, 1, dy, weights, bias);
}

int32_t gatun_affine_strided_gradient(gatun_context* context, const gatun_affine* affine, const gatun_map* x,
                                      int32_t stride, const gatun_map* dy, float* weights, float* bias) {
    return gatun::recordable(
        context, GATUN_CALL_AFFINE_GRADIENT,
        [&](gatun::Record& r) { r.affine(*affine).maps(x, dy).writes(weights, bias).argument(stride); },
        [&] {
            return gatun::compute(*context, {affine, x, dy, weights, bias, GATUN_PRODUCT_GRADIENT, stride, 0, 0});
        });
}
}
