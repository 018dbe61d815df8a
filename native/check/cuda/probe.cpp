// Where the time of a step goes, on a CUDA device: cycles of each wave of the last step of a block's streams, by the
// clock of a multiprocessor.
//
//   gatun_cuda_probe [model] [blocks]     W1, W2, nv, sums, products, made or nade (all); of one stream 1, 2, 4, 8 or
//                                         16 blocks (all); 0: streams that blocks have alone
//
// `sums` and `products` are chains of the smallest tasks that there are: what a wave costs besides its work.
#define DOCTEST_CONFIG_IMPLEMENT  // of which nothing runs here
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "cuda/plan.h"
#include "device.h"
#include "step_programs.h"
#include "unit_programs.h"

namespace gatun::check {
namespace {

constexpr int64_t kSteps = 400;

// A chain of so many instructions, each of sixteen features of what the one before made.
class ChainProgram : public ProgramBuilder {
public:
    ChainProgram(int length, bool products, Random& random) : ProgramBuilder(random) {
        const int32_t level = slot(1, 3, 1);
        int32_t x = slot(kFeatures);
        gatun_step_operation& first = add(GATUN_STEP_LOOKUP, level, x, distribution.levels, kFeatures, {2, 1});
        first.weights = numbers(int64_t{kFeatures} * 2 * distribution.levels, 0.5);
        for (int i = 0; i < length; ++i) {
            if (products) {
                x = affine(x, kFeatures, {0});
            } else {
                const int32_t y = slot(kFeatures);
                sum(x, y, false);
                x = y;
            }
        }
        add(GATUN_STEP_DRAW, affine(x, distribution.levels, {0}), -1, 0, 0, {0});
        add(GATUN_STEP_LEVEL, -1, level, 0, 1, {});
    }

private:
    static constexpr int32_t kFeatures = 16;
};

std::string work_of(const gpu::Part& part) {
    static const char* const names[] = {"product",    "lookup",   "activation", "gate",       "sum",
                                        "copy",       "constant", "frame",      "class",      "draw",
                                        "encode",     "level",    "cell",       "push value", "push level",
                                        "push units", "finish",   "read",       "push"};
    std::string text = names[static_cast<int>(part.work)];
    if (part.work == gpu::Work::kAffine) {
        text.append(" ").append(std::to_string(part.op.tap_count * part.op.inputs));
        text.append(" to ").append(std::to_string(part.op.outputs));
    }
    if (part.then != gpu::Work::kAffine) text.append(" and ").append(names[static_cast<int>(part.then)]);
    return text;
}

std::string parts_of(const gpu::Plan& plan, size_t wave) {
    std::string text;
    for (int32_t i = plan.waves[wave]; i < plan.waves[wave + 1]; ++i) {
        const gpu::Part& part = plan.parts[static_cast<size_t>(i)];
        text += (text.empty() ? "" : part.chained != 0 ? ", then " : ", ") + work_of(part);
    }
    return text;
}

// What is run.
struct Spread {
    int64_t streams;
    gatun_cuda_launch launch;
    int32_t chain;  // positions that there are; 0: any

    // Twice as many are run.
    int64_t steps() const { return chain > 0 ? std::min<int64_t>(chain / 2, kSteps) : kSteps; }
};

// Milliseconds.
double run(gatun_cuda_streams& streams, const Spread& spread, int64_t first, std::vector<int32_t>& levels) {
    gatun_step_run run{};
    run.noise = {1, 0, 1.0f, 0};
    run.values = {levels.data(), nullptr, spread.chain > 0 ? spread.chain : kSteps};
    run.first_position = first;
    run.positions = spread.steps();
    run.streams = spread.streams;
    float time = 0;
    Text text;
    if (gatun_cuda_step(&streams, &run, &time, text.data(), text.size()) != GATUN_OK) {
        throw std::runtime_error(text.data());
    }
    return static_cast<double>(time);
}

// Waves of the same kind together, the order is that of their first.
void print_waves(const gpu::Plan& plan, const std::vector<int64_t>& clocks) {
    struct Kind {
        std::string parts;
        int count;
        int64_t least, most, all;
    };
    std::vector<Kind> kinds;
    for (size_t wave = 0; wave + 1 < clocks.size(); ++wave) {
        const int64_t cycles = clocks[wave + 1] - clocks[wave];
        const std::string parts = parts_of(plan, wave);
        auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& k) { return k.parts == parts; });
        if (kind == kinds.end()) kind = kinds.insert(kind, {parts, 0, cycles, cycles, 0});
        ++kind->count;
        kind->least = std::min(kind->least, cycles);
        kind->most = std::max(kind->most, cycles);
        kind->all += cycles;
    }
    for (const Kind& k : kinds) {
        std::printf("  %3d waves %6lld cycles each (%lld .. %lld): %s\n", k.count,
                    static_cast<long long>(k.all / k.count), static_cast<long long>(k.least),
                    static_cast<long long>(k.most), k.parts.c_str());
    }
}

