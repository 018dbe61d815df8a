// Step programs of the shapes that models have.
#pragma once

#include <deque>
#include <numeric>

#include "cases.h"
#include "ops/packed/packed.h"
#include "rounded.h"

namespace gatun::check {

// What such programs are put together from.
class ProgramBuilder {
public:
    gatun_step_program native() const {
        return {operations.data(),
                slots.data(),
                distances.data(),
                distribution,
                state_floats,
                static_cast<int32_t>(operations.size()),
                static_cast<int32_t>(slots.size()),
                static_cast<int32_t>(distances.size()),
                chain,
                places.empty() ? nullptr : places.data()};
    }

    gatun_distribution distribution{GATUN_CATEGORICAL, 2, 0, 0};
    int32_t chain = 0;

protected:
    explicit ProgramBuilder(Random& random, int32_t precision = GATUN_F32) : random_(random), precision_(precision) {}

    int32_t slot(int32_t features, int32_t depth = 1, int32_t levels = 0) {
        slots.push_back({state_floats, features, depth, levels, 0});
        state_floats += (int64_t{features} * depth + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES;
        return static_cast<int32_t>(slots.size()) - 1;
    }
    const float* numbers(int64_t count, double size) { return numbers_of(count, size).data(); }
    std::vector<float>& numbers_of(int64_t count, double size) {
        memory_.push_back(random_.reals(count, -size, size));
        return memory_.back();
    }
    gatun_step_operation& add(int32_t kind, int32_t input, int32_t output, int32_t inputs, int32_t outputs,
                              const std::vector<int32_t>& table) {
        gatun_step_operation op{};
        op.kind = kind;
        op.input = input;
        op.output = output;
        op.inputs = inputs;
        op.outputs = outputs;
        op.every = 1;
        op.scale = 1;
        op.base = op.second = op.activation = -1;
        op.first_distance = static_cast<int32_t>(distances.size());
        op.tap_count = static_cast<int32_t>(table.size());
        distances.insert(distances.end(), table.begin(), table.end());
        operations.push_back(op);
        return operations.back();
    }
    int32_t affine(int32_t input, int32_t outputs, const std::vector<int32_t>& taps, int32_t depth = 1) {
        const int32_t inputs = slots[static_cast<size_t>(input)].features;
        const int32_t to = slot(outputs, depth);
        const auto flat = static_cast<int64_t>(taps.size()) * inputs;
        gatun_step_operation& op = add(GATUN_STEP_AFFINE, input, to, inputs, outputs, taps);
        op.weights = numbers((outputs + 15) / 16 * 16 * flat, 2 / std::sqrt(static_cast<double>(flat)));
        round_to(precision_, flat, memory_.back());
        op.bias = numbers(outputs, 0.5);
        return to;
    }
    // The product that came last is packed, and goes on to another slot.
    gatun_step_operation& pack_last(int32_t kind, int32_t output, int32_t base) {
        gatun_step_operation& op = operations.back();
        const bool gate = kind == GATUN_STEP_PACKED_GATE;
        const int32_t* taps = distances.data() + op.first_distance;
        while (op.lead + 1 < op.tap_count && taps[op.lead] > 1) ++op.lead;
        const int64_t bytes = packed_bytes(precision_, op.tap_count, op.inputs, op.outputs);
        memory_.emplace_back(static_cast<size_t>(bytes) / sizeof(float));
        pack_for_steps({op.weights, op.bias, nullptr, op.tap_count, op.inputs, op.outputs, 0}, gate, op.lead,
                       precision_, memory_.back().data());
        op.kind = kind;
        op.precision = precision_;
        op.weights = memory_.back().data();
        op.bias = nullptr;
        op.output = output;
        op.base = base;
        if (gate) op.outputs /= 2;
        return op;
    }
    int32_t activation(int32_t kind, int32_t input) {
        const int32_t features = slots[static_cast<size_t>(input)].features, to = slot(features);
        add(GATUN_STEP_ACTIVATION, input, to, features, features, {0}).argument = kind;
        return to;
    }
    void sum(int32_t input, int32_t output, bool more) {
        const int32_t features = slots[static_cast<size_t>(input)].features;
        add(GATUN_STEP_SUM, input, output, features, features, {0}).argument = more ? 1 : 0;
    }

    Random& random_;
    const int32_t precision_;  // of the products' weights
    std::vector<gatun_step_operation> operations;
    std::vector<gatun_step_slot> slots;
    std::vector<int32_t> distances, places;
    int64_t state_floats = 0;

private:
    std::deque<std::vector<float>> memory_;
};

struct WaveNetShape {
    int32_t layers, residual, skip, levels, kernel, most_dilation;
    int32_t head = 0;  // channels; 0: as many as levels
};

// WaveNet over one-hot levels: dilated products and gates, residual and skip products, two more behind the skips' sum.
// Packed: each product and what follows it in one.
class WaveNetProgram : public ProgramBuilder {
public:
    WaveNetProgram(const WaveNetShape& shape, Random& random, bool packed = false, int32_t precision = GATUN_F32)
        : ProgramBuilder(random, precision), packed_(packed) {
        distribution.levels = shape.levels;
        const int32_t level = slot(1, 3, 1);
        int32_t x = slot(shape.residual, depth(shape, 1));
        gatun_step_operation& first = add(GATUN_STEP_LOOKUP, level, x, shape.levels, shape.residual, {2, 1});
        first.weights = numbers((shape.residual + 15) / 16 * 16 * 2 * shape.levels, 0.5);
        const int32_t skips = slot(shape.skip), active = slot(shape.skip);
        for (int32_t layer = 0, dilation = 1; layer < shape.layers; ++layer) {
            const int32_t next = dilation * 2 > shape.most_dilation ? 1 : dilation * 2;
            const bool last = layer + 1 == shape.layers;
            const int32_t z = gated(x, shape, dilation);
            skip(z, skips, active, shape.skip, layer == 0, last);
            if (!last) x = residual(z, x, depth(shape, next));
            dilation = next;
        }
        const int32_t y = head(active, shape.head == 0 ? shape.levels : shape.head, true);
        add(GATUN_STEP_DRAW, head(y, shape.levels, false), -1, 0, 0, {0});
        add(GATUN_STEP_LEVEL, -1, level, 0, 1, {});
    }

private:
    int32_t gated(int32_t x, const WaveNetShape& shape, int32_t dilation) {
        const int32_t y = affine(x, 2 * shape.residual, taps(shape, dilation)), z = slot(shape.residual);
        if (packed_ && shape.residual % GATUN_LANES == 0) {
            pack_last(GATUN_STEP_PACKED_GATE, z, -1);
        } else {
            add(GATUN_STEP_GATE, y, z, 2 * shape.residual, shape.residual, {0});
        }
        return z;
    }
    void skip(int32_t z, int32_t skips, int32_t active, int32_t features, bool first, bool last) {
        const int32_t product = affine(z, features, {0});
        if (packed_) {
            pack_last(GATUN_STEP_PACKED, last ? active : skips, first ? -1 : skips).activation = last ? GATUN_RELU : -1;
        } else {
            sum(product, skips, !first);
            if (last) add(GATUN_STEP_ACTIVATION, skips, active, features, features, {0}).argument = GATUN_RELU;
        }
    }
    int32_t residual(int32_t z, int32_t x, int32_t depth) {
        const int32_t features = slots[static_cast<size_t>(x)].features;
        const int32_t product = affine(z, features, {0}), behind = slot(features, depth);
        if (packed_) {
            pack_last(GATUN_STEP_PACKED, behind, x);
        } else {
            sum(x, behind, false);
            sum(product, behind, true);
        }
        return behind;
    }
    int32_t head(int32_t x, int32_t features, bool active) {
        const int32_t y = affine(x, features, {0});
        if (!active) {
            if (packed_) pack_last(GATUN_STEP_PACKED, y, -1);
            return y;
        }
        const int32_t z = slot(features);
        if (packed_) {
            pack_last(GATUN_STEP_PACKED, z, -1).activation = GATUN_RELU;
        } else {
            add(GATUN_STEP_ACTIVATION, y, z, features, features, {0}).argument = GATUN_RELU;
        }
        return z;
    }
    static std::vector<int32_t> taps(const WaveNetShape& shape, int32_t dilation) {
        std::vector<int32_t> all;
        for (int32_t k = shape.kernel - 1; k >= 0; --k) all.push_back(k * dilation);
        return all;
    }
    static int32_t depth(const WaveNetShape& shape, int32_t dilation) { return (shape.kernel - 1) * dilation + 1; }

    bool packed_;
};

}  // namespace gatun::check
