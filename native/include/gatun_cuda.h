/*
 * Gatun's native interface to CUDA devices, of a library of its own (libgatun_cuda.so): step programs run there, with
 * the bits that gatun_step has, and passes over all positions, whose outputs have the bits of gatun.h's operations.
 *
 * Every entry that can fail gives a status of gatun.h (a code alone) and writes what is wrong into `text`, cut to
 * `capacity` bytes with the closing 0. Structs and arrays that the caller hands over lie in the machine's own memory. A
 * device and its programs may be shared by threads; streams are one thread's at a time.
 */
#ifndef GATUN_CUDA_H
#define GATUN_CUDA_H

#include "gatun_calls.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GATUN_CUDA_ABI_VERSION 7

GATUN_API int32_t gatun_cuda_abi_version(void);

/* How many devices there are. GATUN_UNSUPPORTED where there is no driver, or one that is too old. */
GATUN_API int32_t gatun_cuda_count(int32_t* count, char* text, int32_t capacity);

typedef struct gatun_cuda_device gatun_cuda_device;

/* Opens device `number` >= 0. GATUN_UNSUPPORTED where there is none of that number, or it is older than the kernels. */
GATUN_API int32_t gatun_cuda_open(int32_t number, gatun_cuda_device** device, char* text, int32_t capacity);
/* Devices, programs and streams may be given back in any order: what is still needed stays. */
GATUN_API void gatun_cuda_close(gatun_cuda_device* device);
/* Its name, compute capability, memory, driver: one line. */
GATUN_API void gatun_cuda_describe(const gatun_cuda_device* device, char* text, int32_t capacity);

typedef struct gatun_cuda_program gatun_cuda_program;

/* Copies a program that gatun_step_check let pass, with its weights, to the device, which keeps those that are
 * multiplied as bf16 where all of them are such numbers: the same results from half the bytes. GATUN_UNSUPPORTED where
 * it has instructions of kinds that the kernels do not know. */
GATUN_API int32_t gatun_cuda_program_create(gatun_cuda_device* device, const gatun_step_program* from,
                                            gatun_cuda_program** program, char* text, int32_t capacity);
GATUN_API void gatun_cuda_program_destroy(gatun_cuda_program* program);
/* How these weights are kept: GATUN_F32 or GATUN_BF16. */
GATUN_API int32_t gatun_cuda_program_precision(const gatun_cuda_program* program);

/* How streams are spread over the device; 0 for what it finds itself. Results do not depend on it. */
typedef struct gatun_cuda_launch {
    int32_t threads; /* of a block: a multiple of 32, 32 .. 512 */
    int32_t streams; /* of a block: 1 .. 4096 */
    int32_t tile;    /* streams that share the reading of weights: 1, 2, 4 or 8 */
    int32_t blocks;  /* that share a stream, where device and program allow it: 1, 2, 4, 8 or 16 */
    int32_t staged;  /* 1: weights are copied into a block's own memory ahead of their use, where device and program
                      * allow it; -1: they are not. Of streams that blocks have alone */
} gatun_cuda_launch;

typedef struct gatun_cuda_streams gatun_cuda_streams;

/* Streams >= 1 at position 0. launch: NULL for what it finds itself. */
GATUN_API int32_t gatun_cuda_streams_create(gatun_cuda_program* program, int64_t count, const gatun_cuda_launch* launch,
                                            gatun_cuda_streams** streams, char* text, int32_t capacity);
GATUN_API void gatun_cuda_streams_destroy(gatun_cuda_streams* streams);
/* How they are spread. */
GATUN_API void gatun_cuda_streams_launch(const gatun_cuda_streams* streams, gatun_cuda_launch* launch);

/* All of them, or one, back to position 0. */
GATUN_API int32_t gatun_cuda_reset(gatun_cuda_streams* streams, char* text, int32_t capacity);
GATUN_API int32_t gatun_cuda_reset_stream(gatun_cuda_streams* streams, int64_t stream, char* text, int32_t capacity);
/* As gatun_step_delay_stream: one that stood still for `steps` >= 0 goes on, if its start is later by as many. */
GATUN_API int32_t gatun_cuda_delay_stream(gatun_cuda_streams* streams, int64_t stream, int64_t steps, char* text,
                                          int32_t capacity);

