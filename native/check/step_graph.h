// Random graphs and their step programs.
#pragma once

#include <algorithm>

#include "cases.h"
#include "ops/distribution/distribution.h"
#include "ops/packed/packed.h"
#include "ops/recurrent/recurrent.h"
#include "rounded.h"

namespace gatun::check {

// A node of a graph: the operation that makes its values, and what it reads.
struct StepNode {
    int32_t kind = 0;  // GATUN_STEP_...; GATUN_STEP_COPY: its inputs, one behind the other
    int32_t features = 1;
    std::vector<int32_t> inputs;     // nodes
    std::vector<int32_t> distances;  // taps; of copies, one an input
    int32_t argument = 0;
    int32_t every = 1;  // computed at positions that it divides, kept in between
    float scale = 1;
    bool needs_value = false;  // of its own position
    std::vector<float> weights, bias, outside;

    StepNode() = default;
    StepNode(int32_t k, int32_t f) : kind(k), features(f) {}
};

// A random graph. Its last node is the outputs.
class StepGraph {
public:
    static constexpr int32_t kFrameFeatures = 3, kClasses = 40;

    StepGraph(const gatun_distribution& distribution, Random& random) : d(distribution), random_(&random) {
        StepNode level(GATUN_STEP_LEVEL, 1), number(GATUN_STEP_ENCODE, 1);
        level.needs_value = number.needs_value = true;
        number.weights = random.reals(d.levels, -1, 1);
        if (d.type != GATUN_GAUSSIAN) add(level);
        add(number);
        frame_every = whole(1, 4);
        for (int64_t more = random.whole(1, 7); more > 0; --more) add_random();
        add_outputs();
        random_ = nullptr;
    }

    int32_t farthest() const {
        int32_t most = 1;  // recurrent nodes read their own last position
        for (const StepNode& node : nodes) {
            for (const int32_t distance : node.distances) most = std::max(most, distance);
        }
        return most;
    }

    bool is_levels(int32_t node) const {
        const int32_t kind = nodes[static_cast<size_t>(node)].kind;
        return kind == GATUN_STEP_LEVEL || kind == GATUN_STEP_CLASS;
    }

    // How many levels there are of one that a node holds.
    int32_t levels_of(int32_t node) const {
        return nodes[static_cast<size_t>(node)].kind == GATUN_STEP_CLASS ? kClasses : d.levels;
    }

    // Makes the weights that are multiplied numbers of bfloat16.
    void round_weights() {
        for (StepNode& node : nodes) {
            const bool table = node.kind == GATUN_STEP_LOOKUP || node.kind == GATUN_STEP_ENCODE;
            if (!table) std::ranges::transform(node.weights, node.weights.begin(), nearest_bf16);
        }
    }

    const gatun_distribution d;
    int32_t frame_every = 1;  // positions of a frame of the condition
    std::vector<StepNode> nodes;

private:
    void add(StepNode node) { nodes.push_back(std::move(node)); }
    int32_t whole(int64_t low, int64_t high) { return static_cast<int32_t>(random_->whole(low, high)); }

    int32_t any_floats() {
        for (;;) {
            const int32_t i = whole(0, static_cast<int64_t>(nodes.size()) - 1);
            if (!is_levels(i)) return i;
        }
    }

    // A node of levels, or -1 where a few tries find none.
    int32_t any_levels() {
        for (int tries = 0; tries < 2; ++tries) {
            const int32_t i = whole(0, static_cast<int64_t>(nodes.size()) - 1);
            if (is_levels(i)) return i;
        }
        return -1;
    }

    // Reads `count` taps of a node; where that needs the value of the position itself and must not, earlier ones.
    void read(StepNode& node, int32_t input, int32_t count, int32_t least) {
        const StepNode& from = nodes[static_cast<size_t>(input)];
        node.inputs.push_back(input);
        for (int32_t k = 0; k < count; ++k) {
            const int32_t distance = from.every > 1 ? 0 : whole(from.needs_value ? least : 0, 6);
            node.distances.push_back(distance);
            node.needs_value = node.needs_value || (from.needs_value && distance == 0);
        }
    }

