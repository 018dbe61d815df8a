// Kernels count on IEEE's own arithmetic: rounding to nearest, subnormal numbers as they are. A host may have set its
// threads otherwise (a library linked with -ffast-math flushes subnormals to zero on the thread that loads it), and
// workers take after the thread that makes them. So whoever computes sets the arithmetic and puts it back.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace gatun {

class DefaultArithmetic {
public:
    DefaultArithmetic() : before_(control()) {
        if ((before_ & kBits) != kDefault) set_control(kDefault);
    }
    ~DefaultArithmetic() {
        if ((before_ & kBits) != kDefault) set_control(before_);
    }
    DefaultArithmetic(const DefaultArithmetic&) = delete;
    DefaultArithmetic& operator=(const DefaultArithmetic&) = delete;

private:
#if defined(__x86_64__)
    using Control = uint32_t;
    static constexpr Control kBits = 0xffc0;  // all of MXCSR but the flags of what has happened
    static constexpr Control kDefault = 0x1f80;
    static Control control() { return _mm_getcsr(); }
    static void set_control(Control value) { _mm_setcsr(value); }
#elif defined(__aarch64__)
    using Control = uint64_t;
    static constexpr Control kBits = ~Control{0};
    static constexpr Control kDefault = 0;
    static Control control() {
        Control value;
        asm volatile("mrs %0, fpcr" : "=r"(value));
        return value;
    }
    static void set_control(Control value) { asm volatile("msr fpcr, %0" : : "r"(value)); }
#endif

    const Control before_;
};

}  // namespace gatun