/* As gatun_step; run->state is not used, and run->streams is the count that they were made with. milliseconds: that the
 * device took for the steps, without copies (NULL: not wanted). */
GATUN_API int32_t gatun_cuda_step(gatun_cuda_streams* streams, const gatun_step_run* run, float* milliseconds,
                                  char* text, int32_t capacity);

/* As gatun_step_outputs and gatun_step_take: a step in two halves, of which the first hands out what the draw reads; of
 * streams that stand still that is anything. */
GATUN_API int32_t gatun_cuda_outputs(gatun_cuda_streams* streams, const gatun_step_run* run, float* outputs, char* text,
                                     int32_t capacity);
GATUN_API int32_t gatun_cuda_take(gatun_cuda_streams* streams, const gatun_step_run* run, char* text, int32_t capacity);
/* Has streams go on from where others are, as many and of the same program, halves of steps included. */
GATUN_API int32_t gatun_cuda_copy(gatun_cuda_streams* streams, const gatun_cuda_streams* from, char* text,
                                  int32_t capacity);

/* The state, [state_floats * streams] as gatun_step's lies, for checks. What a step computes anew before it is read
 * need not be in it. */
GATUN_API int32_t gatun_cuda_state(gatun_cuda_streams* streams, float* state, char* text, int32_t capacity);

/* The clock of a multiprocessor at the end of each wave of the last step that was run, of the first stream; behind
 * them, where blocks share no stream, that at the step's beginning. count: how many they are, of which `most` are
 * written. For those who tune kernels. */
GATUN_API int32_t gatun_cuda_wave_clocks(gatun_cuda_streams* streams, int64_t* clocks, int32_t most, int32_t* count,
                                         char* text, int32_t capacity);

/* ---- programs of grids ---- */

typedef struct gatun_cuda_grid gatun_cuda_grid;

/* Copies a program that gatun_grid_check let pass, with its weights, to the device, which keeps those of affine maps as
 * bf16 where all of them are such numbers. */
GATUN_API int32_t gatun_cuda_grid_create(gatun_cuda_device* device, const gatun_grid_program* from,
                                         gatun_cuda_grid** program, char* text, int32_t capacity);
GATUN_API void gatun_cuda_grid_destroy(gatun_cuda_grid* program);
/* How these weights are kept: GATUN_F32 or GATUN_BF16. */
GATUN_API int32_t gatun_cuda_grid_precision(const gatun_cuda_grid* program);

typedef struct gatun_cuda_grid_streams gatun_cuda_grid_streams;

/* Streams >= 1 at position 0. launch: NULL for what it finds itself; of a block 64 threads at least, 64 streams at
 * most; blocks share no stream; tile: places that share the reading of weights at most. */
GATUN_API int32_t gatun_cuda_grid_streams_create(gatun_cuda_grid* program, int64_t count,
                                                 const gatun_cuda_launch* launch, gatun_cuda_grid_streams** streams,
                                                 char* text, int32_t capacity);
GATUN_API void gatun_cuda_grid_streams_destroy(gatun_cuda_grid_streams* streams);
/* How they are spread. */
GATUN_API void gatun_cuda_grid_launch(const gatun_cuda_grid_streams* streams, gatun_cuda_launch* launch);

/* All of them back to position 0. */
GATUN_API int32_t gatun_cuda_grid_reset(gatun_cuda_grid_streams* streams, char* text, int32_t capacity);

/* As gatun_grid_run_steps; the run's state, part and meter are not used, and run->streams is the count that they were
 * made with. milliseconds: that the device took for the steps, without copies (NULL: not wanted). */
GATUN_API int32_t gatun_cuda_grid_run(gatun_cuda_grid_streams* streams, const gatun_grid_run* run, float* milliseconds,
                                      char* text, int32_t capacity);

