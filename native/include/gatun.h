/*
 * Gatun's native interface: plain C, fixed-width types, pointers to structs, a status from every call.
 *
 * Shapes. A feature map holds `features` floats at every position of a grid of rows x columns for every example;
 * sequences are one row. Value (n, i, j, f) lies at data[n*stride_example + i*stride_row + j*stride_column + f].
 * A map that is read with taps has a halo around it: memory of its own, zeros, that taps beyond the data read; of at
 * most as many rows and columns as the grid has, for a tap farther out is taken for one just outside.
 *
 * Order of sums. An output is one sum over (tap, input) in the order of the flat index r = tap*inputs + input, kept in
 * two interleaved chains of fused multiply-adds: chain 0 starts with the bias and takes even r, chain 1 starts with
 * zero and takes odd r; the output is chain0 + chain1. Every path computes it so, whatever the instruction set, batch,
 * tile or number of threads, and so does the step program: the bits agree.
 *
 * Packed weights. Outputs in blocks of 16 lanes: packed[block][tap][input][16], zeros behind the last output; the last
 * tap's inputs end where those that are not seen begin.
 *
 * Nothing here throws, prints or exits. Arguments are checked by the caller (package dev.gatun.foreign) against the
 * rules written at each function; what depends on the machine (memory, threads, instruction sets) comes back as status.
 */
#ifndef GATUN_H
#define GATUN_H

#include <stdint.h>

#if defined(GATUN_BUILD)
#define GATUN_API __attribute__((visibility("default")))
#else
#define GATUN_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define GATUN_ABI_VERSION 1

/* A status: 0, or a code in its low byte and above it a ticket for gatun_error_text. */
#define GATUN_OK 0
#define GATUN_INVALID_ARGUMENT 1
#define GATUN_OUT_OF_MEMORY 2
#define GATUN_UNSUPPORTED 3
#define GATUN_SYSTEM_ERROR 4

/* Instruction set levels; 0 asks for the best that the machine has. */
#define GATUN_ISA_BEST 0
#define GATUN_ISA_BASELINE 1
#define GATUN_ISA_AVX2 2
#define GATUN_ISA_AVX512 3
#define GATUN_ISA_NEON 4

#define GATUN_RELU 0
#define GATUN_LEAKY_RELU 1
#define GATUN_TANH 2
#define GATUN_SIGMOID 3
#define GATUN_ELU 4

#define GATUN_CELL_TANH 0
#define GATUN_CELL_GRU 1
#define GATUN_CELL_LSTM 2

#define GATUN_BERNOULLI 0
#define GATUN_CATEGORICAL 1
#define GATUN_GAUSSIAN 2
#define GATUN_LOGISTIC_MIXTURE 3

#define GATUN_SGD 0
#define GATUN_RMSPROP 1
#define GATUN_ADAM 2
#define GATUN_ADAMAX 3

/* How weights of steps are kept: as floats; as the upper halves of floats; as whole numbers of a byte, times a scale
 * for each output; the same, multiplied by inputs that are rounded to such numbers on the way (gatun_rounded_run). */
#define GATUN_F32 0
#define GATUN_BF16 1
#define GATUN_INT8 2
#define GATUN_INT8_DYNAMIC 3

#define GATUN_LANES 16

/* ---- facts, context -------------------------------------------------------------------------------------------- */

/* One struct (offset -1) or one field of a struct, as this library was compiled. */
typedef struct gatun_abi_fact {
    const char* name; /* "gatun_map" or "gatun_map.rows" */
    int32_t size;
    int32_t offset;
} gatun_abi_fact;

GATUN_API int32_t gatun_abi_version(void);

/* The facts of all structs of this header; `facts` receives the table (static), the result is its length. */
GATUN_API int32_t gatun_abi_facts(const gatun_abi_fact** facts);

/* Kernels of one level and a pool of threads. May be shared by threads: while one call uses the pool, another runs on
 * its own thread alone, with the same results. */
typedef struct gatun_context gatun_context;

/* `isa` a GATUN_ISA_ level (GATUN_UNSUPPORTED where the machine lacks it), threads >= 1 (the caller's included). */
GATUN_API int32_t gatun_context_create(int32_t isa, int32_t threads, gatun_context** context);
GATUN_API void gatun_context_destroy(gatun_context* context);
GATUN_API int32_t gatun_context_isa(const gatun_context* context);
GATUN_API int32_t gatun_context_threads(const gatun_context* context);

/* The level that GATUN_ISA_BEST stands for on this machine; `reason` gets why nothing faster was taken. */
GATUN_API int32_t gatun_isa_best(char* reason, int32_t capacity);

/* The text of a status, cut to `capacity` bytes with the closing 0; context may be NULL (creation failed). */
GATUN_API void gatun_error_text(const gatun_context* context, int32_t status, char* text, int32_t capacity);

/* ---- memory ----------------------------------------------------------------------------------------------------- */

/* Zeros, for weights and states of many megabytes: at the beginning of a huge page, and in huge pages where the system
 * lends them. GATUN_OUT_OF_MEMORY where there is no room. */
GATUN_API int32_t gatun_pages_map(int64_t bytes, void** pages);

/* Gives them back, all at once: `bytes` as they were mapped. */
GATUN_API int32_t gatun_pages_unmap(void* pages, int64_t bytes);

/* ---- products by another library -------------------------------------------------------------------------------- */

