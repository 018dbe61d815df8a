#include "core/context.h"

namespace gatun {

void* Scratch::bytes(size_t bytes) {
    if (bytes > size_) {
        memory_.reset();
        size_ = 0;
        memory_.reset(::operator new (bytes, std::align_val_t{64}));
        size_ = bytes;
    }
    return memory_.get();
}

}  // namespace gatun

int32_t gatun_context::fail(int32_t code, std::string_view text) noexcept {
    try {
        const std::lock_guard<std::mutex> lock(mutex_);
        const uint32_t ticket = next_ % kTexts;
        texts_[ticket].assign(text);
        ++next_;
        return code | static_cast<int32_t>((ticket + 1) << 8);
    } catch (...) {
        return code;
    }
}

std::string gatun_context::text_of(int32_t status) const {
    const int32_t ticket = status >> 8;
    if (ticket < 1 || ticket > kTexts) return {};
    const std::lock_guard<std::mutex> lock(mutex_);
    return texts_[static_cast<size_t>(ticket - 1)];
}
