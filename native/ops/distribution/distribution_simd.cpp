#include "ops/distribution/distribution.h"
#include "ops/distribution/gradients.h"

namespace gatun::GATUN_ISA_LEVEL {

extern const DistributionKernels distribution_kernels = {log_prob, gradient, draw};

}  // namespace gatun::GATUN_ISA_LEVEL