/* Where another library's products are taken: where it is measured to be faster, a shape at a time, or wherever it can
 * compute one. */
#define GATUN_PRODUCTS_FASTEST 0
#define GATUN_PRODUCTS_ALWAYS 1

/* Lets another library (gatun_products.h) compute affine operations of this context from now on, in sums of other
 * orders. Before any other call of the context, which must not record. */
typedef struct gatun_product_library gatun_product_library;
GATUN_API int32_t gatun_context_products(gatun_context* context, const gatun_product_library* library, int32_t way);

/* How many shapes of products were decided on; text gets a line about the one of that number, if there is one. */
GATUN_API int32_t gatun_context_choices(gatun_context* context, int32_t number, char* text, int32_t capacity);

/* ---- recording -------------------------------------------------------------------------------------------------- */

/* A context that computes nothing: operations over all positions are written down, for a device to run. Other calls in
 * it that compute are GATUN_UNSUPPORTED. One thread's. */
GATUN_API int32_t gatun_record_create(gatun_context** recorder);

/* What it wrote down since it was made (gatun_calls.h); good until its next call. */
typedef struct gatun_call gatun_call;
GATUN_API int32_t gatun_record_calls(const gatun_context* recorder, const gatun_call** calls);

/* ---- maps ------------------------------------------------------------------------------------------------------ */

typedef struct gatun_map {
    float* data;
    int64_t stride_example;
    int64_t stride_row;
    int64_t stride_column;
    int32_t examples;
    int32_t rows;
    int32_t columns;
    int32_t features;
} gatun_map;

/* Levels in place of one-hot features: `features` counts the channels of a position; -1 stands outside of the data. */
typedef struct gatun_levels {
    int32_t* data;
    int64_t stride_example;
    int64_t stride_row;
    int64_t stride_column;
    int32_t examples;
    int32_t rows;
    int32_t columns;
    int32_t features;
} gatun_levels;

/* Input position = output position + tap. */
typedef struct gatun_tap {
    int32_t row;
    int32_t column;
} gatun_tap;

/* ---- weights --------------------------------------------------------------------------------------------------- */

/* Where the weight of (output o, input c, tap k) lies in a parameter: o*stride_output + c*stride_input +
 * tap_offsets[k]. */
typedef struct gatun_layout {
    const int64_t* tap_offsets;
    int64_t stride_output;
    int64_t stride_input;
    int32_t taps;
    int32_t inputs;
    int32_t outputs;
    int32_t unseen; /* as gatun_affine's */
} gatun_layout;

/* packed: ceil(outputs/16)*16 * (taps * inputs - unseen) floats, 64-byte aligned. */
GATUN_API int32_t gatun_pack(gatun_context* context, const gatun_layout* layout, const float* parameter, float* packed);

/* For the gradient of the input: outputs and inputs change places and the taps their order (the caller negates them);
 * packed: ceil(inputs/16)*16 * taps * outputs floats; unseen is 0. */
GATUN_API int32_t gatun_pack_transposed(gatun_context* context, const gatun_layout* layout, const float* parameter,
                                        float* packed);

/* The way back, for gradients: parameter[...] += packed[...]. */
GATUN_API int32_t gatun_unpack_add(gatun_context* context, const gatun_layout* layout, const float* packed,
                                   float* parameter);

typedef struct gatun_affine {
    const float* weights; /* packed */
    const float* bias;    /* [outputs] or NULL */
    const gatun_tap* taps;
    int32_t tap_count;
    int32_t inputs;
    int32_t outputs;
    int32_t unseen; /* inputs of the last tap, behind those that are seen, that the sum stops before: groups that are
                       masked */
} gatun_affine;

/* ---- operations over all positions ----------------------------------------------------------------------------- */

/* y (+)= bias + sum over taps of W[tap] x(position + tap). x's halo covers the taps. accumulate: 0 or 1. */
GATUN_API int32_t gatun_affine_run(gatun_context* context, const gatun_affine* affine, const gatun_map* x,
                                   const gatun_map* y, int32_t accumulate);

/* y = the same, the inputs of each tap rounded: of a tap's inputs x_i let m be the largest |x_i|, q_i the whole number
 * nearest to x_i * (127/m), ties to even, and s = m/127; the sums of q_i times whole weights are exact. y begins with
 * the bias and takes in tap after tap: fma(sum, s * scale of the output, y). m below 2^-100 counts as 0, where q_i = s
 * = 0; inputs that are no finite numbers make y none. packed: by gatun_step_pack, of GATUN_INT8_DYNAMIC, without gate
 * or lead; the affine's own weights are not read, and unseen is 0. */
GATUN_API int32_t gatun_rounded_run(gatun_context* context, const gatun_affine* affine, const void* packed,
                                    const gatun_map* x, const gatun_map* y);

/* weights (packed) += sum over positions of x(position + tap) dy(position), bias += sum of dy (NULL: none).
 * Deterministic, whatever the number of threads. */
GATUN_API int32_t gatun_affine_gradient(gatun_context* context, const gatun_affine* affine, const gatun_map* x,
                                        const gatun_map* dy, float* weights, float* bias);

/* The same where y's position (i, j) reads around (stride*i, stride*j) of x, which has stride times its rows and
 * columns. */
GATUN_API int32_t gatun_affine_strided_run(gatun_context* context, const gatun_affine* affine, const gatun_map* x,
                                           int32_t stride, const gatun_map* y, int32_t accumulate);
