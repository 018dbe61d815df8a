#include "core/cpu.h"

#include <cstdlib>
#include <cstring>

#include "gatun.h"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

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

#if defined(__x86_64__)
// Compilers of these days do not know its name.
bool has_avx_vnni() {
    uint32_t a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a >> 4 & 1) != 0;
}
#endif

bool find_byte_products(int32_t isa) {
#if defined(__x86_64__)
    if (isa == GATUN_ISA_AVX512) return __builtin_cpu_supports("avx512vnni");
    return isa == GATUN_ISA_AVX2 && has_avx_vnni();
#elif defined(__aarch64__)
    constexpr unsigned long kDotProduct = 1ul << 20;  // HWCAP_ASIMDDP
    return isa == GATUN_ISA_NEON && (getauxval(AT_HWCAP) & kDotProduct) != 0;
#else
    return false;
#endif
}

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

bool has_byte_products(int32_t isa) {
    // Asking the processor is slow where it is a virtual one.
    static const bool avx2 = find_byte_products(GATUN_ISA_AVX2), avx512 = find_byte_products(GATUN_ISA_AVX512),
                      neon = find_byte_products(GATUN_ISA_NEON);
    return isa == GATUN_ISA_AVX512 ? avx512 : isa == GATUN_ISA_AVX2 ? avx2 : isa == GATUN_ISA_NEON && neon;
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
            if (level.isa != GATUN_ISA_BASELINE && !has_byte_products(level.isa))
                reason += ", without products of bytes";
            return level.isa;
        }
        reason += std::string(level.name) + ": not on this machine; ";
    }
    reason = std::string("GATUN_ISA=") + cap + " is none of avx512, avx2, neon, baseline";
    return 0;
}

}  // namespace gatun
