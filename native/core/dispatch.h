// Every operation has a table of its kernels, one for each level it was built for. GATUN_DECLARE_LEVELS declares the
// tables (an operation's *_simd.cpp defines the one of its level), GATUN_PICK chooses by the context's level. Some have
// tables of finer levels, too (levels.cmake), which those choose who know that the machine has them.
#pragma once

#include "gatun.h"

#if defined(__x86_64__)
#define GATUN_DECLARE_LEVELS(Type, table) \
    namespace gatun::baseline {           \
    extern const Type table;              \
    }                                     \
    namespace gatun::avx2 {               \
    extern const Type table;              \
    }                                     \
    namespace gatun::avx512 {             \
    extern const Type table;              \
    }
#define GATUN_PICK(isa, table)                          \
    ((isa) == GATUN_ISA_AVX512 ? ::gatun::avx512::table \
     : (isa) == GATUN_ISA_AVX2 ? ::gatun::avx2::table   \
                               : ::gatun::baseline::table)
#define GATUN_DECLARE_FINER_LEVELS(Type, table) \
    namespace gatun::avx2_bytes {               \
    extern const Type table;                    \
    }                                           \
    namespace gatun::avx512_bytes {             \
    extern const Type table;                    \
    }
#define GATUN_PICK_FINER(isa, table) \
    ((isa) == GATUN_ISA_AVX512 ? ::gatun::avx512_bytes::table : ::gatun::avx2_bytes::table)
#elif defined(__aarch64__)
#define GATUN_DECLARE_LEVELS(Type, table) \
    namespace gatun::baseline {           \
    extern const Type table;              \
    }                                     \
    namespace gatun::neon {               \
    extern const Type table;              \
    }
#define GATUN_PICK(isa, table) ((isa) == GATUN_ISA_NEON ? ::gatun::neon::table : ::gatun::baseline::table)
#define GATUN_DECLARE_FINER_LEVELS(Type, table) \
    namespace gatun::neon_bytes {               \
    extern const Type table;                    \
    }
#define GATUN_PICK_FINER(isa, table) (::gatun::neon_bytes::table)
#else
#define GATUN_DECLARE_LEVELS(Type, table) \
    namespace gatun::baseline {           \
    extern const Type table;              \
    }
#define GATUN_PICK(isa, table) (::gatun::baseline::table)
#define GATUN_DECLARE_FINER_LEVELS(Type, table)
#define GATUN_PICK_FINER(isa, table) (::gatun::baseline::table)
#endif