GATUN_API int32_t gatun_affine_strided_gradient(gatun_context* context, const gatun_affine* affine, const gatun_map* x,
                                                int32_t stride, const gatun_map* dy, float* weights, float* bias);

/* As gatun_affine_run over one-hot inputs (inputs = features * levels), which are looked up; the bits are those of the
 * product. A tap outside of the data adds the vector `outside` [outputs], or nothing where that is NULL. */
GATUN_API int32_t gatun_lookup_run(gatun_context* context, const gatun_affine* affine, const float* outside,
                                   const gatun_levels* x, const gatun_map* y);
GATUN_API int32_t gatun_lookup_gradient(gatun_context* context, const gatun_affine* affine, const gatun_levels* x,
                                        const gatun_map* dy, float* weights, float* bias, float* outside);

/* A masked dense layer whose units are sorted by degree: output o sees the first seen[o] inputs, and seen never falls.
 * In the parameter the weight of (o, i) lies at rows[o]*stride + columns[i] and o's bias at rows[o]; what is masked is
 * neither read nor written. */
typedef struct gatun_dense {
    const int32_t* seen;    /* [outputs], each 0..inputs */
    const int32_t* rows;    /* [outputs] */
    const int32_t* columns; /* [inputs] */
    int64_t stride;
    int32_t inputs;
    int32_t outputs;
} gatun_dense;

/* packed: [blocks of 16 outputs][inputs][16], of each two blocks only what their last output sees is written, and that
 * is all that the others read; packed_bias [16 * blocks], zeros where bias is NULL. 64-byte aligned, as all that is
 * packed. */
GATUN_API int32_t gatun_dense_pack(gatun_context* context, const gatun_dense* dense, const float* weights,
                                   const float* bias, float* packed, float* packed_bias);
/* For the gradient of the input: [blocks of 16 inputs][outputs][16], of each block the outputs from the first on that
 * sees one of its inputs. */
GATUN_API int32_t gatun_dense_pack_transposed(gatun_context* context, const gatun_dense* dense, const float* weights,
                                              float* packed);
/* For the step program: [inputs][16 * blocks], a column after the other, zeros where it is masked. */
GATUN_API int32_t gatun_dense_pack_columns(gatun_context* context, const gatun_dense* dense, const float* weights,
                                           float* packed);

/* y = bias + W x. An example's inputs and outputs lie together, at all columns of x's and y's one row. */
GATUN_API int32_t gatun_dense_run(gatun_context* context, const gatun_dense* dense, const float* packed,
                                  const float* packed_bias, const gatun_map* x, const gatun_map* y);
/* The same over one-hot inputs, columns * levels of them, which are looked up. */
GATUN_API int32_t gatun_dense_lookup(gatun_context* context, const gatun_dense* dense, const float* packed,
                                     const float* packed_bias, const gatun_levels* x, const gatun_map* y);
/* weights += dW, bias += db (NULL: none), both laid out as the parameter. scratch: gatun_dense_scratch floats. */
GATUN_API int64_t gatun_dense_scratch(const gatun_dense* dense);
GATUN_API int32_t gatun_dense_gradient(gatun_context* context, const gatun_dense* dense, const gatun_map* x,
                                       const gatun_map* dy, float* weights, float* bias, float* scratch);
GATUN_API int32_t gatun_dense_lookup_gradient(gatun_context* context, const gatun_dense* dense, const gatun_levels* x,
                                              const gatun_map* dy, float* weights, float* bias, float* scratch);
/* dx (+)= W^T dy, from weights packed transposed. */
GATUN_API int32_t gatun_dense_input_gradient(gatun_context* context, const gatun_dense* dense, const float* transposed,
                                             const gatun_map* dy, const gatun_map* dx, int32_t accumulate);

/* NADE over a chain of positions: a_0 = c, logit_d = output_bias[d] + output[d] . sigmoid(a_d), a_{d+1} = a_d + x_d *
 * input[d]. Hidden units in blocks of 16 lanes; in the parameters W[h][order[d]], V[order[d]][h]. */
typedef struct gatun_nade {
    float* input;         /* [positions][16 * blocks], W's columns, zeros behind the last unit */
    float* start;         /* [2][16 * blocks]: a_0 and sigmoid(a_0) */
    float* output;        /* [positions][16 * blocks], V's rows */
    float* output_bias;   /* [positions] */
    const int32_t* order; /* [positions]: where a position of the chain lies in the parameters */
    int32_t hidden;
    int32_t positions;
} gatun_nade;

/* Fills in what `nade` points to from the parameters W [hidden][positions], c, V [positions][hidden], b. */
GATUN_API int32_t gatun_nade_pack(gatun_context* context, const gatun_nade* nade, const float* w, const float* c,
                                  const float* v, const float* b);
/* logits and x: one row, a column a position of the chain, one feature. */
GATUN_API int32_t gatun_nade_run(gatun_context* context, const gatun_nade* nade, const gatun_map* x,
                                 const gatun_map* logits);
/* Adds the gradients of the parameters, laid out as they are. scratch: gatun_nade_scratch floats, 64-byte aligned. */
GATUN_API int64_t gatun_nade_scratch(const gatun_context* context, const gatun_nade* nade);
GATUN_API int32_t gatun_nade_gradient(gatun_context* context, const gatun_nade* nade, const gatun_map* x,
                                      const gatun_map* dlogits, float* w, float* c, float* v, float* b, float* scratch);

