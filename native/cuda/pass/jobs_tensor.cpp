// Which products of training go to tensor cores: those that are wide enough, where a pass asks for it.
#include <algorithm>
#include <vector>

#include "cuda/pass/jobs.h"
#include "cuda/pass/sizes.h"
#include "gatun_cuda.h"

namespace gatun::gpu {
namespace {

// Of narrower sums, and of fewer outputs, most of a tile would lie idle. What a thread brings lies within a tap.
constexpr int64_t kLeastFlat = 32, kLeastOutputs = 17, kInputsTogether = 8;
// With fewer large tiles than these smaller ones are taken; with fewer of those, float32's.
constexpr int64_t kFewTiles = 128, kFewSmallTiles = 8;
constexpr int64_t kLeastPositions = 512, kLeastChunk = 256;
// Of gradients: so many that a large device has all its threads twice.
constexpr int64_t kEnoughThreads = 67584;
constexpr int64_t kMostScratch = int64_t{1} << 26;  // floats of a gradient's chunks

struct Tile {
    JobKind tf32, bf16;
    int rows, columns, threads;

    int64_t count(int64_t height, int64_t width) const { return parts(height, rows) * parts(width, columns); }
    JobKind kind(int32_t products) const { return products == GATUN_CUDA_TF32 ? tf32 : bf16; }
};

constexpr Tile kProduct32 = {JobKind::kTf32Product32, JobKind::kBf16Product32, 128, 32, 128};
constexpr Tile kProduct64 = {JobKind::kTf32Product64, JobKind::kBf16Product64, 128, 64, 128};
constexpr Tile kProduct128 = {JobKind::kTf32Product128, JobKind::kBf16Product128, 128, 128, 128};
constexpr Tile kSmallProduct32 = {JobKind::kSmallTf32Product32, JobKind::kSmallBf16Product32, 64, 32, 64};
constexpr Tile kSmallProduct64 = {JobKind::kSmallTf32Product64, JobKind::kSmallBf16Product64, 64, 64, 128};
constexpr Tile kGradient32 = {JobKind::kTf32Gradient32, JobKind::kBf16Gradient32, 128, 32, 128};
constexpr Tile kGradient64 = {JobKind::kTf32Gradient64, JobKind::kBf16Gradient64, 128, 64, 128};
constexpr Tile kGradient128 = {JobKind::kTf32Gradient128, JobKind::kBf16Gradient128, 128, 128, 128};

// The narrowest that holds some outputs.
const Tile& holding(int64_t outputs, const Tile& narrow, const Tile& middle, const Tile& wide) {
    return outputs <= narrow.columns ? narrow : outputs <= middle.columns ? middle : wide;
}

struct Part {
    Tile tile;
    int64_t first, outputs;
};

// Wide tiles as far as outputs go, which load the least for what they compute; then one that holds the rest.
std::vector<Part> parts_of(int64_t outputs, const Tile& narrow, const Tile& middle, const Tile& wide) {
    const int64_t rest = outputs % wide.columns, most = outputs - rest;
    const Tile& last = holding(rest, narrow, middle, wide);
    if (rest == 0 || most == 0 || last.columns == wide.columns) return {{most == 0 ? last : wide, 0, outputs}};
    return {{wide, 0, most}, {last, most, rest}};
}

std::vector<Part> product_parts(int64_t positions, int64_t outputs) {
    std::vector<Part> large = parts_of(outputs, kProduct32, kProduct64, kProduct128);
    if (large.front().tile.count(positions, large.front().outputs) >= kFewTiles) return large;
    std::vector<Part> small = parts_of(outputs, kSmallProduct32, kSmallProduct64, kSmallProduct64);
    const int64_t tiles = small.front().tile.count(positions, small.front().outputs);
    return tiles >= kFewSmallTiles ? small : std::vector<Part>();
}

bool wide_enough(const Job& job, int64_t outputs) {
    return job.aligned != 0 && job.call.affine.inputs % kInputsTogether == 0 && job.flat >= kLeastFlat &&
           outputs >= kLeastOutputs;
}

// A product's outputs from one on.
Job outputs_of(const Job& whole, const Part& part) {
    Job some = whole;
    gatun_affine& affine = some.call.affine;
    affine.weights += part.first * whole.flat;  // blocks of sixteen
    if (affine.bias != nullptr) affine.bias += part.first;
    affine.outputs = static_cast<int32_t>(part.outputs);
    some.call.maps[1].data += part.first;
    some.call.maps[1].features = affine.outputs;
    some.blocks = blocks_of(part.outputs);
    return some;
}

int32_t chunks_for(const Job& job, const Part& part) {
    const int64_t threads = part.tile.count(job.flat, part.outputs) * part.tile.threads;
    const int64_t wanted = std::min(parts(kEnoughThreads, threads), kMostScratch / std::max<int64_t>(job.step, 1));
    return static_cast<int32_t>(std::clamp<int64_t>(wanted, 1, job.positions / kLeastChunk));
}

}  // namespace

bool Jobs::put_tensor_product(const Job& whole) {
    const int64_t outputs = whole.call.affine.outputs;
    if (!wide_enough(whole, outputs) || !in_fours(whole.call.affine.weights)) return false;
    const std::vector<Part> parted = product_parts(whole.positions, outputs);
    for (const Part& part : parted) {
        Job made = outputs_of(whole, part);
        made.kind = part.tile.kind(products_);
        made.tiles = static_cast<int32_t>(parts(whole.positions, part.tile.rows));
        put(made, part.tile.count(whole.positions, part.outputs));
    }
    return !parted.empty();
}

bool Jobs::put_tensor_gradient(Job& whole) {
    const int64_t outputs = whole.call.maps[1].features;
    if (!wide_enough(whole, outputs) || whole.aligned_y == 0 || whole.positions < kLeastPositions) return false;
    const std::vector<Part> parted = parts_of(outputs, kGradient32, kGradient64, kGradient128);
    whole.chunks = chunks_for(whole, parted.front());
    whole.scratch = more_scratch(whole.chunks * whole.step);
    for (const Part& part : parted) {
        Job made = whole;
        made.kind = part.tile.kind(products_);
        made.output = static_cast<int32_t>(part.first);
        made.across = static_cast<int32_t>(parts(part.outputs, part.tile.columns));
        made.tiles = static_cast<int32_t>(parts(whole.flat, part.tile.rows));
        put(made, part.tile.count(whole.flat, part.outputs) * whole.chunks);
    }
    return true;
}

}  // namespace gatun::gpu
