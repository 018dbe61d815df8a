// simd/math.h on a device, for the checker.
#define GATUN_ISA_LEVEL cuda
#include "math_kernels.h"
#include "simd/math.h"
#include "simd/philox.h"

namespace gatun::check {
namespace {

__device__ cuda::Vec apply(MathFunction function, cuda::Vec x) {
    using namespace cuda;
    switch (function) {
        case MathFunction::kExp:
            return exp(x);
        case MathFunction::kExpm1:
            return expm1(x);
        case MathFunction::kLog:
            return log(x);
        case MathFunction::kLog1p:
            return log1p(x);
        case MathFunction::kTanh:
            return tanh(x);
        case MathFunction::kSigmoid:
            return sigmoid(x);
        case MathFunction::kLogSigmoid:
            return log_sigmoid(x);
        case MathFunction::kGate:
            return gate(x, x * set(-0.5f));
        case MathFunction::kSum:
            return set(sum(x));
        case MathFunction::kMaximum:
            return set(maximum(x));
        case MathFunction::kNdtri:
            return set(
                static_cast<float>(ndtri(static_cast<double>(fabsf(x.v) < 1.0f && x.v != 0.0f ? fabsf(x.v) : 0.5f))));
        default:
            return set(uniform(static_cast<uint64_t>(bits(x).v), 7, bits(x).v, 3));
    }
}

__global__ void run_function(MathFunction function, const float* x, float* y, int64_t count) {
    const int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
    if (i < count) y[i] = apply(function, {x[i]}).v;
}

}  // namespace

bool on_device(MathFunction function, const float* x, float* y, int64_t count) {
    float* memory = nullptr;
    const size_t bytes = sizeof(float) * static_cast<size_t>(count);
    bool done = cudaMalloc(&memory, 2 * bytes) == cudaSuccess &&
                cudaMemcpy(memory, x, bytes, cudaMemcpyHostToDevice) == cudaSuccess;
    if (done) {
        run_function<<<static_cast<unsigned>((count + 255) / 256), 256>>>(function, memory, memory + count, count);
        done = cudaGetLastError() == cudaSuccess &&
               cudaMemcpy(y, memory + count, bytes, cudaMemcpyDeviceToHost) == cudaSuccess;
    }
    cudaFree(memory);
    return done;
}

}  // namespace gatun::check
