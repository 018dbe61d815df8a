#include "ops/probe/probe.h"

#include <atomic>

#include "core/context.h"

extern "C" {

int32_t gatun_probe_multiply(gatun_context* context, int64_t rounds, double* operations) {
    return gatun::guarded(context, [&] {
        const gatun::ProbeKernels& kernels = GATUN_PICK(context->isa, probe_kernels);
        const int64_t threads = context->pool.threads();
        std::atomic<float> result = 0;  // what nobody takes would not be computed
        context->pool.run(threads, [&](int64_t) { result = kernels.multiply(rounds); });
        *operations = 2.0 * GATUN_LANES * static_cast<double>(kernels.chains() * rounds * threads);
        return GATUN_OK;
    });
}

int32_t gatun_probe_read(gatun_context* context, const float* values, int64_t count, int64_t rounds, double* sum) {
    return gatun::guarded(context, [&] {
        const gatun::ProbeKernels& kernels = GATUN_PICK(context->isa, probe_kernels);
        const int64_t threads = context->pool.threads();
        const int64_t each = count / threads / (4 * GATUN_LANES) * (4 * GATUN_LANES);
        std::atomic<double> total = 0;
        context->pool.run(threads, [&](int64_t thread) {
            double own = 0;
            for (int64_t round = 0; round < rounds; ++round) {
                own += static_cast<double>(kernels.read(values + thread * each, each));
            }
            total.fetch_add(own);
        });
        *sum = total;
        return GATUN_OK;
    });
}
}