// Of the last step that was run; the first at its beginning.
std::vector<int64_t> clocks_of(gatun_cuda_streams& streams, const gpu::Plan& plan) {
    std::vector<int64_t> clocks(plan.waves.size());
    int32_t count = 0;
    Text text;
    if (gatun_cuda_wave_clocks(&streams, clocks.data(), static_cast<int32_t>(clocks.size()), &count, text.data(),
                               text.size()) != GATUN_OK) {
        throw std::runtime_error(text.data());
    }
    const auto last = clocks.begin() + count - 1;
    if (static_cast<size_t>(count) == clocks.size()) {
        std::rotate(clocks.begin(), last, last + 1);
    } else {
        clocks.pop_back();  // where blocks share a stream nobody looks at the clock before the first wave's end
        clocks.insert(clocks.begin(), clocks.front());
    }
    return clocks;
}

void probe(const char* name, const gatun_step_program& native, const Spread& spread) {
    const CudaProgram program = program_on_device(native);
    const CudaStreams streams = streams_on_device(*program, spread.streams, &spread.launch);
    gatun_cuda_launch found{};
    gatun_cuda_streams_launch(streams.get(), &found);
    if (found.blocks != spread.launch.blocks) {
        std::printf("%s: not by %d blocks a stream\n", name, spread.launch.blocks);
        return;
    }
    std::vector<int32_t> levels(static_cast<size_t>(spread.streams * std::max<int64_t>(spread.chain, kSteps)));
    run(*streams, spread, 0, levels);
    const double time = run(*streams, spread, spread.steps(), levels) / static_cast<double>(spread.steps());
    const gpu::Plan plan(native, int64_t{1} << 28, found.blocks > 0);
    std::printf(
        "%s, %lld streams, %d threads, %d streams a block, tiles of %d, %d blocks a stream, %s: %.2f us a step, "
        "%zu waves, %.0f samples/s\n",
        name, static_cast<long long>(spread.streams), found.threads, found.streams, found.tile, found.blocks,
        found.staged != 0 ? "staged" : "unstaged", 1e3 * time, plan.waves.size() - 1,
        1e3 * static_cast<double>(spread.streams) / time);
    print_waves(plan, clocks_of(*streams, plan));
    std::fflush(stdout);
}

// Of a stream that blocks share; of many streams.
void probe_both(const char* name, const gatun_step_program& native, int32_t blocks) {
    for (int32_t b = 1; b <= 16; b *= 2) {
        if (blocks < 0 || blocks == b) probe(name, native, {1, {0, 0, 0, b, 0}, 0});
    }
    if (blocks > 0) return;
    probe(name, native, {1, {0, 1, 1, 0, 0}, 0});
    for (const int32_t staged : {0, -1}) probe(name, native, {1024, {0, 0, 0, 0, staged}, 0});
}

void probe_all(const char* name, int32_t blocks) {
    const auto each = [&](const char* own, const auto& program) {
        if (name == nullptr || std::strcmp(name, own) == 0) probe_both(own, program.native(), blocks);
    };
    Random random("probe");
    each("W1", WaveNetProgram({20, 64, 256, 256, 2, 512}, random));
    each("W2", WaveNetProgram({40, 128, 256, 256, 2, 512}, random));
    each("nv", WaveNetProgram({20, 64, 128, 256, 2, 512}, random));
    each("sums", ChainProgram(40, false, random));
    each("products", ChainProgram(40, true, random));
    for (const char* own : {"made", "nade"}) {
        if ((name != nullptr && std::strcmp(name, own) != 0) || blocks > 0) continue;
        const BinaryProgram program(std::strcmp(own, "made") == 0, 784, 500, random);
        for (const int64_t streams : {16, 1024}) {
            for (const int32_t staged : {0, -1}) {
                probe(own, program.native(), {streams, {0, 0, 0, 0, staged}, program.chain});
            }
        }
    }
}

}  // namespace

// What the checks' main defines, which is not part of this.
uint64_t seed() { return 1; }

}  // namespace gatun::check

int main(int argc, char** argv) {
    try {
        gatun::check::probe_all(argc > 1 ? argv[1] : nullptr, argc > 2 ? std::atoi(argv[2]) : -1);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "gatun_cuda_probe: %s\n", error.what());
        return 1;
    }
}