/* y = table[level], level -1 not allowed inside of the data; table: [levels]. */
GATUN_API int32_t gatun_encode(gatun_context* context, const float* table, int32_t levels, const gatun_levels* x,
                               const gatun_map* y);

/* y = f(x); x and y may be the same. */
GATUN_API int32_t gatun_activation_run(gatun_context* context, int32_t kind, const gatun_map* x, const gatun_map* y);
/* dx (+)= f'(x) dy, f' from y = f(x). */
GATUN_API int32_t gatun_activation_gradient(gatun_context* context, int32_t kind, const gatun_map* y,
                                            const gatun_map* dy, const gatun_map* dx, int32_t accumulate);

/* y (+)= x, features of x. */
GATUN_API int32_t gatun_copy(gatun_context* context, const gatun_map* x, const gatun_map* y, int32_t accumulate);
/* y = tanh(a) * sigmoid(b) of the first half a and the second half b of x's features; and dx (+)= its gradient times
 * dy. */
GATUN_API int32_t gatun_gate_run(gatun_context* context, const gatun_map* x, const gatun_map* y);
GATUN_API int32_t gatun_gate_gradient(gatun_context* context, const gatun_map* x, const gatun_map* dy,
                                      const gatun_map* dx, int32_t accumulate);

/* y = a * sigmoid(b) of the first half a and the second half b of x's features; and dx (+)= its gradient times dy. */
GATUN_API int32_t gatun_linear_gate_run(gatun_context* context, const gatun_map* x, const gatun_map* y);
GATUN_API int32_t gatun_linear_gate_gradient(gatun_context* context, const gatun_map* x, const gatun_map* dy,
                                             const gatun_map* dx, int32_t accumulate);
/* y = elu(x), then elu(-x): twice x's features; and dx (+)= its gradient, from y, times dy. */
GATUN_API int32_t gatun_concat_elu_run(gatun_context* context, const gatun_map* x, const gatun_map* y);
GATUN_API int32_t gatun_concat_elu_gradient(gatun_context* context, const gatun_map* y, const gatun_map* dy,
                                            const gatun_map* dx, int32_t accumulate);

/* A recurrent layer over one row: y(t) = h(t) from x(t), the input's part of the gates (PyTorch's nn.RNN, nn.GRU with
 * gates r, z, n, nn.LSTM with gates i, f, g, o), and `state` h(t-1), the other part: an affine operation of one tap
 * (0, -1) from `hidden` features to 1, 3 or 4 times as many. y has a halo of one column on the left with h before the
 * first position. kept: 1, 4 or 5 times `hidden` features and a halo of one column on the left, whose last `hidden`
 * features are an LSTM's c before the first position; it has x's columns, and then holds what the gradient wants, or
 * one, which takes c behind the last position. No two maps share memory. */
GATUN_API int32_t gatun_recurrent_run(gatun_context* context, int32_t cell, const gatun_affine* state,
                                      const gatun_map* x, const gatun_map* y, const gatun_map* kept);
/* Backwards through time, after a run that kept every position. back: `state` packed the other way. The gates' places
 * in kept (its first features) take the gradient of the state's part, dx (+)= that of x (NULL: not wanted); the
 * gradient of the weights is gatun_affine_gradient's of `state`, y and those. Nothing flows to before the first
 * position. */
GATUN_API int32_t gatun_recurrent_gradient(gatun_context* context, int32_t cell, const gatun_affine* back,
                                           const gatun_map* y, const gatun_map* kept, const gatun_map* dy,
                                           const gatun_map* dx, int32_t accumulate);

/* An LSTM over a grid (van den Oord et al. 2016b): y(i, j) = h(i, j) from x(i, j), the input's part of the gates o, f,
 * i, g, and `state` h, the other part: an affine operation without bias from `hidden` features to 4 times as many.
 *   GATUN_GRID_DOWN   its taps are in the row above, c comes from the place above: the Row LSTM
 *   GATUN_GRID_RIGHT  taps (-1, 0), (0, -1), c from the left: the Diagonal LSTM's left stream, diagonal by diagonal
 *   GATUN_GRID_LEFT   taps (-1, 0), (0, 1), c from the right: its right stream
 * y's halo covers the taps. kept: NULL, or of y's extent, 5 times `hidden` features, what the gradient wants: the
 * gates, then c; its halo covers the taps, the taps negated, and the place that c comes from. No two maps share memory.
 */
#define GATUN_GRID_DOWN 0
#define GATUN_GRID_RIGHT 1
#define GATUN_GRID_LEFT 2

GATUN_API int32_t gatun_grid_lstm_run(gatun_context* context, int32_t way, const gatun_affine* state,
                                      const gatun_map* x, const gatun_map* y, const gatun_map* kept);
/* Backwards after a run that kept: back: `state` packed the other way. The gates' places in kept take their gradient,
 * and dx (+)= it (NULL: not wanted); the gradient of the weights is gatun_affine_gradient's of `state`, y and those. */
GATUN_API int32_t gatun_grid_lstm_gradient(gatun_context* context, int32_t way, const gatun_affine* back,
                                           const gatun_map* y, const gatun_map* kept, const gatun_map* dy,
                                           const gatun_map* dx, int32_t accumulate);