    void give_weights(StepNode& node, int64_t inputs) {
        const int64_t flat = inputs * static_cast<int64_t>(node.distances.size());
        const int64_t blocks = (node.features + GATUN_LANES - 1) / GATUN_LANES;
        const double size = 1.5 / std::sqrt(static_cast<double>(flat + 1));
        node.weights = random_->reals(blocks * flat * GATUN_LANES, -size, size);
        if (whole(0, 3) > 0) node.bias = random_->reals(node.features, -1, 1);
    }

    void add_product(int32_t features, int32_t least) {
        const int32_t levels = any_levels();
        StepNode node(levels < 0 ? GATUN_STEP_AFFINE : GATUN_STEP_LOOKUP, features);
        const int32_t input = levels < 0 ? any_floats() : levels;
        read(node, input, whole(1, 4), least);
        give_weights(node, levels < 0 ? nodes[static_cast<size_t>(input)].features : levels_of(input));
        if (levels >= 0 && whole(0, 1) == 1) node.outside = random_->reals(features, -1, 1);
        // The outputs are read by the draw, at all positions.
        if (least == 0) as_seldom(node, input);
        add(std::move(node));
    }

    // What reads nothing but a node that seldom changes need not be computed more often.
    void as_seldom(StepNode& node, int32_t input) {
        if (whole(0, 1) == 1) node.every = nodes[static_cast<size_t>(input)].every;
    }

    void add_random() {
        StepNode node;
        switch (whole(0, 13)) {
            case 12:
            case 13:
                node = cell();
                break;
            case 0:
            case 11: {
                const int32_t input = any_floats(), features = nodes[static_cast<size_t>(input)].features;
                const bool gate = features % 2 == 0 && whole(0, 1) == 1;
                node = gate ? StepNode(GATUN_STEP_GATE, features / 2) : StepNode(GATUN_STEP_ACTIVATION, features);
                if (!gate) node.argument = whole(GATUN_RELU, GATUN_ELU);
                read(node, input, 1, 0);
                as_seldom(node, input);
                break;
            }
            case 1:
                node = StepNode(GATUN_STEP_COPY, 0);
                for (int32_t parts = whole(1, 3); parts > 0; --parts) {
                    read(node, any_floats(), 1, 0);
                    node.features += nodes[static_cast<size_t>(node.inputs.back())].features;
                }
                break;
            case 2:
                node = StepNode(GATUN_STEP_BROADCAST, whole(1, 20));
                node.bias = random_->reals(node.features, -1, 1);
                node.every = INT32_MAX;
                break;
            case 3:
                node = StepNode(GATUN_STEP_FRAME, kFrameFeatures);
                node.every = frame_every;
                break;
            case 4:
                node = StepNode(GATUN_STEP_CLASS, 1);
                node.every = INT32_MAX;
                node.argument = kClasses;
                break;
            case 5:
            case 6: {
                const int32_t first = any_floats();
                node = StepNode(GATUN_STEP_SUM, nodes[static_cast<size_t>(first)].features);
                node.scale = whole(0, 1) == 0 ? 1.0f : 0.75f;
                for (int32_t i = 0; i < static_cast<int32_t>(nodes.size()); ++i) {
                    const bool fits = !is_levels(i) && nodes[static_cast<size_t>(i)].features == node.features;
                    if (i == first || (fits && whole(0, 1) == 1)) read(node, i, 1, 0);
                }
                break;
            }
            default:
                return add_product(whole(0, 4) == 0 ? whole(33, 70) : whole(1, 20), 0);
        }
        add(std::move(node));
    }

