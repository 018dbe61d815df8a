// Pages are zeros, at the beginning of a huge one, and all of what was asked for can be written.
#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <initializer_list>

#include "gatun.h"

TEST_CASE("pages are zeros from the beginning of a huge page on") {
    for (const int64_t bytes :
         {int64_t{1}, int64_t{4096}, (int64_t{2} << 20) - 1, (int64_t{2} << 20) + 1, int64_t{7} << 20}) {
        CAPTURE(bytes);
        void* pages = nullptr;
        REQUIRE(gatun_pages_map(bytes, &pages) == GATUN_OK);
        CHECK(reinterpret_cast<uintptr_t>(pages) % (uintptr_t{2} << 20) == 0);
        auto* all = static_cast<unsigned char*>(pages);
        int64_t set = 0;
        for (int64_t i = 0; i < bytes; ++i) set += all[i] != 0 ? 1 : 0;
        CHECK(set == 0);
        std::memset(all, 1, static_cast<size_t>(bytes));
        CHECK(gatun_pages_unmap(pages, bytes) == GATUN_OK);
    }
}

TEST_CASE("pages that cannot be are refused") {
    void* pages = nullptr;
    CHECK(gatun_pages_map(0, &pages) == GATUN_INVALID_ARGUMENT);
    CHECK(gatun_pages_map(-1, &pages) == GATUN_INVALID_ARGUMENT);
    CHECK(gatun_pages_map(INT64_MAX, &pages) == GATUN_INVALID_ARGUMENT);
    CHECK(gatun_pages_map(int64_t{1} << 60, &pages) == GATUN_OUT_OF_MEMORY);
    CHECK(pages == nullptr);
    CHECK(gatun_pages_map(1, nullptr) == GATUN_INVALID_ARGUMENT);
    CHECK(gatun_pages_unmap(nullptr, 1) == GATUN_INVALID_ARGUMENT);
}