/* y(row, column) = scale * ((accumulate ? y : 0) + x(row / repeat, column / repeat)); x has ceil(rows / repeat) rows
 * and ceil(columns / repeat) columns. */
GATUN_API int32_t gatun_sum_run(gatun_context* context, const gatun_map* x, int32_t repeat, float scale,
                                const gatun_map* y, int32_t accumulate);
/* dx(i, j) (+)= scale * sum of dy over the rows and columns that read it. */
GATUN_API int32_t gatun_sum_gradient(gatun_context* context, const gatun_map* dy, int32_t repeat, float scale,
                                     const gatun_map* dx, int32_t accumulate);

/* y = vector [features] at every position; and vector += sum over positions of dy. */
GATUN_API int32_t gatun_broadcast(gatun_context* context, const float* vector, const gatun_map* y);
GATUN_API int32_t gatun_broadcast_gradient(gatun_context* context, const gatun_map* dy, float* vector);

/* ---- distributions --------------------------------------------------------------------------------------------- */

typedef struct gatun_distribution {
    int32_t type;
    int32_t levels;     /* 0 for gaussian */
    int32_t components; /* of a mixture, else 0 */
    int32_t channels; /* positions that it is over together: 3 of a mixture over the pixels of colour images, else 1 or
                         0 */
} gatun_distribution;

/* Data of examples x positions: levels or reals, the other NULL. */
typedef struct gatun_values {
    int32_t* levels;
    float* reals;
    int64_t stride_example;
} gatun_values;

/* outputs: one row, a column a place (a position, or `channels` of them, one after the other), P features (spec order);
 * log_prob[n*stride + d] = ln p(x_d | ...). */
GATUN_API int32_t gatun_log_prob(gatun_context* context, const gatun_distribution* distribution,
                                 const gatun_map* outputs, const gatun_values* values, float* log_prob, int64_t stride);

/* sums[n] = log_prob[n*stride] + ... + log_prob[n*stride + positions - 1], in double and in this order, from 0 on. */
GATUN_API int32_t gatun_log_prob_sums(gatun_context* context, const float* log_prob, int64_t stride, int32_t examples,
                                      int32_t positions, double* sums);

/* gradient = scale * d(-ln p)/d outputs. */
GATUN_API int32_t gatun_log_prob_gradient(gatun_context* context, const gatun_distribution* distribution,
                                          const gatun_map* outputs, const gatun_values* values, float scale,
                                          const gatun_map* gradient);

/* What a step of training drops, in memory that is read when the call runs. */
typedef struct gatun_dropout {
    uint64_t key; /* tells draws apart */
    int32_t kept; /* of 65536 that may be drawn; 65536: nothing is dropped */
    float scale;  /* of what is kept */
} gatun_dropout;

/* y (+)= x, of which a feature of a position is kept, and scaled, or is zero. y may be x. */
GATUN_API int32_t gatun_dropout_run(gatun_context* context, const gatun_dropout* draws, const gatun_map* x,
                                    const gatun_map* y, int32_t accumulate);

/* y *= factors[example]. */
GATUN_API int32_t gatun_scale_examples(gatun_context* context, const float* factors, const gatun_map* y);

typedef struct gatun_noise {
    uint64_t seed;
    uint64_t first_sample;
    float temperature; /* > 0 */
    int32_t mode;      /* 1: the mode, no noise */
} gatun_noise;

/* Draws position `position` of every example: outputs has one row and column; writes values at [n*stride_example].
 * Where a place has several positions, its earlier ones lie before that one. */
GATUN_API int32_t gatun_draw(gatun_context* context, const gatun_distribution* distribution, const gatun_noise* noise,
                             const gatun_map* outputs, int64_t position, const gatun_values* values);

/* ---- training -------------------------------------------------------------------------------------------------- */

typedef struct gatun_optimizer {
    double learning_rate;
    double momentum;     /* sgd, rmsprop */
    double beta1;        /* adam, adamax */
    double beta2;        /* adam, adamax; rmsprop: alpha */
    double epsilon;      /* adam, adamax, rmsprop */
    double weight_decay; /* added to the gradient as torch.optim does; decoupled where `decoupled` is 1 */
    int64_t step;        /* 1 for the first */
    int32_t kind;
    int32_t decoupled;
    int32_t nesterov;
    int32_t reserved;
} gatun_optimizer;

/* What the machine can do at most, for rooflines. Each thread multiplies and adds in registers, `rounds` times;
 * operations: how many multiplications and additions those were, of all threads. */
GATUN_API int32_t gatun_probe_multiply(gatun_context* context, int64_t rounds, double* operations);
/* Each thread reads its part of `count` floats `rounds` times, whole groups of 64; sum: of all that was read. */
GATUN_API int32_t gatun_probe_read(gatun_context* context, const float* values, int64_t count, int64_t rounds,
                                   double* sum);

/* One step as torch.optim's class of that name. first, second: the running states [count], zeros at the start; sgd:
 * first is the momentum buffer; rmsprop: first is the momentum buffer, second the average of squares. */
GATUN_API int32_t gatun_optimizer_step(gatun_context* context, const gatun_optimizer* optimizer, int64_t count,
                                       float* parameters, const float* gradient, float* first, float* second);
