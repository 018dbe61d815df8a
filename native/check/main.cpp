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
std::string the_program;

// A word as a shell takes it.
std::string quoted(const std::string& word) {
    std::string text = "'";
    for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
}

// A name as doctest's filter takes it, whose commas part names. (Its * and ? stand for themselves, too.)
std::string as_filter(const std::string& name) {
    std::string text;
    for (const char c : name) {
        if (c == ',' || c == '\\') text += '\\';
        text += c;
    }
    return text;
}

// Says how to repeat each case that fails, or that a signal ends.
struct Repeat : doctest::IReporter {
    explicit Repeat(const doctest::ContextOptions&) {}
    void test_case_start(const doctest::TestCaseData& data) override { name = data.m_name; }
    void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
        if (stats.failure_flags == doctest::TestCaseFailureReason::None) return;
        std::printf("to repeat: %s --seed=%llu -tc=%s\n", the_program.c_str(),
                    static_cast<unsigned long long>(the_seed), quoted(as_filter(name)).c_str());
        std::fflush(stdout);
    }

    void report_query(const doctest::QueryData&) override {}
    void test_run_start() override {}
    void test_run_end(const doctest::TestRunStats&) override {}
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_exception(const doctest::TestCaseException&) override {}
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData&) override {}
    void log_message(const doctest::MessageData&) override {}
    void test_case_skipped(const doctest::TestCaseData&) override {}

    std::string name;
};
REGISTER_LISTENER("repeat", 1, Repeat);

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
    gatun::check::the_program = argv[0];
    the_seed = static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) % 1000000;
    for (int i = 1; i < argc; ++i) {
        if (std::strncmp(argv[i], "--seed=", 7) == 0) the_seed = std::strtoull(argv[i] + 7, nullptr, 10);
    }
    std::printf("seed %llu, levels:", static_cast<unsigned long long>(the_seed));
    for (const int32_t isa : gatun::check::levels()) std::printf(" %s", gatun::isa_name(isa));
    std::printf("\n");
    std::fflush(stdout);
    return doctest::Context(argc, argv).run();
}
