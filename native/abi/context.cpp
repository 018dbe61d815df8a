// The entries about the library itself: version, context, texts of errors.
#include "core/context.h"

#include <algorithm>
#include <cstring>

#include "core/cpu.h"

namespace {

void copy_text(const std::string& from, char* text, int32_t capacity) {
    if (text == nullptr || capacity < 1) return;
    const size_t length = std::min(from.size(), static_cast<size_t>(capacity - 1));
    std::memcpy(text, from.data(), length);
    text[length] = 0;
}

const char* text_of_code(int32_t code) {
    switch (code) {
        case GATUN_OK:
            return "no error";
        case GATUN_INVALID_ARGUMENT:
            return "invalid argument";
        case GATUN_OUT_OF_MEMORY:
            return "out of native memory";
        case GATUN_UNSUPPORTED:
            return "not supported on this machine";
        default:
            return "a failure of the operating system";
    }
}

}  // namespace

extern "C" {

int32_t gatun_abi_version(void) { return GATUN_ABI_VERSION; }

int32_t gatun_context_create(int32_t isa, int32_t threads, gatun_context** context) {
    if (context == nullptr) return GATUN_INVALID_ARGUMENT;
    *context = nullptr;
    if (threads < 1 || threads > 1024) return GATUN_INVALID_ARGUMENT;
    try {
        std::string reason;
        const int32_t level = isa == GATUN_ISA_BEST ? gatun::best_isa(reason) : isa;
        if (!gatun::has_isa(level)) return GATUN_UNSUPPORTED;
        *context = new gatun_context(level, threads);
        return GATUN_OK;
    } catch (const std::bad_alloc&) {
        return GATUN_OUT_OF_MEMORY;
    } catch (...) {
        return GATUN_SYSTEM_ERROR;
    }
}

void gatun_context_destroy(gatun_context* context) { delete context; }

int32_t gatun_context_isa(const gatun_context* context) { return context->isa; }

int32_t gatun_context_threads(const gatun_context* context) { return context->pool.threads(); }

int32_t gatun_isa_best(char* reason, int32_t capacity) {
    try {
        std::string text;
        const int32_t isa = gatun::best_isa(text);
        copy_text(text, reason, capacity);
        return isa;
    } catch (...) {
        copy_text({}, reason, capacity);
        return GATUN_ISA_BASELINE;
    }
}

void gatun_error_text(const gatun_context* context, int32_t status, char* text, int32_t capacity) {
    try {
        std::string found = context == nullptr ? std::string() : context->text_of(status);
        copy_text(found.empty() ? text_of_code(status & 0xff) : found, text, capacity);
    } catch (...) {
        copy_text({}, text, capacity);
    }
}
}