/* Sum of squares in double, in an order of its own that does not depend on threads. */
GATUN_API int32_t gatun_sum_of_squares(gatun_context* context, int64_t count, const float* values, double* sum);
GATUN_API int32_t gatun_scale(gatun_context* context, int64_t count, float factor, float* values);
/* values = 0. */
GATUN_API int32_t gatun_clear(gatun_context* context, int64_t count, float* values);
/* average = decay * average + (1 - decay) * values. */
GATUN_API int32_t gatun_average(gatun_context* context, int64_t count, double decay, const float* values,
                                float* average);

/* ---- the step program ------------------------------------------------------------------------------------------- */

#define GATUN_STEP_AFFINE 0     /* output = W over taps of input, `distances` positions back */
#define GATUN_STEP_LOOKUP 1     /* the same over levels */
#define GATUN_STEP_ACTIVATION 2 /* output = f(input at taps[0] back); argument: the kind */
#define GATUN_STEP_COPY 3       /* output features argument .. = input */
#define GATUN_STEP_BROADCAST 4  /* output = bias */
#define GATUN_STEP_DRAW 5       /* the value of this position from input, or a known value */
#define GATUN_STEP_ENCODE 6 /* output = table (weights) of the value drawn; series: the value itself (weights NULL) */
#define GATUN_STEP_LEVEL 7  /* output (levels) = the value drawn */
#define GATUN_STEP_GATE 8   /* output = gate of input at taps[0] back */
#define GATUN_STEP_SUM 9    /* output = scale * ((argument ? output : 0) + input at taps[0] back) */
#define GATUN_STEP_FRAME 10 /* output = the condition's frame, position / every */
#define GATUN_STEP_CLASS 11 /* output (levels) = the condition's class, one of `argument` */
/* Recurrent cells: output = the cell's h, from input, the slot `argument` (kept) and its own h before. */
#define GATUN_STEP_CELL_TANH 12
#define GATUN_STEP_CELL_GRU 13
#define GATUN_STEP_CELL_LSTM 14
/* Dense layers. Their slots of sums are [2][features / 2]: the two chains of units, rounded up to 16; weights are
 * columns of as many floats, one an input. Distances hold a table in place of taps: for each position of the chain the
 * first output that sees it; a layer's units also have, before it, where the units of degree g = 0, 1, ... begin, and
 * the end. */
#define GATUN_STEP_PUSH_VALUE 15 /* output (sums) += column of this position * input */
#define GATUN_STEP_PUSH_LEVEL 16 /* the same for a level of `argument` */
#define GATUN_STEP_PUSH_UNITS 17 /* the same for input's units of degree position + 1, by activation `argument`; */
                                 /* plus 4: of degree 0, before the first position */
#define GATUN_STEP_FINISH 18     /* output = (argument ? output : 0) + sums of this position's outputs in input */
#define GATUN_STEP_NADE 19       /* argument 0: output = the logit from input [a, h]; 1: output [a, h] takes input in */
/* Of grids: output = h of gatun_grid_lstm_run's cell from input x and the slot `argument` (kept: the state's part of
 * the gates, which it replaces, then c), whose c before lies at taps[1]. */
#define GATUN_STEP_GRID_CELL 20
#define GATUN_STEP_CONCAT_ELU 21  /* output = elu of input, then elu of it negated: twice as many features */
#define GATUN_STEP_LINEAR_GATE 22 /* output = the first half of input times sigmoid of the second */

/* Affine maps whose weights gatun_step_pack packed, their bias among them, and what is done with their outputs; `lead`
 * first taps of an affine map are packed apart from the others: what they read is known ahead, as many steps as the
 * nearest of them reaches back. */
#define GATUN_STEP_PACKED 40      /* output = f(scale * (base + W over taps of input)), f being `activation` */
#define GATUN_STEP_PACKED_GATE 41 /* output = gate of (W over taps of input + base) + second; half of its outputs */

/* A ring of the last `depth` positions, laid out [depth][streams][features]; `offset` is in floats per stream. */
typedef struct gatun_step_slot {
    int64_t offset;
    int32_t features;
    int32_t depth;
    int32_t levels; /* 1: holds int32 levels, -1 before the first position */
    int32_t reserved;
} gatun_step_slot;

typedef struct gatun_step_operation {
    const float* weights;
    const float* bias;
    const float* outside;
    int32_t kind;
    int32_t input;  /* slot, or -1 */
    int32_t output; /* slot, or -1 */
    int32_t inputs;
    int32_t outputs;
    int32_t first_distance; /* into the program's distances */
    int32_t tap_count;
    int32_t argument;
    int32_t every; /* runs at positions that it divides; INT32_MAX: at position 0 alone */
    float scale;
    /* Of packed products alone: */
    int32_t base;       /* slot, or -1: none, and then scale is 1 */
    int32_t second;     /* slot, or -1 */
    int32_t activation; /* GATUN_RELU, ..., or -1 */
    int32_t lead;       /* taps packed apart, fewer than all, or 0 */
    int32_t precision;  /* of its weights: GATUN_F32, ... */
    int32_t reserved;
} gatun_step_operation;

typedef struct gatun_step_program {
    const gatun_step_operation* operations;
    const gatun_step_slot* slots;
    const int32_t* distances;
    gatun_distribution distribution;
    int64_t state_floats; /* a stream's */
    int32_t operation_count;
    int32_t slot_count;
    int32_t distance_count;
    int32_t chain; /* positions that it has at most; 0: any number */
    const int32_t*
        places; /* [chain]: the position of the data that each is, for its noise and its values; NULL: its own */
} gatun_step_program;

