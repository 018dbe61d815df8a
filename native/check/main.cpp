// The native checker: every kernel of every level that this machine has, against its scalar definition.
//
//   gatun_check [--seed=N] [doctest's options, as -tc="log*" or -ltc]
#define DOCTEST_CONFIG_IMPLEMENT
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "cases.h"
#include "core/cpu.h"

namespace gatun::check {
namespace {

uint64_t the_seed = 0;

}  // namespace

uint64_t seed() { return the_seed; }

const std::vector<int32_t>& levels() {
    static const std::vector<int32_t> found = [] {
        std::vector<int32_t> here;
        for (const int32_t isa : {GATUN_ISA_BASELINE, GATUN_ISA_NEON, GATUN_ISA_AVX2, GATUN_ISA_AVX512}) {
            if (has_isa(isa)) here.push_back(isa);
        }
        return here;
    }();
    return found;
}

std::string level_name(int32_t isa) { return isa_name(isa); }

Context context_of(int32_t isa, int32_t threads) {
    gatun_context* context = nullptr;
    if (gatun_context_create(isa, threads, &context) != GATUN_OK) {
        throw std::runtime_error("no context of level " + level_name(isa));
    }
    return Context(context);
}

}  // namespace gatun::check

int main(int argc, char** argv) {
    using gatun::check::the_seed;
    the_seed = static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) % 1000000;
    for (int i = 1; i < argc; ++i) {
        if (std::strncmp(argv[i], "--seed=", 7) == 0) the_seed = std::strtoull(argv[i] + 7, nullptr, 10);
    }
    std::printf("seed %llu, levels:", static_cast<unsigned long long>(the_seed));
    for (const int32_t isa : gatun::check::levels()) std::printf(" %s", gatun::isa_name(isa));
    std::printf("\n");
    std::fflush(stdout);
    const int result = doctest::Context(argc, argv).run();
    if (result != 0) {
        std::printf("to repeat: gatun_check --seed=%llu -tc=\"<the case's name>\"\n",
                    static_cast<unsigned long long>(the_seed));
    }
    return result;
}
