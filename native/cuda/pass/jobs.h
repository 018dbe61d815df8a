// Makes jobs of calls.
#pragma once

#include <vector>

#include "core/taps.h"
#include "cuda/pass/job.h"

namespace gatun::gpu {

// Where on the device a pass has what belongs to none of the caller's maps.
struct Bases {
    int64_t* offsets = nullptr;
    int32_t* tables = nullptr;
    float* scratch = nullptr;
    Job* lines = nullptr;
};

// Calls, whose pointers are the device's but for taps and tables, become jobs. How much room these want shows after a
// first round with no bases.
class Jobs {
public:
    // products: how those of affine operations and their gradients are computed, GATUN_CUDA_F32 or another.
    explicit Jobs(const Bases& bases, int32_t products) : bases_(bases), products_(products) {}

    void add(const gatun_call& call);

    std::vector<Job> all;
    std::vector<int64_t> offsets;
    std::vector<int32_t> tables;
    std::vector<Job> lines;
    int64_t scratch_floats = 0;

private:
    Job job(JobKind kind, const gatun_call& call) const;
    void put(Job& job, int64_t tasks);
    void put_positions(JobKind kind, const gatun_call& call, const gatun_map& map);

    template <class Map>
    const int64_t* add_offsets(const gatun_affine& affine, const Map& x) {
        const auto first = static_cast<int64_t>(offsets.size());
        offsets.resize(offsets.size() + static_cast<size_t>(affine.tap_count));
        tap_offsets(affine, x, offsets.data() + first);
        return bases_.offsets + first;
    }
    const int32_t* add_table(const int32_t* from, int64_t count);
    gatun_dense dense_of(const gatun_dense& from);
    // Floats of scratch behind those that the present call has already.
    float* more_scratch(int64_t floats);

    void add_product(const gatun_call& call);
    void add_product(const gatun_affine& affine, const int64_t* taps, const gatun_map& x, const gatun_map& y,
                     bool accumulate);
    void add_gradient(const gatun_call& call);
    // False where tensor cores have nothing to gain.
    bool put_tensor_product(const Job& whole);
    bool put_tensor_gradient(Job& whole);
    void put_sums(Job& made, int64_t rows);
    void add_lookup(const gatun_call& call);
    void add_lookup_gradient(const gatun_call& call, const int64_t* taps);
    void add_packing(const gatun_call& call);
    void add_dense(const gatun_call& call);
    void add_dense_gradient(const gatun_call& call);
    void add_nade(const gatun_call& call);
    void add_recurrent(const gatun_call& call);
    void add_recurrent_gradient(const gatun_call& call);
    void add_grid(const gatun_call& call);
    void add_grid_lines(const gatun_call& call);
    void add_grid_gradient(const gatun_call& call);
    void add_grid_gradient_lines(const gatun_call& call, float* of_h, float* of_c);
    // Jobs that body adds for one example become those of lines that every example goes through.
    template <class Body>
    void add_lines(int32_t examples, Body&& body);
    void add_likelihood(const gatun_call& call);
    void add_range(JobKind kind, const gatun_call& call);
    void add_squares(const gatun_call& call);
    void add_clear(float* values, int64_t count);
    void add_cell(int32_t cell, const gatun_map& x, const gatun_map& own, const gatun_map& c_before,
                  const gatun_map& h);
    void add_copy(const gatun_map& from, const gatun_map& to);

    const Bases bases_;
    const int32_t products_;
    bool rounds_ = false;  // whether the present call's products are those
    bool in_lines_ = false;
    int64_t scratch_of_call_ = 0;
};

}  // namespace gatun::gpu