/* Bytes of packed weights of a precision: for each of whole blocks' outputs its bias and, where weights are bytes, its
 * scale, 4 bytes each, and (tap_count * inputs) weights of 4, 2 or 1; of GATUN_INT8_DYNAMIC inputs are counted in
 * fours. */
GATUN_API int64_t gatun_step_packed_bytes(int32_t precision, int64_t taps, int64_t inputs, int64_t outputs);

/* Packs an affine map's packed weights again for steps; gate: 1 for GATUN_STEP_PACKED_GATE. The numbers stay what they
 * are: GATUN_INVALID_ARGUMENT where one is none of the precision, which where weights are bytes is a whole number in
 * -127 .. 127 times the 127th part of the output's largest weight, or where more than 2^17 inputs are to be rounded.
 * to: 64-byte aligned. */
GATUN_API int32_t gatun_step_pack(gatun_context* context, const gatun_affine* affine, int32_t gate, int32_t lead,
                                  int32_t precision, void* to);

/* Refuses a program whose indices, rings or sizes do not fit together. */
GATUN_API int32_t gatun_step_check(gatun_context* context, const gatun_step_program* program);

/* state: state_floats * streams floats, 64-byte aligned; made ready for position 0. */
GATUN_API int32_t gatun_step_reset(gatun_context* context, const gatun_step_program* program, float* state,
                                   int64_t streams);

/* The same for one stream's part of the state, before it joins a run that is under way. */
GATUN_API int32_t gatun_step_reset_stream(gatun_context* context, const gatun_step_program* program, float* state,
                                          int64_t streams, int64_t stream);

/* Moves a stream's rings on by `steps` >= 0, for which it stood still while the clock went on: it goes on where it was,
 * if its start is later by as many. */
GATUN_API int32_t gatun_step_delay_stream(gatun_context* context, const gatun_step_program* program, float* state,
                                          int64_t streams, int64_t stream, int64_t steps);

/* An instruction on its way, in nanoseconds of the monotonic clock. */
typedef struct gatun_meter_event {
    int64_t start;
    int64_t end;
    int32_t operation;
    int32_t reserved;
} gatun_meter_event;

/* Takes what the instructions of a run need, of the first streams alone where threads share them out. */
typedef struct gatun_meter {
    int64_t* calls;            /* [operations], added to */
    int64_t* nanos;            /* likewise */
    gatun_meter_event* events; /* in their order, until there is no more room */
    int64_t room;
    int64_t count; /* of events written */
} gatun_meter;

/* What a stream of a run has of its own. The run's clock counts steps; a stream's own position, by which it takes noise
 * and frames, is clock - start >= 0. */
typedef struct gatun_step_stream {
    int64_t start; /* the clock at its position 0 */
    uint64_t seed;
    uint64_t sample;
    int32_t idle; /* 1: it stands still; nothing of it is read or written */
    int32_t reserved;
} gatun_step_stream;

typedef struct gatun_step_run {
    float* state;
    gatun_noise noise;      /* stream s is sample first_sample + s, unless `each` says otherwise */
    gatun_values values;    /* value of step first_position + i at [s*stride_example + i]; in a
                             * program with places it is the example's whole row, and known and log_prob too */
    const float* frames;    /* [streams][frame_count][features of the condition], or NULL */
    const int32_t* classes; /* [streams], or NULL */
    int64_t frame_count;    /* frames kept of a stream; frame i lies at i % frame_count */
    const uint8_t* known;   /* same layout as values: 1 where it is given and not drawn; NULL: all are drawn */
    float* log_prob;        /* same layout, or NULL: ln p of each value under temperature 1 */
    int64_t first_position; /* the clock; it runs in order from 0: what is not contiguous is refused by the caller */
    int64_t positions;      /* steps to run */
    int64_t streams;
    const gatun_step_stream* each; /* [streams], or NULL: all start at 0, with the seed and samples of `noise` */
    gatun_meter* meter;            /* NULL: nothing is timed */
    int32_t together;              /* 1: threads share the steps of a stream that goes on alone; the bits stay */
    int32_t reserved;
} gatun_step_run;

/* Runs `positions` steps for all streams that do not stand still. */
GATUN_API int32_t gatun_step(gatun_context* context, const gatun_step_program* program, const gatun_step_run* run);

/* Microseconds that a step of one stream takes, drawn from the beginning: by one thread, and by all that share its
 * products; the least of some turns. Where a program has nothing to share, both are the same. */
GATUN_API int32_t gatun_step_measure(gatun_context* context, const gatun_step_program* program, double* apart,
                                     double* together);

/* The same step by step in two halves, for who says what the values are. The first half of the step first_position (of
 * `positions` 1) ends before its draw: `outputs` takes the distribution's, [streams][P]; those of streams that stand
 * still are left alone. The second half of it begins with the draw, which `known` leaves out. */
GATUN_API int32_t gatun_step_outputs(gatun_context* context, const gatun_step_program* program,
                                     const gatun_step_run* run, float* outputs);
GATUN_API int32_t gatun_step_take(gatun_context* context, const gatun_step_program* program, const gatun_step_run* run);

/* ---- the step program of a grid ---------------------------------------------------------------------------------- */

/* The rows of one feature map that are still read, laid out [rows][left + columns + right][streams][features]: row r at
 * place r % rows. A map of scale s has a place for every s-th row and column of the data; one of scale INT32_MAX, which
 * is the same everywhere, has one place. What lies outside of the grid is zero (levels: -1). */
