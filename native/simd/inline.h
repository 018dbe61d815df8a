// How functions are declared that a GPU's compiler takes too, for the device alone.
#pragma once

#define GATUN_PRAGMA(text) _Pragma(#text)

#if defined(__CUDACC__)
#define GATUN_INLINE __device__ inline
#define GATUN_APART static __device__ __noinline__  // so that the code around it is small
#define GATUN_NO_CALL __device__ __forceinline__    // as a call it would have its structs in slow memory
#define GATUN_UNROLL_BY(n) GATUN_PRAGMA(unroll n)
#define GATUN_UNROLL_THERE(n) GATUN_PRAGMA(unroll n)  // on the device alone
#else
#define GATUN_INLINE inline
#define GATUN_NO_CALL inline
#define GATUN_UNROLL_BY(n) GATUN_PRAGMA(GCC unroll n)
#define GATUN_UNROLL_THERE(n)
#endif