    // A recurrent cell over the gates that some node's features can be.
    StepNode cell() {
        const int32_t input = any_floats(), gates = nodes[static_cast<size_t>(input)].features;
        int32_t kind = whole(GATUN_CELL_TANH, GATUN_CELL_LSTM);
        if (gates % cell_gates(kind) != 0) kind = GATUN_CELL_TANH;
        StepNode node(GATUN_STEP_CELL_TANH + kind, static_cast<int32_t>(gates / cell_gates(kind)));
        read(node, input, 1, 0);
        const double size = 1.5 / std::sqrt(static_cast<double>(node.features));
        const int64_t blocks = (gates + GATUN_LANES - 1) / GATUN_LANES;
        node.weights = random_->reals(blocks * node.features * GATUN_LANES, -size, size);
        if (whole(0, 3) > 0) node.bias = random_->reals(gates, -1, 1);
        return node;
    }

    void add_outputs() { add_product(static_cast<int32_t>(distribution_outputs(d)), 1); }

    Random* random_;
};

// A graph's step program: what must be known before the draw, the draw, the rest.
struct StepProgram {
    std::vector<gatun_step_operation> operations;
    std::vector<gatun_step_slot> slots;
    std::vector<int32_t> distances;
    gatun_distribution distribution;
    int64_t state_floats = 0;
    std::vector<std::vector<float>> packed;  // weights, of some products

