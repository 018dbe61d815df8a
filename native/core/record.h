// What a recording context keeps in place of computing: its calls, with copies of the small tables that they point to.
#pragma once

#include <cstddef>
#include <cstring>
#include <deque>
#include <vector>

#include "gatun_calls.h"

namespace gatun {

class Recording {
public:
    const std::vector<gatun_call>& calls() const { return calls_; }

    gatun_call& add(int32_t kind) {
        calls_.emplace_back();
        calls_.back().kind = kind;
        return calls_.back();
    }

    template <class T>
    const T* copy(const T* from, int64_t count) {
        if (from == nullptr) return nullptr;
        const size_t bytes = sizeof(T) * static_cast<size_t>(count);
        // Whole numbers of 8 bytes, so that what is in them lies where it may.
        tables_.emplace_back(bytes / sizeof(int64_t) + 1);
        std::memcpy(tables_.back().data(), from, bytes);
        return reinterpret_cast<const T*>(tables_.back().data());
    }

private:
    std::vector<gatun_call> calls_;
    std::deque<std::vector<int64_t>> tables_;
};

// One call that is being recorded.
class Record {
public:
    Record(Recording& all, int32_t kind) : all_(all), call_(all.add(kind)) {}

    gatun_call* operator->() { return &call_; }

    // The maps of a call in order, NULL for what it has not.
    template <class... Maps>
    Record& maps(Maps... maps) {
        int i = 0;
        (set(call_.maps[i++], static_cast<const gatun_map*>(maps)), ...);
        return *this;
    }
    Record& affine(const gatun_affine& from) {
        call_.affine = from;
        call_.affine.taps = all_.copy(from.taps, from.tap_count);
        return *this;
    }
    Record& layout(const gatun_layout& from) {
        call_.layout = from;
        call_.layout.tap_offsets = all_.copy(from.tap_offsets, from.taps);
        return *this;
    }
    Record& dense(const gatun_dense& from) {
        call_.dense = from;
        call_.dense.seen = all_.copy(from.seen, from.outputs);
        call_.dense.rows = all_.copy(from.rows, from.outputs);
        call_.dense.columns = all_.copy(from.columns, from.inputs);
        return *this;
    }
    Record& nade(const gatun_nade& from) {
        call_.nade = from;
        call_.nade.order = all_.copy(from.order, from.positions);
        return *this;
    }
    template <class... Pointers>
    Record& reads(Pointers... pointers) {
        int i = 0;
        ((call_.reads[i++] = pointers), ...);
        return *this;
    }
    template <class... Pointers>
    Record& writes(Pointers... pointers) {
        int i = 0;
        ((call_.writes[i++] = pointers), ...);
        return *this;
    }
    Record& argument(int32_t value) {
        call_.argument = value;
        return *this;
    }
    Record& accumulate(int32_t value) {
        call_.accumulate = value;
        return *this;
    }

private:
    static void set(gatun_map& to, const gatun_map* from) {
        if (from != nullptr) to = *from;
    }

    Recording& all_;
    gatun_call& call_;
};

}  // namespace gatun
