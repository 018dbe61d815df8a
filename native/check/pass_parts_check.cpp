// Passes over parts of maps: what taps read around a part is what lies there, and nothing farther out is touched.
#include "pass_device.h"

namespace gatun::check {
namespace {

constexpr int32_t kHalo = 2;

// Some rows and columns of a grid, in all of its examples.
struct Part {
    int32_t row, rows, column, columns;

    Part(Random& random, int32_t height, int32_t width)
        : row(static_cast<int32_t>(random.whole(0, height - 1))),
          rows(static_cast<int32_t>(random.whole(1, height - row))),
          column(static_cast<int32_t>(random.whole(0, width - 1))),
          columns(static_cast<int32_t>(random.whole(1, width - column))) {}

    // The map where it begins: as taps read it, with the extents of the grid.
    template <class Map>
    Map from(Map map, int32_t scale = 1) const {
        map.data += scale * (row * map.stride_row + column * map.stride_column);
        return map;
    }
    gatun_map of(const gatun_map& map) const {
        gatun_map part = from(map);
        part.rows = rows;
        part.columns = columns;
        return part;
    }
};

std::vector<gatun_tap> some_taps(Random& random) {
    std::vector<gatun_tap> taps(static_cast<size_t>(random.whole(1, 4)));
    for (gatun_tap& tap : taps) {
        tap = {static_cast<int32_t>(random.whole(-kHalo, kHalo)), static_cast<int32_t>(random.whole(-kHalo, kHalo))};
    }
    return taps;
}

int64_t in_lanes(int64_t count) { return (count + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES; }

}  // namespace

TEST_CASE("pass: parts of maps") {
    Random random("pass parts");
    for (int i = 0; i < 40; ++i) {
        PassDevice device(random);
        const auto n = static_cast<int32_t>(random.whole(1, 3)), rows = static_cast<int32_t>(random.whole(1, 7)),
                   columns = static_cast<int32_t>(random.whole(1, 9)),
                   inputs = static_cast<int32_t>(random.whole(1, 9)),
                   outputs = static_cast<int32_t>(random.whole(1, 20)), scale = i % 2 + 1;
        const std::vector<gatun_tap> taps = some_taps(random);
        const auto count = static_cast<int32_t>(taps.size());
        float* weights = device.floats(in_lanes(outputs) * count * inputs);
        const gatun_affine affine = {weights, nullptr, taps.data(), count, inputs, outputs, 0};
        const Part part(random, rows, columns);
        const gatun_map x = part.from(device.map(n, scale * rows, scale * columns, inputs, kHalo), scale);
        const gatun_levels levels = part.from(device.level_map(n, rows, columns, 1, inputs, kHalo));
        const gatun_map y = part.of(device.map(n, rows, columns, outputs));
        const gatun_map z = part.of(device.map(n, rows, columns, outputs));
        device.run([&](gatun_context* context) {
            return gatun_affine_strided_run(context, &affine, &x, scale, &y, 0) |
                   gatun_lookup_run(context, &affine, nullptr, &levels, &z);
        });
        CHECK(device.same_bits());
    }
}

TEST_CASE("pass: what lies behind a part has no place") {
    Random random("pass parts behind");
    constexpr int32_t kColumns = 8;
    gatun_cuda_device* device = nullptr;
    gatun_cuda_memory* memory = nullptr;
    gatun_cuda_pass* pass = nullptr;
    char text[256] = {};
    const auto size = static_cast<int32_t>(sizeof text);
    std::vector<float> weights = random.reals(GATUN_LANES, -1, 1), values(2 * kColumns), outputs(2 * kColumns);
    const gatun_tap here = {0, 0};
    const gatun_affine affine = {weights.data(), nullptr, &here, 1, 1, 1, 0};
    // The last column of a grid of kColumns, behind which others' memory lies.
    const gatun_map x = {values.data() + kColumns - 1, kColumns, kColumns, 1, 1, 1, kColumns, 1};
    const gatun_map y = {outputs.data(), 1, 1, 1, 1, 1, 1, 1};
    gatun_context* recorder = nullptr;
    REQUIRE(gatun_record_create(&recorder) == GATUN_OK);
    const Context owner(recorder);
    REQUIRE(gatun_affine_run(recorder, &affine, &x, &y, 0) == GATUN_OK);
    const gatun_call* calls = nullptr;
    const int32_t count = gatun_record_calls(recorder, &calls);
    REQUIRE(gatun_cuda_open(0, &device, text, size) == GATUN_OK);
    REQUIRE(gatun_cuda_memory_create(device, &memory, text, size) == GATUN_OK);
    REQUIRE(gatun_cuda_pass_create(memory, calls, count, GATUN_CUDA_F32, &pass, text, size) == GATUN_OK);
    CHECK(gatun_cuda_download(memory, values.data() + kColumns - 1, sizeof(float), text, size) == GATUN_OK);
    CHECK(gatun_cuda_download(memory, values.data() + kColumns, sizeof(float), text, size) == GATUN_INVALID_ARGUMENT);
    gatun_cuda_pass_destroy(pass);
    gatun_cuda_memory_destroy(memory);
    gatun_cuda_close(device);
}

}  // namespace gatun::check
