// Every operation has a table of its kernels, one for each level it was built for. GATUN_DECLARE_LEVELS declares the
// tables (an operation's *_simd.cpp defines the one of its level), gatun::pick chooses by the context's level.
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
#elif defined(__aarch64__)
#define GATUN_DECLARE_LEVELS(Type, table) \
    namespace gatun::baseline {           \
    extern const Type table;              \
    }                                     \
    namespace gatun::neon {               \
    extern const Type table;              \
    }
#define GATUN_PICK(isa, table) ((isa) == GATUN_ISA_NEON ? ::gatun::neon::table : ::gatun::baseline::table)
#else
#define GATUN_DECLARE_LEVELS(Type, table) \
    namespace gatun::baseline {           \
    extern const Type table;              \
    }
#define GATUN_PICK(isa, table) (::gatun::baseline::table)
#endif