/* As gatun_cuda_outputs, gatun_cuda_take and gatun_cuda_copy; these streams are spread alike. */
GATUN_API int32_t gatun_cuda_grid_outputs(gatun_cuda_grid_streams* streams, const gatun_grid_run* run, float* outputs,
                                          char* text, int32_t capacity);
GATUN_API int32_t gatun_cuda_grid_take(gatun_cuda_grid_streams* streams, const gatun_grid_run* run, char* text,
                                       int32_t capacity);
GATUN_API int32_t gatun_cuda_grid_copy(gatun_cuda_grid_streams* streams, const gatun_cuda_grid_streams* from,
                                       char* text, int32_t capacity);

/* The state, [state_floats * streams] as that of gatun_grid_run_steps lies with a part for each block, for checks. */
GATUN_API int32_t gatun_cuda_grid_state(gatun_cuda_grid_streams* streams, float* state, char* text, int32_t capacity);

/* ---- passes: what a recorder wrote down (gatun_record_create) ---- */

/* Memory of a device that stands for the caller's: what calls touch has a place in it from the time that they are made
 * a pass, with the caller's contents of that time. One thread's, with its passes. */
typedef struct gatun_cuda_memory gatun_cuda_memory;

GATUN_API int32_t gatun_cuda_memory_create(gatun_cuda_device* device, gatun_cuda_memory** memory, char* text,
                                           int32_t capacity);
/* Memory in which what `under` holds has its place there, and all else its own. `under` stays until the last of these
 * has gone, and they are one thread's together. */
GATUN_API int32_t gatun_cuda_memory_over(gatun_cuda_memory* under, gatun_cuda_memory** memory, char* text,
                                         int32_t capacity);
GATUN_API void gatun_cuda_memory_destroy(gatun_cuda_memory* memory);

/* Gives what the caller has at `from` a place, with its contents; what has one keeps the contents that it has there. */
GATUN_API int32_t gatun_cuda_hold(gatun_cuda_memory* memory, const void* from, int64_t bytes, char* text,
                                  int32_t capacity);

/* Copies there what the caller has at `from`, as far as calls touch it. */
GATUN_API int32_t gatun_cuda_upload(gatun_cuda_memory* memory, const void* from, int64_t bytes, char* text,
                                    int32_t capacity);
/* And back, behind all passes that were run before. GATUN_INVALID_ARGUMENT where calls touch not all of it. */
GATUN_API int32_t gatun_cuda_download(gatun_cuda_memory* memory, void* to, int64_t bytes, char* text, int32_t capacity);

/* Runs calls once, without keeping them, on what has a place already: those of training, which a step makes with other
 * factors each time. GATUN_UNSUPPORTED of calls with tables. Does not wait for their end. */
GATUN_API int32_t gatun_cuda_run(gatun_cuda_memory* memory, const gatun_call* calls, int32_t count, char* text,
                                 int32_t capacity);

typedef struct gatun_cuda_pass gatun_cuda_pass;

/* How a pass computes affine operations and their gradients: by gatun.h's definition, or, where maps are wide enough to
 * gain by it, on tensor cores: factors are rounded, to tf32 (10 bits behind the point; nearest, ties away from zero) or
 * to bf16 (7 bits; ties to even), products are added up in float32, in an order that sizes alone decide. */
#define GATUN_CUDA_F32 0
#define GATUN_CUDA_TF32 1
#define GATUN_CUDA_BF16 2

/* The calls are copied, with their tables. products: one of the above. */
GATUN_API int32_t gatun_cuda_pass_create(gatun_cuda_memory* memory, const gatun_call* calls, int32_t count,
                                         int32_t products, gatun_cuda_pass** pass, char* text, int32_t capacity);
GATUN_API void gatun_cuda_pass_destroy(gatun_cuda_pass* pass);

/* Runs all of its calls, one behind the other, in the device's memory. milliseconds: that the device took (NULL: not
 * wanted; the entry then does not wait for it). */
GATUN_API int32_t gatun_cuda_pass_run(gatun_cuda_pass* pass, float* milliseconds, char* text, int32_t capacity);

#ifdef __cplusplus
}
#endif

#endif
