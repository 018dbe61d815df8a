// What kernels take beside their scalar definitions, and products of steps from each cache, on one thread.
//
//   gatun_kernels [LEVEL]     baseline, avx2, avx512 or neon; without: the best that the machine has
//
// Everything that is compared is run in turns, and medians are printed.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "core/cpu.h"
#include "ops/affine/affine.h"
#include "ops/gate/gate.h"
#include "ops/packed/packed.h"
#include "ops/probe/probe.h"
#include "ops/rounded/rounded.h"
#include "rounded.h"

namespace gatun::check {
namespace {

constexpr int kRounds = 31;

// Memory that begins with a line of the cache.
template <class T>
class Lines {
public:
    explicit Lines(int64_t count)
        : memory_(
              static_cast<T*>(std::aligned_alloc(64, static_cast<size_t>(whole_lines(count * int64_t{sizeof(T)}))))) {
        std::memset(static_cast<void*>(memory_), 0, static_cast<size_t>(count) * sizeof(T));
    }
    ~Lines() { std::free(memory_); }
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;
    T* data() const { return memory_; }

private:
    T* memory_;
};

void fill(float* values, int64_t count) {
    static std::mt19937 random(1);
    std::uniform_real_distribution<float> real(-1, 1);
    for (int64_t i = 0; i < count; ++i) values[i] = real(random);
}

// Nanoseconds of a call of each, the medians of rounds in which one follows the other. A round is many calls.
std::vector<double> in_turns(const std::vector<std::function<void()>>& bodies, const std::vector<int64_t>& calls) {
    std::vector<std::vector<double>> times(bodies.size());
    for (int round = -2; round < kRounds; ++round) {
        for (size_t i = 0; i < bodies.size(); ++i) {
            const auto start = std::chrono::steady_clock::now();
            for (int64_t call = 0; call < calls[i]; ++call) bodies[i]();
            const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
            if (round >= 0) times[i].push_back(taken.count() / static_cast<double>(calls[i]));
        }
    }
    std::vector<double> medians;
    for (std::vector<double>& all : times) {
        std::ranges::nth_element(all, all.begin() + kRounds / 2);
        medians.push_back(all[kRounds / 2]);
    }
    return medians;
}

// What registers allow, in the same minute.
void peak(int32_t isa) {
    const ProbeKernels& probe = GATUN_PICK(isa, probe_kernels);
    constexpr int64_t kPasses = 100000;
    const double ns = in_turns({[&] { probe.multiply(kPasses); }}, {1}).front();
    const double flop = 2.0 * GATUN_LANES * static_cast<double>(probe.chains() * kPasses);
    std::printf("multiplications in registers: %.0f GFLOP/s\n", flop / ns);
}

// ---- the gated activation, 512 places of 64 outputs: 384 KB

// As one writes it in C.
void libm_gate(const float* x, float* y, int64_t half) {
    for (int64_t i = 0; i < half; ++i) y[i] = std::tanh(x[i]) / (1 + std::exp(-x[half + i]));
}

void gates(int32_t isa) {
    constexpr int64_t kPlaces = 512, kHalf = 64;
    const Lines<float> x(kPlaces * 2 * kHalf), y(kPlaces * kHalf);
    const Lines<double> wide(kPlaces * 2 * kHalf), wide_y(kPlaces * kHalf);
    fill(x.data(), kPlaces * 2 * kHalf);
    for (int64_t i = 0; i < kPlaces * 2 * kHalf; ++i) wide.data()[i] = static_cast<double>(x.data()[i] *= 4);
    const auto run = GATUN_PICK(isa, gate_kernels).run;
    const std::vector<double> ns =
        in_turns({[&] { run(x.data(), kHalf, 2 * kHalf, y.data(), kHalf, kHalf, kPlaces); },
                  [&] {
                      for (int64_t p = 0; p < kPlaces; ++p)
                          libm_gate(x.data() + p * 2 * kHalf, y.data() + p * kHalf, kHalf);
                  },
                  [&] {
                      for (int64_t p = 0; p < kPlaces; ++p) {
                          scalar::gate(wide.data() + p * 2 * kHalf, wide_y.data() + p * kHalf, kHalf);
                      }
                  }},
                 {20, 1, 1});
    constexpr double kOutputs = kPlaces * kHalf;
    std::printf("gate, %g outputs: %.3f ns each; float by libm %.2f (%.1f times), its definition %.2f (%.1f times)\n",
                kOutputs, ns[0] / kOutputs, ns[1] / kOutputs, ns[1] / ns[0], ns[2] / kOutputs, ns[2] / ns[0]);
}

// ---- 3x3 type B, 32 -> 32, 28x28

void convolutions(int32_t isa) {
    constexpr int32_t kSide = 28, kFeatures = 32;
    constexpr int64_t kWide = kSide + 2, kPlaces = int64_t{kSide} * kSide;
    const std::vector<gatun_tap> taps = {{-1, -1}, {-1, 0}, {-1, 1}, {0, -1}, {0, 0}};
    const Lines<float> in(kWide * kWide * kFeatures), out(kPlaces * kFeatures), bias(kFeatures);
    const Lines<float> weights(int64_t{kFeatures} * kFeatures * 5);
    fill(weights.data(), int64_t{kFeatures} * kFeatures * 5);
    fill(bias.data(), kFeatures);
    const gatun_map x = {in.data() + (kWide + 1) * kFeatures,
                         kWide * kWide * kFeatures,
                         kWide * kFeatures,
                         kFeatures,
                         1,
                         kSide,
                         kSide,
                         kFeatures};
    const gatun_map y = {out.data(), kPlaces * kFeatures, int64_t{kSide} * kFeatures, kFeatures, 1, kSide, kSide,
                         kFeatures};
    for (int64_t i = 0; i < kSide; ++i) fill(x.data + i * x.stride_row, int64_t{kSide} * kFeatures);
    const gatun_affine affine = {weights.data(), bias.data(), taps.data(), 5, kFeatures, kFeatures, 0};
    gatun_context* context = nullptr;
    if (gatun_context_create(isa, 1, &context) != GATUN_OK) return;
    const std::vector<double> ns =
        in_turns({[&] { gatun_affine_run(context, &affine, &x, &y, 0); }, [&] { scalar::affine(affine, x, y, false); }},
                 {20, 1});
    gatun_context_destroy(context);
    const double flop = 2.0 * kPlaces * kFeatures * kFeatures * 5;
    std::printf("3x3 type B, 32 -> 32, 28 x 28: %.1f us, %.0f GFLOP/s; its definition %.0f us (%.0f times)\n",
                ns[0] / 1000, flop / ns[0], ns[1] / 1000, ns[1] / ns[0]);
}

// ---- 64 -> 128 at one position, the bias with it, from as many copies of the weights as a cache holds

constexpr int32_t kInputs = 64, kOutputs = 128;

// Copies of packed weights, one behind the other as a program's are.
struct Copies {
    Copies(int32_t isa, int32_t precision, int64_t memory_bytes)
        : each(whole_lines(packed_bytes(precision, 1, kInputs, kOutputs))),
          count(std::max<int64_t>(memory_bytes / each, 1)),
          kernels(precision == GATUN_INT8_DYNAMIC ? rounded_kernels(isa) : GATUN_PICK(isa, packed_kernels)),
          memory(count * each),
          x(kInputs),
          y(kOutputs),
          rounded(rounded_bytes(1, kInputs)) {
        std::vector<float> weights(static_cast<size_t>(kInputs) * kOutputs);
        fill(weights.data(), int64_t{kInputs} * kOutputs);
        fill(x.data(), kInputs);
        round_to(precision, kInputs, weights);
        const gatun_affine affine = {weights.data(), nullptr, nullptr, 1, kInputs, kOutputs, 0};
        for (int64_t i = 0; i < count; ++i) {
            const std::string problem = pack_for_steps(affine, false, 0, precision, memory.data() + i * each);
            if (!problem.empty()) std::printf("%s\n", problem.c_str());
        }
        from = x.data();
        step.precision = precision;
        step.x = &from;
        step.x_step = kInputs;
        step.taps = 1;
        step.inputs = kInputs;
        step.outputs = kOutputs;
        step.scale = 1;
        step.activation = -1;
        step.y = y.data();
        step.y_step = kOutputs;
        step.positions = 1;
        step.end_block = packed_blocks(kOutputs);
        step.near = memory_bytes <= kNearBytes;
        step.rounded = rounded.data();
    }

