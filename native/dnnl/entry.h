// How entries turn failures into a status and a text.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <new>
#include <oneapi/dnnl/dnnl.hpp>

namespace gatun::dnnl {

namespace onednn = ::dnnl;

inline void copy_text(const char* from, char* text, int32_t capacity) {
    if (text == nullptr || capacity < 1) return;
    const size_t length = std::min(std::strlen(from), static_cast<size_t>(capacity - 1));
    std::memcpy(text, from, length);
    text[length] = 0;
}

// Runs a body; what it throws becomes `failed` and a text.
template <class Body>
int32_t guarded(int32_t failed, char* text, int32_t capacity, Body&& body) noexcept {
    try {
        return body();
    } catch (const std::bad_alloc&) {
        copy_text("out of native memory", text, capacity);
    } catch (const onednn::error& error) {
        char whole[256];
        std::snprintf(whole, sizeof whole, "oneDNN: %s (status %d)", error.what(), static_cast<int>(error.status));
        copy_text(whole, text, capacity);
    } catch (const std::exception& error) {
        copy_text(error.what(), text, capacity);
    } catch (...) {
        copy_text("an unknown failure", text, capacity);
    }
    return failed;
}

}  // namespace gatun::dnnl