    // pack: some products may be packed ones, which the processor alone has.
    StepProgram(const StepGraph& graph, Random& random, bool pack = true) : distribution(graph.d) {
        pack_some_ = pack && random.whole(0, 1) == 1;
        for (const StepNode& node : graph.nodes) {
            const bool levels = node.kind == GATUN_STEP_LEVEL || node.kind == GATUN_STEP_CLASS;
            slots.push_back({0, node.features, 1, levels ? 1 : 0, 0});
        }
        for (const bool needs_value : {false, true}) {
            if (needs_value) emit_draw(last(graph));
            for (size_t i = 0; i < graph.nodes.size(); ++i) {
                if (graph.nodes[i].needs_value == needs_value) emit_node(graph, static_cast<int32_t>(i));
            }
        }
        for (gatun_step_operation& op : operations) {
            if (op.kind < GATUN_STEP_CELL_TANH || op.kind > GATUN_STEP_CELL_LSTM) continue;
            op.argument = static_cast<int32_t>(slots.size());
            const int32_t cell = op.kind - GATUN_STEP_CELL_TANH;
            slots.push_back({0, static_cast<int32_t>(cell_kept(cell) * op.outputs), 1, 0, 0});
        }
        for (gatun_step_slot& slot : slots) {
            if (slot.depth > 1) slot.depth += static_cast<int32_t>(random.whole(0, 2));  // longer than need be
            slot.offset = state_floats;
            state_floats += (int64_t{slot.features} * slot.depth + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES;
        }
    }

    gatun_step_program native() const {
        return {operations.data(),
                slots.data(),
                distances.data(),
                distribution,
                state_floats,
                static_cast<int32_t>(operations.size()),
                static_cast<int32_t>(slots.size()),
                static_cast<int32_t>(distances.size()),
                0,
                nullptr};
    }

private:
    bool pack_some_ = false;

    static int32_t last(const StepGraph& graph) { return static_cast<int32_t>(graph.nodes.size()) - 1; }
    static const float* or_null(const std::vector<float>& values) { return values.empty() ? nullptr : values.data(); }

    void emit(gatun_step_operation op, const std::vector<int32_t>& taps) {
        op.first_distance = static_cast<int32_t>(distances.size());
        op.tap_count = static_cast<int32_t>(taps.size());
        distances.insert(distances.end(), taps.begin(), taps.end());
        operations.push_back(op);
        if (op.input < 0) return;
        int32_t& depth = slots[static_cast<size_t>(op.input)].depth;
        for (const int32_t distance : taps) depth = std::max(depth, distance + 1);
    }

    static gatun_step_operation operation_of(int32_t kind) {
        gatun_step_operation op{};
        op.kind = kind;
        op.input = op.output = -1;
        op.every = 1;
        op.scale = 1;
        op.base = op.second = op.activation = -1;
        return op;
    }

    void emit_draw(int32_t outputs) {
        gatun_step_operation op = operation_of(GATUN_STEP_DRAW);
        op.input = outputs;
        emit(op, {0});
    }

    void emit_node(const StepGraph& graph, int32_t i) {
        const StepNode& node = graph.nodes[static_cast<size_t>(i)];
        gatun_step_operation op = operation_of(node.kind);
        op.weights = or_null(node.weights);
        op.bias = or_null(node.bias);
        op.outside = or_null(node.outside);
        op.output = i;
        op.outputs = node.features;
        op.argument = node.argument;
        op.every = node.every;
        op.scale = node.scale;
        if (node.kind == GATUN_STEP_SUM) return emit_sums(node, op);
        if (node.kind == GATUN_STEP_COPY) return emit_copies(graph, node, op);
        if (!node.inputs.empty()) {
            op.input = node.inputs[0];
            op.inputs = graph.nodes[static_cast<size_t>(op.input)].features;
            if (node.kind == GATUN_STEP_LOOKUP) op.inputs = graph.levels_of(op.input);
        }
        if (pack_some_ && node.kind == GATUN_STEP_AFFINE && i % 3 != 0) pack(op, node.distances);
        emit(op, node.distances);
    }

    // First taps that reach back two positions at least, but not all.
    static int32_t lead_of(const std::vector<int32_t>& taps) {
        size_t lead = 0;
        while (lead + 1 < taps.size() && taps[lead] > 1) ++lead;
        return static_cast<int32_t>(lead);
    }

    void pack(gatun_step_operation& op, const std::vector<int32_t>& taps) {
        const gatun_affine affine = {op.weights, op.bias,    nullptr, static_cast<int32_t>(taps.size()),
                                     op.inputs,  op.outputs, 0};
        const int64_t bytes = packed_bytes(op.precision, affine.tap_count, op.inputs, op.outputs);
        packed.emplace_back(static_cast<size_t>(bytes) / sizeof(float));
        op.lead = affine.tap_count < 2 ? 0 : lead_of(taps);
        pack_for_steps(affine, false, op.lead, op.precision, packed.back().data());
        op.kind = GATUN_STEP_PACKED;
        op.weights = packed.back().data();
        op.bias = nullptr;
    }

    void emit_sums(const StepNode& node, gatun_step_operation op) {
        for (size_t part = 0; part < node.inputs.size(); ++part) {
            op.input = node.inputs[part];
            op.inputs = op.outputs;
            op.argument = part == 0 ? 0 : 1;
            emit(op, {node.distances[part]});
        }
    }

    void emit_copies(const StepGraph& graph, const StepNode& node, gatun_step_operation op) {
        for (size_t part = 0; part < node.inputs.size(); ++part) {
            op.input = node.inputs[part];
            op.inputs = op.outputs = graph.nodes[static_cast<size_t>(op.input)].features;
            emit(op, {node.distances[part]});
            op.argument += op.inputs;
        }
    }
};

inline gatun_distribution random_distribution(Random& random) {
    const gatun_distribution all[] = {{GATUN_BERNOULLI, 2, 0, 0},        {GATUN_CATEGORICAL, 2, 0, 0},
                                      {GATUN_CATEGORICAL, 5, 0, 0},      {GATUN_CATEGORICAL, 17, 0, 0},
                                      {GATUN_CATEGORICAL, 33, 0, 0},     {GATUN_GAUSSIAN, 0, 0, 0},
                                      {GATUN_LOGISTIC_MIXTURE, 17, 3, 0}};
    return all[random.whole(0, 6)];
}

}  // namespace gatun::check
