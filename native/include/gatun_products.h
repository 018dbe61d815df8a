/*
 * Products of training by another library: what libgatun.so and a library of products (libgatun_dnnl.so, over oneDNN)
 * are to each other. Only these two look inside, so that they must be of one build.
 *
 * A context that was given such a library (gatun_context_products) asks it for each affine operation, and computes what
 * it leaves. Its sums have orders of their own: outputs are near to those of Gatun's kernels, and not their bits.
 */
#ifndef GATUN_PRODUCTS_H
#define GATUN_PRODUCTS_H

#include "gatun.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GATUN_PRODUCTS_VERSION 1

/* y (+)= bias + W x, as gatun_affine_strided_run; also the gradient of the data, by the operation that goes back. */
#define GATUN_PRODUCT_RUN 0
/* weights (packed) += x dy, bias += dy, as gatun_affine_strided_gradient. */
#define GATUN_PRODUCT_GRADIENT 1

typedef struct gatun_product {
    const gatun_affine* affine;
    const gatun_map* x;
    const gatun_map* y; /* dy of a gradient */
    float* weights;     /* of a gradient, as bias */
    float* bias;        /* NULL: not wanted */
    int32_t kind;
    int32_t stride;
    int32_t accumulate; /* of a run */
    int32_t reserved;
} gatun_product;

/* What a library may ask of a context. */
typedef struct gatun_product_host {
    gatun_context* context;
    /* task(argument, i) for every i below `tasks`, on the threads of the context's pool; it must not throw. */
    void (*share)(gatun_context* context, int64_t tasks, void (*task)(void* argument, int64_t i), void* argument);
    /* The same product by Gatun's kernels: a status. */
    int32_t (*own)(gatun_context* context, const gatun_product* product);
} gatun_product_host;

/* What compute did. */
#define GATUN_PRODUCT_LEFT 0
#define GATUN_PRODUCT_COMPUTED 1
#define GATUN_PRODUCT_FAILED 2

typedef struct gatun_product_library {
    int32_t version; /* GATUN_PRODUCTS_VERSION */
    int32_t reserved;
    /* `way`: a GATUN_PRODUCTS_ of gatun.h. 0, or 1 with what is wrong in `text`. */
    int32_t (*open)(const gatun_product_host* host, int32_t way, void** self, char* text, int32_t capacity);
    void (*close)(void* self);
    /* From any thread. */
    int32_t (*compute)(void* self, const gatun_product* product, char* text, int32_t capacity);
    /* How many shapes were decided on; `text` gets a line about the one of that number, if there is one. */
    int32_t (*choices)(void* self, int32_t number, char* text, int32_t capacity);
} gatun_product_library;

/* The entry of libgatun_dnnl.so, with oneDNN's version in `text`. */
GATUN_API const gatun_product_library* gatun_dnnl_products(char* text, int32_t capacity);

/* oneDNN by itself, for benchmarks: a dense convolution, or where its kernel has one place a product, in memory of its
 * own, the fastest of what oneDNN has. */
#define GATUN_DNNL_FORWARD 0
#define GATUN_DNNL_BACKWARD_DATA 1
#define GATUN_DNNL_BACKWARD_WEIGHTS 2

typedef struct gatun_dnnl_shape {
    int32_t kind;
    int32_t threads; /* OpenMP's */
    int32_t examples, rows, columns, inputs, outputs;
    int32_t kernel_rows, kernel_columns;
    int32_t row_step, column_step;    /* 1: neighbours */
    int32_t top, bottom, left, right; /* zeros around the input, so that the output has its extent */
} gatun_dnnl_shape;

/* 0 and what was taken in `text`, or 1 with what is wrong. */
GATUN_API int32_t gatun_dnnl_yardstick_create(const gatun_dnnl_shape* shape, void** yardstick, char* text,
                                              int32_t capacity);
GATUN_API int32_t gatun_dnnl_yardstick_run(void* yardstick);
GATUN_API void gatun_dnnl_yardstick_destroy(void* yardstick);

#ifdef __cplusplus
}
#endif

#endif