typedef struct gatun_grid_slot {
    int64_t offset; /* floats per stream */
    int32_t features;
    int32_t rows;
    int32_t columns; /* of the map: ceil(columns of the data / scale) */
    int32_t left;    /* columns outside of the grid */
    int32_t right;
    int32_t scale;  /* a power of two, or INT32_MAX */
    int32_t levels; /* 1: holds int32 levels */
    int32_t reserved;
} gatun_grid_slot;

/* What becomes of a sum's chains. */
#define GATUN_CHAINS_NONE 0     /* the whole sum */
#define GATUN_CHAINS_LEAVE 1    /* the first taps: their chains are left in the slot `chains`, which is the output */
#define GATUN_CHAINS_CARRY_ON 2 /* the last taps: they carry on the chains in it */

/* An instruction, kinds as of gatun_step_operation. It runs at the rows row, row + every, ... of the data, and columns
 * likewise; INT32_MAX: at one alone. Taps are in positions of the data; slots whose scale does not divide `every` are
 * read at HERE's row or column alone. */
typedef struct gatun_grid_operation {
    const float* weights;
    const float* bias;
    const float* outside;
    int32_t kind;
    int32_t input;  /* slot, or -1 */
    int32_t output; /* slot, or -1 */
    int32_t chains; /* slot [2][features / 2] of the chains of output's features, a multiple of 16, or -1 */
    int32_t chain_use;
    int32_t inputs; /* features that it reads at a tap, and writes */
    int32_t outputs;
    int32_t first_input; /* of the slots' features */
    int32_t first_output;
    int32_t first_tap; /* into the program's taps */
    int32_t tap_count;
    int32_t unseen; /* as gatun_affine's */
    int32_t before; /* flat inputs of the sum's taps before these, and behind them: weights hold all */
    int32_t behind;
    int32_t
        argument; /* gates: features from a tanh's input to its sigmoid's; draws, encodings and levels: the channel */
    int32_t every;
    int32_t row;
    int32_t column;
    float scale;
    int32_t sweep; /* of rows: 1 or -1: neighbours in the program of the same sweep go from column to column together,
                      to the right or to the left; 0: this one does all columns */
    int32_t precision; /* of an affine map's weights: GATUN_F32, or GATUN_BF16, the upper halves in the same order */
    int32_t reserved;
} gatun_grid_operation;

/* Positions are (row * columns + column) * channels + channel. Operations are sorted by sections: what runs at a row's
 * beginning, over the whole row at once; for each channel of a pixel what runs there; at the row's end. */
typedef struct gatun_grid_program {
    const gatun_grid_operation* operations;
    const gatun_grid_slot* slots;
    const gatun_tap* taps;
    const int32_t* section_ends; /* [channels + 2] */
    gatun_distribution distribution;
    int64_t state_floats; /* a stream's */
    int32_t operation_count;
    int32_t slot_count;
    int32_t tap_count;
    int32_t rows;
    int32_t columns;
    int32_t channels;
} gatun_grid_program;

/* Streams on their way. Their state lies in parts of `part` streams, the last of which may have fewer, each by itself.
 */
typedef struct gatun_grid_run {
    float* state; /* state_floats * streams floats, 64-byte aligned */
    gatun_noise noise;
    gatun_values values;    /* all positions: a value at [s*stride_example + position] */
    const float* frames;    /* [streams][frame_count][features of the condition], or NULL; a frame for each place of
                             * its map, row by row */
    const int32_t* classes; /* [streams], or NULL */
    int64_t frame_count;
    const uint8_t* known;   /* same layout as values: 1 where it is given and not drawn; NULL: all are drawn */
    float* log_prob;        /* same layout, or NULL: ln p of each value under temperature 1 */
    int64_t first_position; /* runs follow each other from 0 on */
    int64_t positions;
    int64_t streams;
    int64_t part;
    gatun_meter* meter; /* NULL: nothing is timed */
    int32_t together;   /* 1: threads share the steps of a part that goes on alone; the bits stay */
    int32_t reserved;
} gatun_grid_run;

/* Refuses a program that would read or write outside of its state, weights or values. */
GATUN_API int32_t gatun_grid_check(gatun_context* context, const gatun_grid_program* program);

/* Makes the state of `streams` streams ready for position 0. */
GATUN_API int32_t gatun_grid_reset(gatun_context* context, const gatun_grid_program* program, float* state,
                                   int64_t streams, int64_t part);

/* Runs `positions` steps; first_position + positions is at most rows * columns * channels. */
GATUN_API int32_t gatun_grid_run_steps(gatun_context* context, const gatun_grid_program* program,
                                       const gatun_grid_run* run);

/* As gatun_step_measure: microseconds of a position of one stream, on average over its second row. */
GATUN_API int32_t gatun_grid_measure(gatun_context* context, const gatun_grid_program* program, double* apart,
                                     double* together);

/* As gatun_step_outputs and gatun_step_take. */
GATUN_API int32_t gatun_grid_outputs(gatun_context* context, const gatun_grid_program* program,
                                     const gatun_grid_run* run, float* outputs);
GATUN_API int32_t gatun_grid_take(gatun_context* context, const gatun_grid_program* program, const gatun_grid_run* run);

#ifdef __cplusplus
}
#endif

#endif
