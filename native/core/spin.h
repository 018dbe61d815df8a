// Waiting for another thread that is about to do something, on a core of its own.
#pragma once

#include <cstdint>
#include <thread>

namespace gatun {

inline void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

template <class Condition>
inline void spin_until(Condition&& holds) {
    for (uint32_t i = 1; !holds(); ++i) {
        pause();
        if (i % 1024 == 0) std::this_thread::yield();  // who is waited for may have lost its core to this very loop
    }
}

}  // namespace gatun