    void run() {
        for (int64_t i = 0; i < count; ++i) {
            step.weights = step.behind = memory.data() + i * each;
            kernels.run(step);
        }
    }

    int64_t each, count;
    const PackedKernels& kernels;
    Lines<char> memory;
    Lines<float> x, y;
    Lines<char> rounded;
    const float* from = nullptr;
    PackedStep step{};
};

void products(int32_t isa) {
    constexpr const char* kNames[] = {"f32", "bf16", "int8", "int8-dynamic"};
    for (const int64_t bytes : {int64_t{0}, int64_t{768} << 10, int64_t{16} << 20}) {
        std::printf("64 -> 128 at one position, ");
        bytes == 0 ? std::printf("the same weights each time:")
                   : std::printf("%lld KB of weights:", static_cast<long long>(bytes >> 10));
        for (int32_t precision = GATUN_F32; precision <= GATUN_INT8_DYNAMIC; ++precision) {
            Copies copies(isa, precision, bytes);
            const int64_t calls = std::max<int64_t>(4000 / copies.count, 1);
            const double ns = in_turns({[&] { copies.run(); }}, {calls}).front() / static_cast<double>(copies.count);
            std::printf(" %s %.0f ns (%.0f GB/s)", kNames[precision], ns, static_cast<double>(copies.each) / ns);
        }
        std::printf("\n");
    }
}

int32_t level_of(int argc, char** argv) {
    for (const int32_t isa : {GATUN_ISA_AVX512, GATUN_ISA_AVX2, GATUN_ISA_NEON, GATUN_ISA_BASELINE}) {
        if (has_isa(isa) && (argc < 2 || std::strcmp(argv[1], isa_name(isa)) == 0)) return isa;
    }
    return GATUN_ISA_BEST;
}

}  // namespace
}  // namespace gatun::check

int main(int argc, char** argv) {
    using namespace gatun::check;
    const int32_t isa = level_of(argc, argv);
    if (isa == GATUN_ISA_BEST) {
        std::fprintf(stderr, "gatun_kernels: this machine has no level '%s'\n", argv[1]);
        return 2;
    }
    std::printf("%s, one thread, medians of %d rounds\n", gatun::isa_name(isa), kRounds);
    peak(isa);
    gates(isa);
    convolutions(isa);
    products(isa);
    return 0;
}
