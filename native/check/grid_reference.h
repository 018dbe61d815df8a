// What a grid's step program means: each operation at each place of each stream by itself, from its definition.
#pragma once

#include "grid_program.h"
#include "ops/activation/activation.h"
#include "ops/affine/affine.h"
#include "ops/concat_elu/concat_elu.h"
#include "ops/gate/gate.h"
#include "ops/linear_gate/linear_gate.h"
#include "ops/recurrent/recurrent.h"
#include "ops/sum/sum.h"

namespace gatun::check {

// The values of one stream and its state: slot after slot, [rows][left + columns + right][features].
class GridReference {
public:
    GridReference(const gatun_grid_program& program, const gatun_noise& noise, int64_t stream, int32_t label,
                  std::vector<int32_t>& levels, std::vector<float>& reals, std::vector<float>& log_prob,
                  const std::vector<uint8_t>& known)
        : state(static_cast<size_t>(program.state_floats), 0.0f),
          p_(program),
          noise_(noise),
          stream_(stream),
          label_(label),
          levels_(levels),
          reals_(reals),
          log_prob_(log_prob),
          known_(known),
          scratch_(static_cast<size_t>(distribution_scratch(program.distribution)) + 16) {
        for (int32_t i = 0; i < p_.slot_count; ++i) {
            const gatun_grid_slot& slot = p_.slots[i];
            if (slot.levels == 0) continue;
            std::fill_n(state.begin() + slot.offset, places_of(slot) * slot.features, std::bit_cast<float>(-1));
        }
    }

    void run() {
        for (row_ = 0; row_ < p_.rows; ++row_) {
            run_row(0);
            for (column_ = 0; column_ < p_.columns; ++column_) {
                for (channel_ = 0; channel_ < p_.channels; ++channel_) {
                    each_operation(1 + channel_, [&](const gatun_grid_operation& op) { run_at(op); });
                }
            }
            run_row(p_.channels + 1);
        }
    }

    std::vector<float> state;

private:
    template <class Body>
    void each_operation(int32_t section, Body&& body) {
        for (int32_t i = section == 0 ? 0 : p_.section_ends[section - 1]; i < p_.section_ends[section]; ++i) {
            body(p_.operations[i]);
        }
    }

    // Neighbours of one sweep go from column to column together, every other operation by itself.
    void run_row(int32_t section) {
        const int32_t end = p_.section_ends[section];
        for (int32_t i = section == 0 ? 0 : p_.section_ends[section - 1], next; i < end; i = next) {
            const int32_t sweep = p_.operations[i].sweep;
            next = i + 1;
            while (sweep != 0 && next < end && p_.operations[next].sweep == sweep) ++next;
            for (int64_t step = 0; step < p_.columns; ++step) {
                column_ = sweep < 0 ? p_.columns - 1 - step : step;
                for (int32_t k = i; k < next; ++k) run_at(p_.operations[k]);
            }
        }
    }

    // The features at a place of a slot, by the row and the column of the data.
    float* at(int32_t index, int64_t row, int64_t column) {
        const gatun_grid_slot& slot = p_.slots[index];
        const int64_t scale = slot.scale;
        const auto floor = [&](int64_t i) { return i >= 0 ? i / scale : -((-i + scale - 1) / scale); };
        const int64_t place = ((floor(row) % slot.rows) + slot.rows) % slot.rows;
        const int64_t pitch = int64_t{slot.left} + slot.columns + slot.right;
        return state.data() + slot.offset + (place * pitch + slot.left + floor(column)) * slot.features;
    }

    const float* read(const gatun_grid_operation& op, int32_t k) {
        const gatun_tap& tap = p_.taps[op.first_tap + k];
        return at(op.input, row_ + tap.row, column_ + tap.column) + op.first_input;
    }

    void run_at(const gatun_grid_operation& op) {
        if (row_ % op.every != op.row || column_ % op.every != op.column) return;
        float* y = op.output < 0 ? nullptr : at(op.output, row_, column_) + op.first_output;
        switch (op.kind) {
            case GATUN_STEP_AFFINE:
            case GATUN_STEP_LOOKUP:
                for (int32_t o = 0; o < op.outputs; ++o) product(op, o, y);
                return;
            case GATUN_STEP_ACTIVATION:
                return baseline::activation_kernels.run(op.argument, read(op, 0), y, op.outputs);
            case GATUN_STEP_GATE:
                return baseline::gate_kernels.run(read(op, 0), op.argument, 0, y, 0, op.outputs, 1);
            case GATUN_STEP_CONCAT_ELU:
                return baseline::concat_elu_kernels.run(read(op, 0), 0, y, 0, op.inputs, 1);
            case GATUN_STEP_LINEAR_GATE:
                return baseline::linear_gate_kernels.run(read(op, 0), 0, y, 0, op.outputs, 1);
            case GATUN_STEP_SUM:
                return baseline::sum_kernels.run(read(op, 0), op.scale, y, op.outputs, op.argument != 0);
            case GATUN_STEP_COPY:
                std::copy_n(read(op, 0), op.outputs, y);
                return;
            case GATUN_STEP_GRID_CELL:
                return cell(op, y);
            case GATUN_STEP_BROADCAST:
                std::copy_n(op.bias, op.outputs, y);
                return;
            case GATUN_STEP_CLASS:
                *y = std::bit_cast<float>(label_);
                return;
            case GATUN_STEP_ENCODE:
                *y = op.weights == nullptr ? reals_[value()] : op.weights[levels_[value()]];
                return;
            case GATUN_STEP_LEVEL:
                *y = std::bit_cast<float>(levels_[value()]);
                return;
            default:
                return draw(op);
        }
    }

