// How fast step programs of WaveNet's shapes, of MADE and of NADE run on a CUDA device: samples a second of all streams
// together, or images, from the device's own clock, without copies.
//
//   gatun_cuda_bench [seconds of each figure] [bf16] [all]
//
// `bf16`: of weights that are kept as such. `all` tries other launches than the one that is chosen.
#define DOCTEST_CONFIG_IMPLEMENT  // of which nothing runs here
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

#include "device.h"
#include "step_programs.h"
#include "unit_programs.h"

namespace gatun::check {
namespace {

struct Model {
    const char* name;
    WaveNetShape shape;
};

// The last is the default of nv-wavenet's own benchmark.
const Model kModels[] = {
    {"W1", {20, 64, 256, 256, 2, 512}}, {"W2", {40, 128, 256, 256, 2, 512}}, {"nv", {20, 64, 128, 256, 2, 512}}};

class Timed {
public:
    Timed(gatun_cuda_program& program, int64_t count, const gatun_cuda_launch* launch)
        : count_(count), streams_(streams_on_device(program, count, launch)) {}

    gatun_cuda_launch launch() const {
        gatun_cuda_launch found{};
        gatun_cuda_streams_launch(streams_.get(), &found);
        return found;
    }

    // Samples a second, of runs that take so long.
    double rate(double seconds) {
        int64_t steps = 16;
        double each = run(steps) / static_cast<double>(steps);  // and the first run loads the kernel
        each = run(steps) / static_cast<double>(steps);
        steps = std::max<int64_t>(16, static_cast<int64_t>(seconds * 1e3 / each));
        return static_cast<double>(count_ * steps) / (run(steps) / 1e3);
    }

    // Milliseconds of a program's whole chain, the best of three.
    double image(int64_t chain) {
        double best = run(chain);
        for (int i = 0; i < 3; ++i) {
            position_ = 0;
            best = std::min(best, run(chain));
        }
        return best;
    }

private:
    // Milliseconds.
    double run(int64_t steps) {
        levels_.resize(static_cast<size_t>(count_ * steps));
        gatun_step_run run{};
        run.noise = {1, 0, 1.0f, 0};
        run.values = {levels_.data(), nullptr, steps};
        run.first_position = position_;
        run.positions = steps;
        run.streams = count_;
        float time = 0;
        Text text;
        if (gatun_cuda_step(streams_.get(), &run, &time, text.data(), text.size()) != GATUN_OK) {
            throw std::runtime_error(text.data());
        }
        position_ += steps;
        return static_cast<double>(time);
    }

    const int64_t count_;
    CudaStreams streams_;
    std::vector<int32_t> levels_;
    int64_t position_ = 0;
};

const char* copies(const gatun_cuda_launch& launch) { return launch.staged != 0 ? "staged" : "unstaged"; }

// A model with its weights' precision.
std::string label(const char* name, const gatun_cuda_program& program) {
    return gatun_cuda_program_precision(&program) == GATUN_BF16 ? std::string(name) + "-bf16" : name;
}

void print(const std::string& model, int64_t count, const gatun_cuda_launch& launch, double rate) {
    std::printf(
        "%-9s %6lld streams  %3d threads %3d streams a block, tiles of %d, %2d blocks a stream, %-8s  %12.0f "
        "samples/s  "
        "%10.1f us a step\n",
        model.c_str(), static_cast<long long>(count), launch.threads, launch.streams, launch.tile, launch.blocks,
        copies(launch), rate, 1e6 * static_cast<double>(count) / rate);
    std::fflush(stdout);
}

void try_launches(const std::string& model, gatun_cuda_program& program, int64_t count, double seconds) {
    for (int32_t blocks = 1; blocks <= 16 && count <= 64; blocks *= 2) {
        const gatun_cuda_launch launch = {0, 0, 0, blocks, 0};
        Timed timed(program, count, &launch);
        print(model, count, timed.launch(), timed.rate(seconds));
    }
    for (const int32_t threads : {256, 512}) {
        for (const int32_t tile : {1, 2, 4, 8}) {
            if (tile > count) continue;
            for (const int32_t streams : {4, 8, 16}) {
                if (streams < tile || streams > count) continue;
                for (const int32_t staged : {0, -1}) {
                    if (count < 1024 && staged != 0) continue;
                    const gatun_cuda_launch launch = {threads, streams, tile, 0, staged};
                    Timed timed(program, count, &launch);
                    print(model, count, timed.launch(), timed.rate(seconds));
                }
            }
        }
    }
}

// Whole images of 784 positions, so many at once.
void bench_images(const char* name, bool made, int32_t precision) {
    Random random(name);
    const BinaryProgram from(made, 784, 500, random, precision);
    const CudaProgram program = program_on_device(from.native());
    const std::string model = label(name, *program);
    for (const int64_t count : {1, 16, 256, 1024}) {
        for (const int32_t staged : {0, -1}) {
            const gatun_cuda_launch wanted = {0, 0, 0, 0, staged};
            Timed timed(*program, count, &wanted);
            const gatun_cuda_launch launch = timed.launch();
            const double time = timed.image(from.chain);
            std::printf("%-9s %6lld images   %3d threads %3d images a block, %-8s  %8.3f ms, %6.2f us a position\n",
                        model.c_str(), static_cast<long long>(count), launch.threads, launch.streams, copies(launch),
                        time, 1e3 * time / from.chain);
            std::fflush(stdout);
        }
    }
}

void bench(double seconds, int32_t precision, bool all) {
    char text[256];
    gatun_cuda_describe(the_device(), text, sizeof text);
    std::printf("%s\n", text);
    for (const auto& [name, shape] : kModels) {
        Random random(name);
        const WaveNetProgram from(shape, random, false, precision);
        const CudaProgram program = program_on_device(from.native());
        const std::string model = label(name, *program);
        for (const int64_t count : {1, 64, 1024}) {
            for (const int32_t staged : {0, -1}) {
                if (count < 1024 && staged != 0) continue;  // blocks share a stream
                const gatun_cuda_launch wanted = {0, 0, 0, 0, staged};
                Timed timed(*program, count, &wanted);
                print(model, count, timed.launch(), timed.rate(seconds));
            }
            if (all) try_launches(model, *program, count, seconds / 4);
        }
    }
    bench_images("made", true, precision);
    bench_images("nade", false, precision);
}

}  // namespace

// What the checks' main defines, which is not part of this.
uint64_t seed() { return 1; }

}  // namespace gatun::check

int main(int argc, char** argv) {
    try {
        bool all = false, bf16 = false;
        for (int i = 2; i < argc; ++i) {
            if (std::strcmp(argv[i], "all") == 0) all = true;
            if (std::strcmp(argv[i], "bf16") == 0) bf16 = true;
        }
        gatun::check::bench(argc > 1 ? std::atof(argv[1]) : 0.5, bf16 ? GATUN_BF16 : GATUN_F32, all);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "gatun_cuda_bench: %s\n", error.what());
        return 1;
    }
}
