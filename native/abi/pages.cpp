// Memory of many megabytes in huge pages: a walk through it misses the translation buffer once in 512 small pages.
#include <sys/mman.h>

#include <cstdint>

#include "gatun.h"

namespace {

constexpr int64_t kHuge = int64_t{2} << 20;

int64_t whole(int64_t bytes) { return (bytes + kHuge - 1) / kHuge * kHuge; }

}  // namespace

extern "C" {

int32_t gatun_pages_map(int64_t bytes, void** pages) {
    if (pages == nullptr) return GATUN_INVALID_ARGUMENT;
    *pages = nullptr;
    if (bytes < 1 || bytes > INT64_MAX / 4) return GATUN_INVALID_ARGUMENT;
    // One huge page more than is needed, of which what lies before and behind whole ones goes back.
    const auto size = static_cast<size_t>(whole(bytes)), more = size + static_cast<size_t>(kHuge);
    void* all = mmap(nullptr, more, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) return GATUN_OUT_OF_MEMORY;
    const size_t before = (size_t{0} - reinterpret_cast<uintptr_t>(all)) % static_cast<size_t>(kHuge);
    char* first = static_cast<char*>(all) + before;
    if (before > 0) munmap(all, before);
    if (more > before + size) munmap(first + size, more - before - size);
#ifdef MADV_HUGEPAGE
    madvise(first, size, MADV_HUGEPAGE);  // where it is refused, small pages do the same
#endif
    *pages = first;
    return GATUN_OK;
}

int32_t gatun_pages_unmap(void* pages, int64_t bytes) {
    if (pages == nullptr || bytes < 1) return GATUN_INVALID_ARGUMENT;
    return munmap(pages, static_cast<size_t>(whole(bytes))) == 0 ? GATUN_OK : GATUN_SYSTEM_ERROR;
}
}
