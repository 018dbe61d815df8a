// The probe's work is really done: its results come out.
#include "cases.h"
#include "guarded.h"
#include "ops/probe/probe.h"

namespace gatun::check {

TEST_CASE("probe: what is multiplied and read comes out") {
    for (const int32_t isa : levels()) {
        INFO(level_name(isa));
        const ProbeKernels& kernels = GATUN_PICK(isa, probe_kernels);
        // Each chain goes towards 1/2, half of the way a round.
        CHECK(kernels.multiply(200) == 0.5f * static_cast<float>(kernels.chains()));
        for (const int64_t count : {0, 64, 128, 4096}) {
            Guarded<float> ones(std::vector<float>(static_cast<size_t>(count), 1.0f));
            CHECK(kernels.read(ones.data(), count) == static_cast<float>(count));
        }
        for (const int32_t threads : {1, 2, 3}) {
            const Context context = context_of(isa, threads);
            double operations = 0, sum = 0;
            CHECK(gatun_probe_multiply(context.get(), 10, &operations) == GATUN_OK);
            CHECK(operations == 2.0 * 16 * static_cast<double>(kernels.chains()) * 10 * threads);
            Guarded<float> ones(std::vector<float>(1000, 1.0f));
            CHECK(gatun_probe_read(context.get(), ones.data(), 1000, 3, &sum) == GATUN_OK);
            const int64_t each = 1000 / threads / 64 * 64;
            CHECK(sum == 3.0 * static_cast<double>(threads * each));
        }
    }
}

}  // namespace gatun::check
