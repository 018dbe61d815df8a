// Philox against the words that its authors published, and uniforms against a table.
#include "cases.h"
#include "simd/math_kernels.h"

namespace gatun::check {
namespace {

struct Known {
    uint32_t counter[4];
    uint32_t key[2];
    uint32_t words[4];
};

// Random123, kat_vectors.
const Known kKnown[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

struct Uniform {
    uint64_t seed;
    uint64_t sample;
    int64_t position;
    uint32_t k;
    uint32_t word;
    float u;
};

// The last two are the smallest and the largest that there are.
const Uniform kUniforms[] = {
    {0x0u, 0x0u, 0, 0, 0x6627e8d5u, 0x1.989fa4p-2f},
    {0x0u, 0x0u, 1, 2, 0x183c90a5u, 0x1.83c91p-4f},
    {0x0u, 0x1u, 0, 1, 0xca7cf69eu, 0x1.94f9eep-1f},
    {0x0u, 0x1u, 3071, 0, 0xb2c204acu, 0x1.65840ap-1f},
    {0x0u, 0x100000007u, 0, 2, 0x569cf937u, 0x1.5a73e4p-2f},
    {0x0u, 0x100000007u, 3071, 1, 0xc5a1c094u, 0x1.8b4382p-1f},
    {0x1u, 0x0u, 1, 0, 0x833ff8dcu, 0x1.067ff2p-1f},
    {0x1u, 0x0u, 3071, 2, 0x544ebe12u, 0x1.513afcp-2f},
    {0x1u, 0x1u, 1, 1, 0xb1217505u, 0x1.6242eap-1f},
    {0x1u, 0x100000007u, 0, 0, 0x12b6c301u, 0x1.2b6c3p-4f},
    {0x1u, 0x100000007u, 1, 2, 0x7bf81589u, 0x1.efe054p-2f},
    {0x100000000u, 0x0u, 0, 1, 0xccf3076au, 0x1.99e60ep-1f},
    {0x100000000u, 0x0u, 3071, 0, 0xd09c143bu, 0x1.a1382ap-1f},
    {0x100000000u, 0x1u, 0, 2, 0x58b5c384u, 0x1.62d70cp-2f},
    {0x100000000u, 0x1u, 3071, 1, 0xf68d7a19u, 0x1.ed1af6p-1f},
    {0x100000000u, 0x100000007u, 1, 0, 0x5e71af7du, 0x1.79c6bcp-2f},
    {0x100000000u, 0x100000007u, 3071, 2, 0xae9fd258u, 0x1.5d3fa6p-1f},
    {0x8000000000003039u, 0x0u, 1, 1, 0xee81fbd3u, 0x1.dd03f6p-1f},
    {0x8000000000003039u, 0x1u, 0, 0, 0xc259bbffu, 0x1.84b376p-1f},
    {0x8000000000003039u, 0x1u, 1, 2, 0x7485d7a4u, 0x1.d2175cp-2f},
    {0x8000000000003039u, 0x100000007u, 0, 1, 0xa418005cu, 0x1.483002p-1f},
    {0x8000000000003039u, 0x100000007u, 3071, 0, 0x7e1427d5u, 0x1.f8509cp-2f},
    {0x7u, 0x0u, 9057835, 0, 0x00000196u, 0x1p-24f},
    {0x7u, 0x0u, 9813815, 0, 0xfffffeaeu, 0x1.fffffep-1f},
};

}  // namespace

TEST_CASE("philox: published words") {
    for (const int32_t isa : levels()) {
        for (const Known& known : kKnown) {
            uint32_t words[4];
            GATUN_PICK(isa, math_kernels).philox(known.counter, known.key, words);
            for (int i = 0; i < 4; ++i) {
                INFO(level_name(isa), " word ", i);
                CHECK(words[i] == known.words[i]);
            }
        }
    }
}

TEST_CASE("philox: uniforms") {
    for (const int32_t isa : levels()) {
        const MathKernels& kernels = GATUN_PICK(isa, math_kernels);
        for (const Uniform& row : kUniforms) {
            const uint32_t counter[4] = {row.k, static_cast<uint32_t>(row.position), static_cast<uint32_t>(row.sample),
                                         static_cast<uint32_t>(row.sample >> 32)};
            const uint32_t key[2] = {static_cast<uint32_t>(row.seed), static_cast<uint32_t>(row.seed >> 32)};
            uint32_t words[4];
            kernels.philox(counter, key, words);
            INFO(level_name(isa), " seed ", row.seed, " sample ", row.sample, " position ", row.position, " k ", row.k);
            CHECK(words[0] == row.word);
            CHECK(kernels.uniform(row.seed, row.sample, row.position, row.k) == row.u);
        }
    }
}

}  // namespace gatun::check
