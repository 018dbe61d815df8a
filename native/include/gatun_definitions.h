/*
 * What operations are: the scalar definitions that kernels are held against, in plain loops on the calling thread,
 * slow. Yardsticks for benchmarks, and for who wants to see a result computed as it is written down. Arguments are
 * those of the kernels of the same names in gatun.h.
 */
#ifndef GATUN_DEFINITIONS_H
#define GATUN_DEFINITIONS_H

#include "gatun.h"

#ifdef __cplusplus
extern "C" {
#endif

/* y = bias + W x, the bits of gatun_affine_run. */
GATUN_API int32_t gatun_definition_affine(const gatun_affine* affine, const gatun_map* x, const gatun_map* y);
/* weights (packed) += x dy, bias += dy (NULL: not); the sums over all positions in double. */
GATUN_API int32_t gatun_definition_affine_gradient(const gatun_affine* affine, const gatun_map* x, const gatun_map* dy,
                                                   float* weights, float* bias);
/* A masked dense layer of parameters weights [outputs][inputs] and bias, the bits of gatun_dense_run. */
GATUN_API int32_t gatun_definition_dense(const gatun_dense* dense, const float* weights, const float* bias,
                                         const gatun_map* x, const gatun_map* y);
/* tanh of x's first half times sigmoid of its second, in double with the C library's functions. */
GATUN_API int32_t gatun_definition_gate(const gatun_map* x, const gatun_map* y);
/* ln p of each value, in double with the C library's functions. */
GATUN_API int32_t gatun_definition_log_prob(const gatun_distribution* distribution, const gatun_map* outputs,
                                            const gatun_values* values, float* log_prob, int64_t stride);

#ifdef __cplusplus
}
#endif

#endif
