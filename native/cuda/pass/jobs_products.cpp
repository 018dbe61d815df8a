// Products and the gradients of their weights.
#include <algorithm>
#include <optional>

#include "cuda/pass/jobs.h"
#include "cuda/pass/sizes.h"

namespace gatun::gpu {
namespace {

// Enough tasks for a large device; sums of fewer positions than these are not cut. What is cut depends on sizes alone,
// so that gradients have the same bits on every device.
constexpr int64_t kEnoughTasks = 8192;
// So many times what is there at once that the last of them, which leave a part of it idle, are few.
constexpr int64_t kEnoughThreads = 270336;
constexpr int64_t kLeastPositions = 64;
constexpr int64_t kLeastTilePositions = 128;
constexpr int64_t kMostScratch = int64_t{1} << 26;  // floats of a gradient's chunks
// With fewer large tiles than these smaller ones are taken, with fewer of those tasks that need no block.
constexpr int64_t kFewTiles = 64;
constexpr int64_t kFewSmallTiles = 8;

int32_t chunks_of(int64_t positions, int64_t least, int64_t wanted, int64_t floats) {
    wanted = std::min(wanted, kMostScratch / std::max<int64_t>(floats, 1));
    return static_cast<int32_t>(std::clamp<int64_t>(wanted, 1, std::max<int64_t>(positions / least, 1)));
}

int32_t chunks_for(int64_t positions, int64_t tasks, int64_t floats) {
    return chunks_of(positions, kLeastPositions, parts(kEnoughTasks, std::max<int64_t>(tasks, 1)), floats);
}

struct TileKind {
    JobKind kind;
    int rows, columns, wide;

