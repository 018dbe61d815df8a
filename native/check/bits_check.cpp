// The bits themselves: what these inputs gave once, they give on every level, compiler and architecture. A change of a
// polynomial or of an order of sums changes these numbers, and with them every sample: that is not to happen unnoticed.
#include "cases.h"
#include "ops/distribution/distribution.h"
#include "ops/recurrent/recurrent.h"
#include "simd/math_kernels.h"

namespace gatun::check {
namespace {

// FNV-1a over the bits of all that is a number (what is none may carry other bits elsewhere).
uint64_t hash_of(const std::vector<float>& values) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (const float value : values) {
        uint32_t bits = 0x7fc00000u;
        if (!std::isnan(value)) std::memcpy(&bits, &value, sizeof bits);
        hash = (hash ^ bits) * 0x100000001b3u;
    }
    return hash;
}

// Floats of all exponents and signs.
std::vector<float> floats() {
    std::vector<float> x(1 << 16);
    for (size_t i = 0; i < x.size(); ++i) {
        const uint32_t bits = static_cast<uint32_t>(i) * 65537u;
        std::memcpy(&x[i], &bits, sizeof bits);
    }
    return x;
}

// -4 .. 4, of a generator that is the same everywhere.
std::vector<float> parameters(size_t count) {
    std::vector<float> x(count);
    uint32_t state = 1;
    for (float& value : x) {
        state = state * 1664525u + 1013904223u;
        value = static_cast<float>(state >> 8) * 0x1p-21f - 4.0f;
    }
    return x;
}

struct Known {
    std::string name;
    MathKernels::Map MathKernels::*kernel;
    uint64_t hash;
};

const Known kFunctions[] = {
    {"exp", &MathKernels::exp, 0xf0ce0e0c11f38f46u},
    {"expm1", &MathKernels::expm1, 0x35087012af03493du},
    {"log", &MathKernels::log, 0xe6d739f1d4d8128au},
    {"log1p", &MathKernels::log1p, 0x23408ef32923af7au},
    {"tanh", &MathKernels::tanh, 0x31be816025f7cd1cu},
    {"sigmoid", &MathKernels::sigmoid, 0xcc91b6fa07df9561u},
    {"log_sigmoid", &MathKernels::log_sigmoid, 0x138c4dad0069ee0fu},
};

struct KnownDistribution {
    gatun_distribution d;
    uint64_t log_prob;
    uint64_t drawn;
};

const KnownDistribution kDistributions[] = {
    {{GATUN_BERNOULLI, 2, 0, 0}, 0x9d20c3f66ce0d4c1u, 0x68ba2cfd105816b5u},
    {{GATUN_CATEGORICAL, 37, 0, 0}, 0x676977ce770871e3u, 0xb787111eb9ac16b5u},
    {{GATUN_GAUSSIAN, 0, 0, 0}, 0xf15313464cca2952u, 0xcd1af3397c86b025u},
    {{GATUN_LOGISTIC_MIXTURE, 256, 19, 0}, 0xddc50c6eaa302eaeu, 0x7372f8215c9e16b5u},
};

struct KnownCell {
    int32_t cell;
    uint64_t kept;
    uint64_t h;
};

const KnownCell kCells[] = {{GATUN_CELL_TANH, 0x9c681ffd617fc110u, 0x9c681ffd617fc110u},
                            {GATUN_CELL_GRU, 0x87ca099d75bfa912u, 0x4c5969cb23dd1aebu},
                            {GATUN_CELL_LSTM, 0xea9f7cdb0cb29u, 0xe89ba688e04e5903u}};

}  // namespace

TEST_CASE("bits: recurrent cells") {
    constexpr int64_t kHidden = 21, kCount = 50;
    for (const int32_t isa : levels()) {
        for (const KnownCell& known : kCells) {
            const int64_t gates = cell_gates(known.cell) * kHidden, width = cell_kept(known.cell) * kHidden;
            const std::vector<float> all = parameters(static_cast<size_t>(kCount * (2 * gates + 2 * kHidden)));
            const float *x = all.data(), *state = x + kCount * gates, *before = state + kCount * gates;
            std::vector<float> kept(static_cast<size_t>(kCount * width)), h(static_cast<size_t>(kCount * kHidden));
            GATUN_PICK(isa, recurrent_kernels)
                .run(known.cell, {x, gates, state, gates, before, kHidden, before + kCount * kHidden, kHidden,
                                  kept.data(), width, h.data(), kHidden, kHidden, kCount});
            INFO("cell ", known.cell, " on ", level_name(isa));
            CHECK(hash_of(kept) == known.kept);
            CHECK(hash_of(h) == known.h);
        }
    }
}

TEST_CASE("bits: elementary functions") {
    const std::vector<float> x = floats();
    for (const int32_t isa : levels()) {
        for (const Known& known : kFunctions) {
            std::vector<float> y(x.size());
            (GATUN_PICK(isa, math_kernels).*known.kernel)(x.data(), y.data(), static_cast<int64_t>(x.size()));
            INFO(known.name, " on ", level_name(isa));
            CHECK(hash_of(y) == known.hash);
        }
    }
}

TEST_CASE("bits: log-probabilities and draws") {
    const int64_t count = 500;
    for (const int32_t isa : levels()) {
        const DistributionKernels& kernels = GATUN_PICK(isa, distribution_kernels);
        for (const KnownDistribution& known : kDistributions) {
            const gatun_distribution& d = known.d;
            const bool real = d.type == GATUN_GAUSSIAN;
            const int64_t outputs = distribution_outputs(d);
            const std::vector<float> p = parameters(static_cast<size_t>(count * outputs));
            std::vector<float> scratch(static_cast<size_t>(distribution_scratch(d)) + 1);
            std::vector<int32_t> levels(static_cast<size_t>(count));
            std::vector<float> reals(static_cast<size_t>(count));
            const gatun_noise noise = {99, 1000, 0.75f, 0};
            kernels.draw(d, noise, 0, 12, p.data(), outputs, real ? nullptr : levels.data(),
                         real ? reals.data() : nullptr, 1, count, scratch.data());
            std::vector<float> log_prob(static_cast<size_t>(count));
            kernels.log_prob(d, p.data(), outputs, real ? nullptr : levels.data(), real ? reals.data() : nullptr, 1,
                             count, log_prob.data(), 1, scratch.data());
            std::vector<float> drawn(levels.begin(), levels.end());
            INFO("type ", d.type, " on ", level_name(isa));
            CHECK(hash_of(log_prob) == known.log_prob);
            CHECK(hash_of(real ? reals : drawn) == known.drawn);
        }
    }
}

}  // namespace gatun::check
