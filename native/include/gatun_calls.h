/*
 * Calls of gatun.h's operations over all positions, as a recording context keeps them (gatun_record_create): what
 * libgatun_cuda.so takes to run them on a device. Only the two libraries look inside, so that they must be of one
 * build.
 *
 * Maps and pointers are the caller's, taps and other small tables copies that live as long as the recorder.
 */
#ifndef GATUN_CALLS_H
#define GATUN_CALLS_H

#include "gatun.h"

#ifdef __cplusplus
extern "C" {
#endif

/* maps, as the entry of that name lists them; reads and writes: its other pointers, likewise. */
#define GATUN_CALL_AFFINE 0          /* maps x, y; argument: the stride */
#define GATUN_CALL_AFFINE_GRADIENT 1 /* maps x, dy; writes weights, bias; argument: the stride */
#define GATUN_CALL_LOOKUP 2          /* levels x; maps -, y; reads outside */
#define GATUN_CALL_LOOKUP_GRADIENT 3 /* levels x; maps -, dy; writes weights, bias, outside */
#define GATUN_CALL_PACK 4            /* reads parameter; writes packed */
#define GATUN_CALL_PACK_TRANSPOSED 5
#define GATUN_CALL_UNPACK_ADD 6            /* reads packed; writes parameter */
#define GATUN_CALL_DENSE_PACK 7            /* reads weights, bias; writes packed, packed_bias */
#define GATUN_CALL_DENSE_PACK_TRANSPOSED 8 /* reads weights; writes packed */
#define GATUN_CALL_DENSE 9                 /* maps x, y; reads packed, packed_bias */
#define GATUN_CALL_DENSE_LOOKUP 10         /* levels x; maps -, y; reads packed, packed_bias */
#define GATUN_CALL_DENSE_GRADIENT 11       /* maps x, dy; writes weights, bias */
#define GATUN_CALL_DENSE_LOOKUP_GRADIENT 12
#define GATUN_CALL_DENSE_INPUT_GRADIENT 13 /* maps dy, dx; reads transposed */
#define GATUN_CALL_NADE_PACK 14            /* reads w, c, v, b */
#define GATUN_CALL_NADE 15                 /* maps x, logits */
#define GATUN_CALL_NADE_GRADIENT 16        /* maps x, dlogits; writes w, c, v, b */
#define GATUN_CALL_ENCODE 17               /* levels x; maps -, y; reads table; argument: its levels */
#define GATUN_CALL_ACTIVATION 18           /* maps x, y; argument: the kind */
#define GATUN_CALL_ACTIVATION_GRADIENT 19  /* maps y, dy, dx; argument: the kind */
#define GATUN_CALL_COPY 20                 /* maps x, y */
#define GATUN_CALL_GATE 21                 /* maps x, y */
#define GATUN_CALL_GATE_GRADIENT 22        /* maps x, dy, dx */
#define GATUN_CALL_LINEAR_GATE 23
#define GATUN_CALL_LINEAR_GATE_GRADIENT 24
#define GATUN_CALL_CONCAT_ELU 25
#define GATUN_CALL_CONCAT_ELU_GRADIENT 26 /* maps y, dy, dx */
#define GATUN_CALL_RECURRENT 27           /* maps x, y, kept; affine: the state's; argument: the cell */
#define GATUN_CALL_RECURRENT_GRADIENT 28  /* maps y, kept, dy, dx; affine: back */
#define GATUN_CALL_GRID_LSTM 29           /* as those; argument: the way */
#define GATUN_CALL_GRID_LSTM_GRADIENT 30
#define GATUN_CALL_SUM 31                /* maps x, y; argument: repeat; scale */
#define GATUN_CALL_SUM_GRADIENT 32       /* maps dy, dx */
#define GATUN_CALL_BROADCAST 33          /* maps -, y; reads vector */
#define GATUN_CALL_BROADCAST_GRADIENT 34 /* maps dy; writes vector */
#define GATUN_CALL_LOG_PROB 35           /* maps outputs; values; writes log_prob; count: the stride */
#define GATUN_CALL_LOG_PROB_GRADIENT 36  /* maps outputs, gradient; values; scale */
#define GATUN_CALL_SCALE_EXAMPLES 37     /* maps -, y; reads factors */
#define GATUN_CALL_CLEAR 38              /* writes values; count */
#define GATUN_CALL_OPTIMIZER_STEP 39     /* reads gradient; writes parameters, first, second; count; optimizer */
#define GATUN_CALL_SUM_OF_SQUARES 40     /* reads values; writes the sum, a double; count */
#define GATUN_CALL_SCALE 41              /* writes values; count; scale */
#define GATUN_CALL_AVERAGE 42            /* reads values; writes average; count; scale: what values weigh */
#define GATUN_CALL_DROPOUT 43            /* maps x, y; reads draws, a gatun_dropout */
#define GATUN_CALLS 44                   /* how many kinds there are */

struct gatun_call {
    gatun_map maps[4];
    gatun_levels levels;
    gatun_affine affine;
    gatun_layout layout;
    gatun_dense dense;
    gatun_nade nade;
    gatun_distribution distribution;
    gatun_values values;
    gatun_optimizer optimizer;
    const float* reads[4];
    float* writes[4];
    int64_t count;
    float scale;
    int32_t kind;
    int32_t argument;
    int32_t accumulate;
};

/* The entry that a kind of calls came by, "gatun_affine_run" say. */
GATUN_API const char* gatun_call_name(int32_t kind);

#ifdef __cplusplus
}
#endif

#endif
