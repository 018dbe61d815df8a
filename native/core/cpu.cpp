#include "core/cpu.h"

#include <cstdlib>
#include <cstring>

#include "gatun.h"

namespace gatun {
namespace {

struct Level {
    int32_t isa;
    const char* name;
};

// Best first.
constexpr Level kLevels[] = {
    {GATUN_ISA_AVX512, "avx512"},
    {GATUN_ISA_AVX2, "avx2"},
    {GATUN_ISA_NEON, "neon"},
    {GATUN_ISA_BASELINE, "baseline"},
};

}  // namespace

bool has_isa(int32_t isa) {
    switch (isa) {
        case GATUN_ISA_BASELINE:
            return true;
#if defined(__x86_64__)
        // These builtins ask cpuid and what the operating system saves of the registers (xgetbv).
        case GATUN_ISA_AVX2:
            return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
        case GATUN_ISA_AVX512:
            return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx512cd") && has_isa(GATUN_ISA_AVX2);
#elif defined(__aarch64__)
        case GATUN_ISA_NEON:
            return true;  // part of the architecture
#endif
        default:
            return false;
    }
}

const char* isa_name(int32_t isa) {
    for (const Level& level : kLevels) {
        if (level.isa == isa) return level.name;
    }
    return "unknown";
}

int32_t best_isa(std::string& reason) {
    const char* cap = std::getenv("GATUN_ISA");
    bool allowed = cap == nullptr || *cap == 0;
    for (const Level& level : kLevels) {
        if (!allowed && std::strcmp(cap, level.name) == 0) allowed = true;
        if (!allowed) {
            if (has_isa(level.isa))
                reason += std::string(level.name) + ": there, but GATUN_ISA=" + cap + " rules it out; ";
            continue;
        }
        if (has_isa(level.isa)) {
            reason += std::string(level.name) + ": taken";
            return level.isa;
        }
        reason += std::string(level.name) + ": not on this machine; ";
    }
    reason = std::string("GATUN_ISA=") + cap + " is none of avx512, avx2, neon, baseline";
    return 0;
}

}  // namespace gatun
