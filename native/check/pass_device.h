// Calls twice: on this processor, and as a recorded pass on a device; what they leave in memory is compared. The device
// is the first that libgatun_cuda.so finds, or the emulated one, whichever the program is linked with.
#pragma once

#include <limits>
#include <list>
#include <stdexcept>

#include "cases.h"
#include "gatun_cuda.h"

namespace gatun::check {

class PassDevice {
public:
    explicit PassDevice(Random& random);
    ~PassDevice();
    PassDevice(const PassDevice&) = delete;
    PassDevice& operator=(const PassDevice&) = delete;

    // Memory of random numbers, of small size where `small`.
    float* floats(int64_t count, double size = 1);
    int32_t* levels(int64_t count, int32_t least, int32_t below);
    // From now on numbers are whole, of small size.
    void whole_numbers() { whole_ = true; }
    // A map with a halo and gaps; the halo holds zeros, levels of -1.
    gatun_map map(int32_t examples, int32_t rows, int32_t columns, int32_t features, int32_t halo = 0);
    gatun_levels level_map(int32_t examples, int32_t rows, int32_t columns, int32_t features, int32_t below,
                           int32_t halo = 0);

    // body(context), in a context that computes, then in one that records; products: as gatun_cuda_pass_create has.
    template <class Body>
    void run(Body&& body, int32_t products = GATUN_CUDA_F32) {
        const std::vector<std::vector<float>> before = contents();
        const Context here = context_of(levels_here(), 2);
        require(body(here.get()));
        expected_ = contents();
        restore(before);
        gatun_context* recorder = nullptr;
        require(gatun_record_create(&recorder));
        const Context records(recorder);
        require(body(recorder));
        run_recorded(*recorder, products);
        found_ = contents();
    }

    // Of all memory.
    bool same_bits() const;
    // The largest difference, in units of the largest number of its piece of memory.
    double difference() const;

private:
    static int32_t levels_here();
    static void require(int32_t status);
    std::vector<std::vector<float>> contents() const;
    void restore(const std::vector<std::vector<float>>& from);
    void run_recorded(const gatun_context& recorder, int32_t products);

    Random& random_;
    bool whole_ = false;
    std::list<std::vector<float>> memory_;
    std::vector<std::vector<float>> expected_, found_;
    gatun_cuda_device* device_ = nullptr;
};

}  // namespace gatun::check
