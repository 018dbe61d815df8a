// What blocks that have their streams alone copy into their own memory before it is read: weights, columns of the
// position, earlier positions of rings. A wave whose weights are too many for that has several turns, each of some
// blocks of outputs; a copy begins as soon as what lay in its place has been read.
#pragma once

#include <cstdint>
#include <vector>

#include "cuda/plan.h"

namespace gatun::gpu {

enum class CopyOf : int32_t {
    kWeights,  // of a product, or a bias
    kColumn,   // the position's, of so many floats each; where all streams are at the same position
    kUnits,    // columns of the units that become known at it, likewise
    kRing,     // an earlier position of all streams
};

// A copy for a wave's turns.
struct alignas(16) Copy {
    const float* from;  // of a ring null
    CopyOf of;
    int32_t to;      // floats behind the turn's beginning
    int32_t floats;  // kColumn, kUnits: of a column; kRing: of a stream; else in all
    // kWeights: floats from a turn's to the next one's, and of all turns; kUnits: the degrees' table in the program's
    // distances, and their count; kRing: slot and place in the table of distances.
    int32_t first, second;
    int32_t none;
};
static_assert(sizeof(Copy) == 32);

// A wave, or some of its products' blocks.
struct Turn {
    int32_t wave;
    int32_t round;   // of the wave's turns
    int32_t near;    // where what was copied for it begins, floats into the staging memory
    int32_t staged;  // 1: there is something
};

// The copies for a turn, which begin together.
struct Batch {
    int32_t turn;
    int32_t next;  // 1: for the next step
};

// What a block knows of it; pointers into memory that it can read.
struct Ahead {
    const Turn* turns;
    const Copy* copies;
    const int32_t* copied;   // [waves + 1]: the first copy of each, and the end
    const Batch* batches;    // in the order in which they begin
    const int32_t* due;      // [turns + 1]: the first batch that begins with each turn, and the end
    const int32_t* taps_at;  // of each tap: where it lies, floats behind its turn's beginning; -1: in its slot
    int32_t turn_count;
    int32_t floats;  // of staging memory
    int32_t rings;   // 1: rings are copied
};

class Staging {
public:
    // most: floats of staging memory. Says in the plan's parts where they find what.
    Staging(Plan& plan, int64_t most, int32_t streams);

    Ahead ahead() const;

    std::vector<Batch> batches;
    std::vector<Turn> turns;
    std::vector<Copy> copies;
    std::vector<int32_t> copied, due, taps_at;
    int64_t floats = 0;

private:
    // Of staging memory, in floats.
    struct Region {
        int64_t begin = 0, end = 0;
        bool meets(const Region& other) const { return begin < other.end && other.begin < end; }
    };
    int32_t rounds_of(size_t wave) const;
    int64_t wanted(const Part& part, int32_t rounds) const;
    int64_t wanted(size_t wave, int32_t rounds) const;
    int64_t room_for(size_t wave) const;
    int64_t lay(size_t wave, int32_t rounds);
    void lay_product(Part& part, int32_t rounds, int64_t& at, int64_t end);
    void copy(const Part& part);
    void copy_product(const Part& part);
    void begin_batches(const std::vector<Region>& regions);
    void leave_out_last(const Turn& turn);
    void count_uses();
    bool is_tap(const Part& part, int32_t tap) const;
    int64_t column_of(const Part& part) const;
    int64_t columns_of(const Part& part) const;

    template <class Body>
    void each_part(size_t wave, Body&& body) const {
        for (int32_t i = plan_.waves[wave]; i < plan_.waves[wave + 1]; ++i) body(plan_.parts[static_cast<size_t>(i)]);
    }

    Plan& plan_;
    const int64_t most_;
    const int32_t streams_;
    std::vector<int32_t> uses_;
};

}  // namespace gatun::gpu
