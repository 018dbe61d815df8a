// What an opaque gatun_context is: a level, a pool, the texts of recent errors; and how an entry turns failures into a
// status.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <string_view>

#include "core/arithmetic.h"
#include "core/pool.h"
#include "core/products.h"
#include "core/record.h"
#include "gatun.h"

struct gatun_context {
    gatun_context(int32_t level, int threads) : isa(level), pool(threads) {}

    // Keeps the text and gives a status that names it. The oldest of the recent texts gives way. Where there is no
    // memory for the text, the status is the code alone.
    int32_t fail(int32_t code, std::string_view text) noexcept;
    std::string text_of(int32_t status) const;

    const int32_t isa;
    gatun::Pool pool;
    std::unique_ptr<gatun::Recording> recording;  // of a recorder
    std::unique_ptr<gatun::Products> products;    // of another library, where training asked for one

private:
    static constexpr int kTexts = 64;
    mutable std::mutex mutex_;
    std::array<std::string, kTexts> texts_;
    uint32_t next_ = 0;
};

namespace gatun {

// Memory of a thread that is reused from call to call and only grows; 64-byte aligned.
class Scratch {
public:
    // At least `bytes`; what was there before is lost.
    void* bytes(size_t bytes);

private:
    struct Free {
        void operator()(void* p) const { ::operator delete (p, std::align_val_t{64}); }
    };
    std::unique_ptr<void, Free> memory_;
    size_t size_ = 0;
};

// What becomes of an entry that computes, in a context that records.
inline constexpr const char* kNotRecorded =
    "this call cannot be recorded: devices run the operations over all positions alone";

// Runs an entry's body; what it throws becomes a status.
template <class Body>
int32_t guarded(gatun_context* context, Body&& body) noexcept {
    const DefaultArithmetic arithmetic;
    try {
        if (context->recording != nullptr) return context->fail(GATUN_UNSUPPORTED, kNotRecorded);
        return body();
    } catch (const std::bad_alloc&) {
        return context->fail(GATUN_OUT_OF_MEMORY, "out of native memory");
    } catch (const std::exception& error) {
        return context->fail(GATUN_SYSTEM_ERROR, error.what());
    } catch (...) {
        return context->fail(GATUN_SYSTEM_ERROR, "an unknown failure");
    }
}

// The same of an entry that a recorder keeps in place of running it, as `record` writes it down.
template <class Fill, class Body>
int32_t recordable(gatun_context* context, int32_t kind, Fill&& record, Body&& body) noexcept {
    if (context->recording == nullptr) return guarded(context, body);
    try {
        Record call(*context->recording, kind);
        record(call);
        return GATUN_OK;
    } catch (...) {
        return context->fail(GATUN_OUT_OF_MEMORY, "out of native memory");
    }
}

}  // namespace gatun