    int64_t count(int64_t height, int64_t width) const { return parts(height, rows) * parts(width, columns); }
    int threads() const { return tile_threads(rows, columns, wide); }
};

TileKind large_product(int32_t blocks) {
    if (blocks == 1) return {JobKind::kProductTile16, 128, 16, 4};
    if (blocks == 2) return {JobKind::kProductTile32, 128, 32, 4};
    return {JobKind::kProductTile64, 128, 64, 8};
}

TileKind small_product(int32_t blocks) {
    if (blocks == 1) return {JobKind::kSmallProductTile16, 64, 16, 4};
    if (blocks == 2) return {JobKind::kSmallProductTile32, 32, 32, 4};
    return {JobKind::kSmallProductTile64, 32, 64, 4};
}

std::optional<TileKind> product_tile(int64_t positions, int32_t blocks) {
    const int64_t outputs = int64_t{blocks} * GATUN_LANES;
    const TileKind large = large_product(blocks), small = small_product(blocks);
    if (large.count(positions, outputs) >= kFewTiles) return large;
    return small.count(positions, outputs) >= kFewSmallTiles ? std::optional(small) : std::nullopt;
}

// Of tiles as small as the sizes are; none where most of one would lie idle.
std::optional<TileKind> gradient_tile(int64_t flat, int32_t blocks, int64_t positions) {
    constexpr int64_t kLeast = 16, kFew = 48;
    if (positions < kLeastPositions || flat < kLeast) return std::nullopt;
    const bool few = flat <= kFew;
    if (blocks == 1) {
        return few ? TileKind{JobKind::kSmallGradientTile16, 64, 16, 4}
                   : TileKind{JobKind::kGradientTile16, 128, 16, 4};
    }
    if (blocks == 2) {
        return few ? TileKind{JobKind::kSmallGradientTile32, 32, 32, 4}
                   : TileKind{JobKind::kGradientTile32, 128, 32, 4};
    }
    return few ? TileKind{JobKind::kSmallGradientTile64, 32, 64, 4} : TileKind{JobKind::kGradientTile64, 128, 64, 4};
}

}  // namespace

bool has_product_tile(int64_t positions, int64_t outputs) {
    return product_tile(positions, blocks_of(outputs)).has_value();
}

void Jobs::add_product(const gatun_affine& affine, const int64_t* taps, const gatun_map& x, const gatun_map& y,
                       bool accumulate) {
    gatun_call call{};
    call.affine = affine;
    call.maps[0] = x;
    call.maps[1] = y;
    call.accumulate = accumulate ? 1 : 0;
    Job made = job(JobKind::kProduct, call);
    made.offsets = taps;
    made.flat = flat_inputs(affine);
    made.blocks = blocks_of(affine.outputs);
    made.positions = positions_of(y);
    made.aligned = in_fours(x, affine.inputs) ? 1 : 0;
    made.aligned_y = in_fours(y, affine.outputs) ? 1 : 0;
    if (in_lines_) {
        made.kind = JobKind::kLineProduct;
        made.tiles = static_cast<int32_t>(parts(made.positions, kLineTilePositions));
        return put(made, int64_t{made.blocks} * made.tiles);
    }
    if (rounds_ && put_tensor_product(made)) return;
    const auto tile = product_tile(made.positions, made.blocks);
    if (tile && made.flat > 0 && in_fours(affine.weights)) {
        made.kind = tile->kind;
        made.tiles = static_cast<int32_t>(parts(made.positions, tile->rows));
        return put(made, tile->count(made.positions, affine.outputs));
    }
    made.tiles = static_cast<int32_t>(parts(made.positions, kTilePositions));
    put(made, parts(made.blocks, kTileBlocks) * made.tiles);
}

void Jobs::add_product(const gatun_call& call) {
    const gatun_map& x = call.maps[0];
    add_product(call.affine, add_offsets(call.affine, x), every(x, call.argument), call.maps[1], call.accumulate != 0);
}

void Jobs::add_gradient(const gatun_call& call) {
    Job made = job(JobKind::kGradient, call);
    const gatun_map& dy = call.maps[1];
    made.call.maps[0] = every(call.maps[0], call.argument);
    made.offsets = add_offsets(call.affine, call.maps[0]);
    made.flat = flat_inputs(call.affine);
    made.blocks = blocks_of(dy.features);
    made.positions = positions_of(dy);
    made.aligned = in_fours(call.maps[0], call.affine.inputs) ? 1 : 0;
    made.aligned_y = in_fours(dy, dy.features) ? 1 : 0;
    made.step = made.blocks * (made.flat + 1) * GATUN_LANES;
    const int64_t bias = call.writes[1] == nullptr ? 0 : made.blocks;
    if (rounds_ && put_tensor_gradient(made)) return put_sums(made, made.blocks * made.flat + bias);
    int64_t tasks = 0;
    if (const auto tile = gradient_tile(made.flat, made.blocks, made.positions)) {
        made.kind = tile->kind;
        made.tiles = static_cast<int32_t>(parts(made.flat, tile->rows));
        const int64_t tiles = tile->count(made.flat, int64_t{made.blocks} * GATUN_LANES);
        made.chunks =
            chunks_of(made.positions, kLeastTilePositions, parts(kEnoughThreads, tiles * tile->threads()), made.step);
        tasks = tiles * made.chunks;
    } else {
        made.tiles = static_cast<int32_t>(parts(made.flat, kTileInputs));
        const int64_t pairs = made.tiles * parts(made.blocks, kTileBlocks);
        made.chunks = chunks_for(made.positions, pairs, made.step);
        tasks = (pairs + bias) * made.chunks;
    }
    made.scratch = more_scratch(made.chunks * made.step);
    if (made.positions == 0) return;
    put(made, tasks);
    put_sums(made, made.blocks * made.flat + bias);
}

// What chunks have summed up, row by row.
void Jobs::put_sums(Job& made, int64_t rows) {
    if (made.chunks > 2 * kPartChunks) {
        const int64_t count = parts(made.chunks, kPartChunks);
        made.kind = JobKind::kGradientPart;
        put(made, count * (made.step / GATUN_LANES));
        made.chunks = static_cast<int32_t>(count);
        made.step *= kPartChunks;
    }
    made.kind = JobKind::kGradientSum;
    put(made, rows);
}

void Jobs::add_lookup(const gatun_call& call) {
    Job made = job(JobKind::kLookup, call);
    made.offsets = add_offsets(call.affine, call.levels);
    made.flat = flat_inputs(call.affine);
    made.blocks = blocks_of(call.affine.outputs);
    put(made, positions_of(call.maps[1]) * made.blocks);
}

// taps: where they lie in the levels.
void Jobs::add_lookup_gradient(const gatun_call& call, const int64_t* taps) {
    Job made = job(JobKind::kLookupGradient, call);
    const gatun_levels& x = call.levels;
    const int32_t levels = call.affine.inputs / x.features;
    made.offsets = taps;
    made.flat = flat_inputs(call.affine);
    made.slots = static_cast<int32_t>(made.flat / levels);
    made.blocks = blocks_of(call.maps[1].features);
    made.positions = positions_of(call.maps[1]);
    made.step = made.blocks * (made.flat + 1 + made.slots) * GATUN_LANES;
    made.chunks = chunks_for(made.positions, int64_t{made.slots} * made.blocks, made.step);
    made.scratch = more_scratch(made.chunks * made.step);
    if (made.positions == 0) return;
    const int64_t bias = call.writes[1] == nullptr ? 0 : 1;
    put(made, (made.slots + bias) * made.blocks * made.chunks);
    put_sums(made, made.blocks * (made.flat + bias));
    made.kind = JobKind::kOutsideSum;
    put(made, call.writes[2] == nullptr ? 0 : made.blocks);
}

}  // namespace gatun::gpu