    // One output: two chains over the flat inputs, begun with the bias and 0 or with what earlier taps left.
    void product(const gatun_grid_operation& op, int32_t o, float* y) {
        const int64_t flat = flat_of(op);
        float chain[2] = {op.bias == nullptr ? 0.0f : op.bias[o], 0.0f};
        float* sums = op.chain_use == GATUN_CHAINS_NONE ? nullptr : at(op.chains, row_, column_) + op.first_output + o;
        const int64_t width = sums == nullptr ? 0 : p_.slots[op.chains].features / 2;
        if (op.chain_use == GATUN_CHAINS_CARRY_ON) {
            chain[0] = sums[0];
            chain[1] = sums[width];
        }
        int64_t r = op.before;
        for (int32_t k = 0; k < op.tap_count; ++k) {
            const int32_t inputs = k + 1 < op.tap_count ? op.inputs : op.inputs - op.unseen;
            const float* x = read(op, k);
            for (int32_t c = 0; c < inputs; ++c, ++r) add(op, o, x, c, r, flat, chain);
        }
        if (op.chain_use == GATUN_CHAINS_LEAVE) {
            sums[0] = chain[0];
            sums[width] = chain[1];
        } else {
            y[o] = chain[0] + chain[1];
        }
    }

    static float weight_of(const gatun_grid_operation& op, int64_t i) {
        if (op.precision != GATUN_BF16) return op.weights[i];
        uint16_t half;
        std::memcpy(&half, reinterpret_cast<const char*>(op.weights) + i * int64_t{sizeof half}, sizeof half);
        return std::bit_cast<float>(static_cast<uint32_t>(half) << 16);
    }

    void add(const gatun_grid_operation& op, int32_t o, const float* x, int32_t c, int64_t r, int64_t flat,
             float (&chain)[2]) {
        const float weight = weight_of(op, (o / GATUN_LANES * flat + r) * GATUN_LANES + o % GATUN_LANES);
        float& to = chain[r % 2];
        if (op.kind == GATUN_STEP_AFFINE) {
            to = std::fma(x[c], weight, to);
            return;
        }
        const int32_t levels = op.inputs / p_.slots[op.input].features;
        const int32_t level = std::bit_cast<int32_t>(x[c / levels]);
        if (level == c % levels) to = to + weight;
        if (level < 0 && c % levels == 0 && op.outside != nullptr) to = to + op.outside[o];
    }

    void cell(const gatun_grid_operation& op, float* y) {
        const gatun_tap& before = p_.taps[op.first_tap + 1];
        CellRow row{};
        row.hidden = op.inputs / 4;
        row.units = op.outputs;
        row.count = 1;
        row.x = read(op, 0) + op.first_output;
        row.state = row.kept = at(op.argument, row_, column_) + op.first_output;
        row.c_before = at(op.argument, row_ + before.row, column_ + before.column) + 4 * row.hidden + op.first_output;
        row.h_before = row.h_after = y;
        baseline::recurrent_kernels.run(kGridCell, row);
    }

    size_t value() const { return static_cast<size_t>((row_ * p_.columns + column_) * p_.channels + channel_); }

    void draw(const gatun_grid_operation& op) {
        const DistributionKernels& kernels = baseline::distribution_kernels;
        const float* outputs = read(op, 0);
        int32_t* levels = levels_.empty() ? nullptr : levels_.data() + value();
        float* reals = reals_.empty() ? nullptr : reals_.data() + value();
        const size_t beyond = reinterpret_cast<uintptr_t>(scratch_.data()) % 64;
        float* scratch = scratch_.data() + (64 - beyond) % 64 / sizeof(float);
        if (known_.empty() || known_[value()] == 0) {
            kernels.draw(p_.distribution, noise_, static_cast<uint64_t>(stream_), static_cast<int64_t>(value()),
                         outputs, 0, levels, reals, 1, 1, scratch);
        }
        const int64_t before = distribution_positions(p_.distribution) - 1;
        if (channel_ < before) return;
        kernels.log_prob(p_.distribution, outputs, 0, levels == nullptr ? nullptr : levels - before, reals, 1, 1,
                         log_prob_.data() + value() - before, 1, scratch);
    }

    const gatun_grid_program& p_;
    const gatun_noise noise_;
    const int64_t stream_;
    const int32_t label_;
    std::vector<int32_t>& levels_;
    std::vector<float>& reals_;
    std::vector<float>& log_prob_;
    const std::vector<uint8_t>& known_;
    std::vector<float> scratch_;
    int64_t row_ = 0, column_ = 0;
    int32_t channel_ = 0;
};

}  // namespace gatun::check
