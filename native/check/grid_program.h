// Random step programs of grids, valid ones, and what they mean: each operation at each place of each stream by itself.
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>
#include <deque>

#include "cases.h"
#include "ops/distribution/distribution.h"
#include "step/grid/walk.h"
#include "step_graph.h"

namespace gatun::check {

inline int64_t places_of(const gatun_grid_slot& slot) {
    return (int64_t{slot.left} + slot.columns + slot.right) * slot.rows;
}

inline int64_t flat_of(const gatun_grid_operation& op) {
    return op.before + int64_t{op.tap_count} * op.inputs - op.unseen + op.behind;
}

// A program whose fields can be changed; arrays keep the lengths that they were made with.
class GridProgram {
public:
    static constexpr int32_t kFrameFeatures = 3, kClasses = 7;

    // bf16: the weights of all affine maps are numbers of bfloat16.
    explicit GridProgram(Random& random, bool bf16 = false) : random_(&random), bf16_(bf16) {
        p.distribution = random_distribution(random);
        p.rows = whole(1, 5);
        p.columns = whole(1, 7);
        p.channels = whole(0, 1) == 0 ? 1 : 3;
        if (p.channels == 3 && p.distribution.type == GATUN_LOGISTIC_MIXTURE && whole(0, 1) == 0) {
            p.distribution.channels = 3;
        }
        add_slots();
        for (int32_t section = 0; section < p.channels + 2; ++section) add_section(section);
        for (gatun_grid_slot& slot : slots) {
            slot.offset = p.state_floats;
            p.state_floats += (places_of(slot) * slot.features + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES;
        }
        random_ = nullptr;
        point();
    }
    GridProgram(const GridProgram& other) { *this = other; }
    GridProgram& operator=(const GridProgram& other) {
        if (this == &other) return *this;
        operations = other.operations;
        slots = other.slots;
        taps = other.taps;
        ends = other.ends;
        floats_ = other.floats_;
        p = other.p;
        p.operation_count = static_cast<int32_t>(operations.size());
        // The weights are those of the copy: deques keep their elements in place, and in their order.
        for (gatun_grid_operation& op : operations) {
            for (const float** field : {&op.weights, &op.bias, &op.outside}) *field = moved(other, *field);
        }
        point();
        return *this;
    }

    void point() {
        p.operations = operations.data();
        p.slots = slots.data();
        p.taps = taps.data();
        p.section_ends = ends.data();
        p.operation_count = static_cast<int32_t>(operations.size());
        p.slot_count = static_cast<int32_t>(slots.size());
        p.tap_count = static_cast<int32_t>(taps.size());
    }

    bool real() const { return p.distribution.type == GATUN_GAUSSIAN; }
    int64_t positions() const { return int64_t{p.rows} * p.columns * p.channels; }

    std::vector<gatun_grid_operation> operations;
    std::vector<gatun_grid_slot> slots;
    std::vector<gatun_tap> taps;
    std::vector<int32_t> ends;
    gatun_grid_program p{};

private:
    const float* moved(const GridProgram& other, const float* from) const {
        for (size_t i = 0; i < other.floats_.size(); ++i) {
            if (other.floats_[i].data() == from) return floats_[i].data();
        }
        return from;
    }

    int32_t whole(int64_t low, int64_t high) { return static_cast<int32_t>(random_->whole(low, high)); }

    int32_t add_slot(int32_t features, int32_t scale, bool levels) {
        const auto columns = static_cast<int32_t>((int64_t{p.columns} + scale - 1) / scale);
        slots.push_back({0, features, whole(1, 3), columns, whole(0, 2), whole(0, 2), scale, levels ? 1 : 0, 0});
        return static_cast<int32_t>(slots.size()) - 1;
    }

    void add_slots() {
        const int64_t width = distribution_outputs(p.distribution);
        levels_ = real() ? -1 : add_slot(p.channels, 1, true);
        numbers_ = add_slot(p.channels, 1, false);
        outputs_ = add_slot(static_cast<int32_t>(width * (p.distribution.channels == 3 ? 1 : p.channels)),
                            whole(0, 1) == 0 ? 1 : INT32_MAX, false);
        for (int32_t more = whole(2, 6); more > 0; --more) {
            constexpr int32_t kScales[] = {1, 1, 1, 2, 4, INT32_MAX};
            add_slot(whole(0, 3) == 0 ? whole(33, 70) : whole(1, 20), kScales[whole(0, 5)], false);
        }
        chains_ = add_slot(2 * 80, 1, false);
        class_ = add_slot(1, INT32_MAX, true);
        const int32_t hidden = whole(1, 20);
        gates_ = add_slot(4 * hidden, 1, false);
        state_ = add_slot(hidden, 1, false);
        kept_ = add_slot(5 * hidden, 1, false);
    }

    const float* reals(int64_t count, double size) {
        floats_.push_back(random_->reals(count, -size, size));
        return floats_.back().data();
    }

    gatun_grid_operation operation(int32_t kind, int32_t input, int32_t output) {
        gatun_grid_operation op{};
        op.kind = kind;
        op.input = input;
        op.output = output;
        op.chains = -1;
        op.every = 1;
        op.scale = 1;
        op.first_tap = static_cast<int32_t>(taps.size());
        return op;
    }

    void add_section(int32_t section) {
        const bool pixel = section > 0 && section <= p.channels;
        for (int32_t more = whole(0, 4); more > 0; --more) add_random(pixel);
        if (pixel) {
            add_draw(section - 1);
            for (int32_t more = whole(0, 3); more > 0; --more) add_random(true);
        }
        ends.push_back(static_cast<int32_t>(operations.size()));
    }

    void add_draw(int32_t channel) {
        const auto width = static_cast<int32_t>(distribution_outputs(p.distribution));
        gatun_grid_operation draw = operation(GATUN_STEP_DRAW, outputs_, -1);
        draw.inputs = width;
        draw.first_input = p.distribution.channels == 3 ? 0 : channel * width;
        draw.argument = channel;
        draw.tap_count = 1;
        taps.push_back({0, 0});
        operations.push_back(draw);
        add_value(GATUN_STEP_ENCODE, numbers_, channel);
        if (!real()) add_value(GATUN_STEP_LEVEL, levels_, channel);
    }

    void add_value(int32_t kind, int32_t output, int32_t channel) {
        gatun_grid_operation op = operation(kind, -1, output);
        op.outputs = 1;
        op.first_output = op.argument = channel;
        if (kind == GATUN_STEP_ENCODE && !real()) op.weights = reals(p.distribution.levels, 1);
        operations.push_back(op);
    }

    // Maps that are computed: the outputs and those behind them, before the chains.
    int32_t any_map(int32_t first) { return whole(first, chains_ - 1); }

    void add_random(bool pixel) {
        const int32_t output = any_map(outputs_);
        gatun_grid_operation op = operation(-1, -1, output);
        choose_places(op, pixel);
        switch (whole(0, 10)) {
            case 10:
                add_cell(op);
                break;
            case 0:
                op.kind = GATUN_STEP_BROADCAST;
                choose_outputs(op);
                op.bias = reals(op.outputs, 1);
                break;
            case 1:
                op = operation(GATUN_STEP_CLASS, -1, class_);
                op.every = INT32_MAX;
                op.argument = kClasses;
                op.outputs = 1;
                break;
            case 2:
            case 3:
            case 4:
                if (!add_pointwise(op)) return;
                break;
            default:
                if (!add_product(op)) return;
        }
        if (!pixel && whole(0, 2) == 0) op.sweep = whole(0, 1) == 0 ? 1 : -1;
        operations.push_back(op);
        for (int32_t more = whole(0, 3); more > 0 && add_behind(pixel); --more) continue;
    }

    // What goes feature by feature of what the last instruction wrote, at the same places: most of it, or beside it.
    bool add_behind(bool pixel) {
        const gatun_grid_operation before = operations.back();
        constexpr int32_t kKinds[] = {GATUN_STEP_ACTIVATION, GATUN_STEP_SUM, GATUN_STEP_COPY, GATUN_STEP_CONCAT_ELU};
        gatun_grid_operation op = operation(kKinds[whole(0, 3)], before.output, any_map(outputs_));
        const int32_t wider = op.kind == GATUN_STEP_CONCAT_ELU ? 2 : 1;
        const gatun_grid_slot &from = slots[static_cast<size_t>(op.input)], &to = slots[static_cast<size_t>(op.output)];
        op.every = before.every;
        op.row = before.row;
        op.column = before.column;
        op.sweep = before.sweep;
        op.inputs = before.outputs;
        op.outputs = wider * op.inputs;
        op.first_input = whole(0, 5) == 0 ? 0 : before.first_output;
        if (from.levels == 1 || op.inputs > from.features - op.first_input || op.outputs > to.features) return false;
        if (!pixel && to.scale > op.every) return false;
        if (op.input == op.output && op.kind != GATUN_STEP_ACTIVATION) return false;
        op.first_output = op.input == op.output ? op.first_input : whole(0, 1) * whole(0, to.features - op.outputs);
        if (op.kind == GATUN_STEP_ACTIVATION) op.argument = whole(GATUN_RELU, GATUN_ELU);
        if (op.kind == GATUN_STEP_SUM) op.argument = whole(0, 1);
        taps.push_back({0, 0});
        op.tap_count = 1;
        operations.push_back(op);
        return true;
    }

    void add_cell(gatun_grid_operation& op) {
        op.kind = GATUN_STEP_GRID_CELL;
        op.output = state_;
        op.argument = kept_;
        op.inputs = slots[static_cast<size_t>(gates_)].features;
        choose_outputs(op);
        op.input = kept_;
        add_taps(op, 2);
        op.input = gates_;
        taps[static_cast<size_t>(op.first_tap)] = {0, 0};
    }

    void choose_places(gatun_grid_operation& op, bool pixel) {
        constexpr int32_t kEvery[] = {1, 2, 4, INT32_MAX};
        const int32_t scale = slots[static_cast<size_t>(op.output)].scale;
        do {
            op.every = kEvery[whole(0, 3)];
        } while (!pixel && op.every < scale);
        op.row = whole(0, std::min(op.every, 5) - 1);
        op.column = whole(0, std::min(op.every, 5) - 1);
    }

    void choose_outputs(gatun_grid_operation& op) {
        const int32_t features = slots[static_cast<size_t>(op.output)].features;
        op.first_output = whole(0, 1) == 0 ? 0 : whole(0, features - 1);
        op.outputs = whole(0, 1) == 0 ? features - op.first_output : whole(1, features - op.first_output);
    }

    void add_taps(gatun_grid_operation& op, int32_t count) {
        const gatun_grid_slot& from = slots[static_cast<size_t>(op.input)];
        const int32_t shift = grid::shift_of(from.scale);
        const int64_t last = int64_t{(p.columns - 1 - std::min(op.column, p.columns - 1)) / op.every} * op.every +
                             std::min(op.column, p.columns - 1);
        for (int32_t k = 0; k < count; ++k) {
            gatun_tap tap = {0, 0};
            if (from.scale <= op.every && from.scale != INT32_MAX) {
                const int32_t column = whole(-8, 8);
                const int64_t by = ((op.column + column) >> shift) - (op.column >> shift);
                const bool fits = (op.column >> shift) + by >= -from.left &&
                                  (last >> shift) + by < int64_t{from.columns} + from.right;
                tap = {-whole(0, (from.rows - 1) * from.scale), fits ? column : 0};
            }
            taps.push_back(tap);
        }
        op.tap_count = count;
    }

    bool add_pointwise(gatun_grid_operation& op) {
        constexpr int32_t kKinds[] = {GATUN_STEP_ACTIVATION, GATUN_STEP_SUM,        GATUN_STEP_COPY,
                                      GATUN_STEP_GATE,       GATUN_STEP_CONCAT_ELU, GATUN_STEP_LINEAR_GATE};
        op.kind = kKinds[whole(0, 5)];
        op.input = any_map(numbers_);
        choose_outputs(op);
        if (op.kind == GATUN_STEP_CONCAT_ELU || op.kind == GATUN_STEP_LINEAR_GATE) return add_halves(op);
        const int32_t features = slots[static_cast<size_t>(op.input)].features;
        if (op.input == op.output) {
            if (op.kind != GATUN_STEP_ACTIVATION) return false;
            op.first_input = op.first_output;
            taps.push_back({0, 0});
            op.tap_count = 1;
        } else {
            op.outputs = std::min(op.outputs, features);
            if (op.kind == GATUN_STEP_GATE) op.argument = whole(0, features - op.outputs);
            op.first_input = whole(0, features - op.outputs - op.argument);
            add_taps(op, 1);
        }
        op.inputs = op.outputs + op.argument;
        if (op.kind == GATUN_STEP_ACTIVATION) op.argument = whole(GATUN_RELU, GATUN_ELU);
        if (op.kind == GATUN_STEP_SUM) op.argument = whole(0, 1);
        if (op.kind == GATUN_STEP_SUM) op.scale = 0.75f;
        return true;
    }

    // What reads or writes twice as many features as the other way round.
    bool add_halves(gatun_grid_operation& op) {
        const int32_t features = slots[static_cast<size_t>(op.input)].features;
        const bool wider = op.kind == GATUN_STEP_CONCAT_ELU;
        const int32_t half = wider ? std::min(op.outputs / 2, features) : std::min(op.outputs, features / 2);
        if (op.input == op.output || half == 0) return false;
        op.inputs = wider ? half : 2 * half;
        op.outputs = wider ? 2 * half : half;
        op.first_input = whole(0, features - op.inputs);
        add_taps(op, 1);
        return true;
    }

    bool add_product(gatun_grid_operation& op) {
        const bool lookup = !real() && whole(0, 2) == 0;
        op.kind = lookup ? GATUN_STEP_LOOKUP : GATUN_STEP_AFFINE;
        op.input = lookup ? levels_ : any_map(numbers_);
        if (op.input == op.output) return false;
        const gatun_grid_slot& from = slots[static_cast<size_t>(op.input)];
        const int32_t unit = lookup ? p.distribution.levels : 1;
        op.inputs = lookup ? unit * from.features : whole(1, from.features);
        op.first_input = lookup ? 0 : whole(0, from.features - op.inputs);
        choose_outputs(op);
        add_taps(op, whole(0, 4));
        if (op.tap_count > 0 && whole(0, 2) == 0) op.unseen = unit * whole(0, op.inputs / unit);
        add_chains(op, unit);
        const int64_t flat = flat_of(op);
        const int64_t blocks = (op.outputs + GATUN_LANES - 1) / GATUN_LANES;
        op.weights =
            reals(std::max<int64_t>(1, blocks * flat * GATUN_LANES), 1.5 / std::sqrt(static_cast<double>(flat + 1)));
        if (!lookup && bf16_) std::ranges::transform(floats_.back(), floats_.back().begin(), nearest_bf16);
        if (!lookup && whole(0, 1) == 0) keep_halves(op);
        if (whole(0, 1) == 0) op.bias = reals(op.outputs, 1);
        if (lookup && whole(0, 1) == 0) op.outside = reals(op.outputs, 1);
        return true;
    }

    // Of the weights that were made last, where the first half of them was.
    void keep_halves(gatun_grid_operation& op) {
        op.precision = GATUN_BF16;
        std::vector<uint16_t> halves;
        for (const float weight : floats_.back()) {
            halves.push_back(static_cast<uint16_t>(std::bit_cast<uint32_t>(weight) >> 16));
        }
        std::memcpy(floats_.back().data(), halves.data(), halves.size() * sizeof(uint16_t));
    }

    void add_chains(gatun_grid_operation& op, int32_t unit) {
        const int32_t use = whole(0, 2);
        if (use == GATUN_CHAINS_NONE || op.first_output + op.outputs > 80) return;
        op.chain_use = use;
        op.chains = chains_;
        if (use == GATUN_CHAINS_LEAVE) op.output = chains_;
        int32_t& rest = use == GATUN_CHAINS_LEAVE ? op.behind : op.before;
        rest = unit * whole(0, 5);
    }

    Random* random_ = nullptr;
    bool bf16_ = false;
    std::deque<std::vector<float>> floats_;
    int32_t levels_ = -1, numbers_ = -1, outputs_ = -1, chains_ = -1, class_ = -1, gates_ = -1, state_ = -1, kept_ = -1;
};

}  // namespace gatun::check
