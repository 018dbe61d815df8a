// Step programs of sequences do not run on the emulated device: the checker plays their kernels by itself.
#include "cuda/entries.h"

namespace {

int32_t refuse(char* text, int32_t capacity) {
    gatun::gpu::copy_text("the emulated device runs passes and step programs of images, and none of sequences", text,
                          capacity);
    return GATUN_UNSUPPORTED;
}

}  // namespace

extern "C" {

int32_t gatun_cuda_program_create(gatun_cuda_device*, const gatun_step_program*, gatun_cuda_program** program,
                                  char* text, int32_t capacity) {
    *program = nullptr;
    return refuse(text, capacity);
}
void gatun_cuda_program_destroy(gatun_cuda_program*) {}
int32_t gatun_cuda_streams_create(gatun_cuda_program*, int64_t, const gatun_cuda_launch*, gatun_cuda_streams** streams,
                                  char* text, int32_t capacity) {
    *streams = nullptr;
    return refuse(text, capacity);
}
void gatun_cuda_streams_destroy(gatun_cuda_streams*) {}
int32_t gatun_cuda_reset(gatun_cuda_streams*, char* text, int32_t capacity) { return refuse(text, capacity); }
int32_t gatun_cuda_step(gatun_cuda_streams*, const gatun_step_run*, float*, char* text, int32_t capacity) {
    return refuse(text, capacity);
}
}
