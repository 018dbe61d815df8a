// A graph run over all positions at once: what its step program is held against.
#pragma once

#include <algorithm>

#include "cases.h"
#include "step_graph.h"

namespace gatun::check {

// What a graph is run under: a class and frames for each example.
struct StepCondition {
    std::vector<int32_t> classes;
    std::vector<float> frames;  // [examples][frame_count][features]
    int64_t frame_count = 0;

    StepCondition() = default;
    StepCondition(const StepGraph& graph, int64_t examples, int64_t positions, Random& random)
        : frame_count((positions + graph.frame_every - 1) / graph.frame_every) {
        for (int64_t n = 0; n < examples; ++n) {
            classes.push_back(static_cast<int32_t>(random.whole(0, StepGraph::kClasses - 1)));
        }
        frames = random.reals(examples * frame_count * StepGraph::kFrameFeatures, -1, 1);
    }
};

// The same graph over all positions at once, by the operations over maps.
class WholeGraph {
public:
    WholeGraph(const StepGraph& graph, gatun_context* context, const StepCondition& condition, int64_t positions)
        : graph_(graph),
          context_(context),
          condition_(condition),
          examples_(static_cast<int64_t>(condition.classes.size())),
          positions_(positions),
          halo_(graph.farthest()) {}

    // The outputs' map, computed from values [example][position] of which one kind is given.
    gatun_map run(std::vector<int32_t>& levels, std::vector<float>& reals) {
        maps_.clear();
        maps_.reserve(graph_.nodes.size());
        for (const StepNode& node : graph_.nodes) {
            maps_.emplace_back(static_cast<size_t>(examples_ * (halo_ + positions_) * node.features), 0.0f);
            fill(node, levels, reals);
        }
        return map(static_cast<int32_t>(maps_.size()) - 1, 0);
    }

    gatun_map map(int32_t node, int32_t distance) {
        const int64_t features = graph_.nodes[static_cast<size_t>(node)].features;
        float* first = maps_[static_cast<size_t>(node)].data() + (halo_ - distance) * features;
        const int64_t example = (halo_ + positions_) * features;
        return {first,
                example,
                example,
                features,
                static_cast<int32_t>(examples_),
                1,
                static_cast<int32_t>(positions_),
                static_cast<int32_t>(features)};
    }

private:
    // Levels with -1 before the first position.
    gatun_levels levels_of(const std::vector<int32_t>& values) {
        padded_.assign(static_cast<size_t>(examples_ * (halo_ + positions_)), -1);
        for (int64_t n = 0; n < examples_; ++n) {
            std::copy_n(values.begin() + n * positions_, positions_,
                        padded_.begin() + n * (halo_ + positions_) + halo_);
        }
        return padded();
    }

    gatun_levels classes() {
        padded_.clear();
        for (const int32_t one : condition_.classes) {
            padded_.insert(padded_.end(), static_cast<size_t>(halo_ + positions_), one);
        }
        return padded();
    }

    gatun_levels padded() {
        return {padded_.data() + halo_,
                halo_ + positions_,
                halo_ + positions_,
                1,
                static_cast<int32_t>(examples_),
                1,
                static_cast<int32_t>(positions_),
                1};
    }

    void fill(const StepNode& node, const std::vector<int32_t>& levels, std::vector<float>& reals) {
        const int32_t id = static_cast<int32_t>(maps_.size()) - 1;
        const gatun_map y = map(id, 0);
        std::vector<gatun_tap> taps;
        for (const int32_t distance : node.distances) taps.push_back({0, -distance});
        gatun_affine affine = {node.weights.data(),
                               node.bias.empty() ? nullptr : node.bias.data(),
                               taps.data(),
                               static_cast<int32_t>(taps.size()),
                               graph_.d.levels,
                               node.features,
                               0};
        switch (node.kind) {
            case GATUN_STEP_AFFINE: {
                const gatun_map x = map(node.inputs[0], 0);
                affine.inputs = x.features;
                gatun_affine_run(context_, &affine, &x, &y, 0);
                break;
            }
            case GATUN_STEP_LOOKUP: {
                affine.inputs = graph_.levels_of(node.inputs[0]);
                const gatun_levels x = affine.inputs == StepGraph::kClasses ? classes() : levels_of(levels);
                gatun_lookup_run(context_, &affine, node.outside.empty() ? nullptr : node.outside.data(), &x, &y);
                break;
            }
            case GATUN_STEP_ACTIVATION: {
                const gatun_map x = map(node.inputs[0], node.distances[0]);
                gatun_activation_run(context_, node.argument, &x, &y);
                break;
            }
            case GATUN_STEP_GATE: {
                const gatun_map x = map(node.inputs[0], node.distances[0]);
                gatun_gate_run(context_, &x, &y);
                break;
            }
            case GATUN_STEP_SUM:
                for (size_t i = 0; i < node.inputs.size(); ++i) {
                    const gatun_map x = map(node.inputs[i], node.distances[i]);
                    gatun_sum_run(context_, &x, 1, node.scale, &y, i > 0);
                }
                break;
            case GATUN_STEP_FRAME:
                frames(y);
                break;
            case GATUN_STEP_CELL_TANH:
            case GATUN_STEP_CELL_GRU:
            case GATUN_STEP_CELL_LSTM:
                recurrent(node, y);
                break;
            case GATUN_STEP_COPY: {
                gatun_map part = y;
                for (size_t i = 0; i < node.inputs.size(); ++i) {
                    const gatun_map x = map(node.inputs[i], node.distances[i]);
                    part.features = x.features;
                    gatun_copy(context_, &x, &part, 0);
                    part.data += x.features;
                }
                break;
            }
            case GATUN_STEP_BROADCAST:
                gatun_broadcast(context_, node.bias.data(), &y);
                break;
            case GATUN_STEP_ENCODE:
                encode(node, levels, reals, y);
                break;
            default:
                break;  // levels and classes: read where they are looked up
        }
    }

    void recurrent(const StepNode& node, const gatun_map& y) {
        const gatun_map x = map(node.inputs[0], node.distances[0]);
        const int32_t cell = node.kind - GATUN_STEP_CELL_TANH;
        const gatun_tap before = {0, -1};
        const gatun_affine state = {
            node.weights.data(), node.bias.empty() ? nullptr : node.bias.data(), &before, 1, y.features, x.features, 0};
        const int64_t width = cell_kept(cell) * y.features;
        std::vector<float> memory(static_cast<size_t>(2 * examples_ * width), 0.0f);
        const gatun_map kept = {memory.data() + width,           2 * width, 2 * width, width,
                                static_cast<int32_t>(examples_), 1,         1,         static_cast<int32_t>(width)};
        gatun_recurrent_run(context_, cell, &state, &x, &y, &kept);
    }

    void frames(const gatun_map& y) {
        for (int64_t n = 0; n < examples_; ++n) {
            for (int64_t j = 0; j < positions_; ++j) {
                const int64_t frame = n * condition_.frame_count + j / graph_.frame_every;
                std::copy_n(condition_.frames.begin() + frame * y.features, y.features,
                            y.data + n * y.stride_example + j * y.stride_column);
            }
        }
    }

    void encode(const StepNode& node, const std::vector<int32_t>& levels, std::vector<float>& reals,
                const gatun_map& y) {
        if (graph_.d.type == GATUN_GAUSSIAN) {
            const gatun_map x = {reals.data(),
                                 positions_,
                                 positions_,
                                 1,
                                 static_cast<int32_t>(examples_),
                                 1,
                                 static_cast<int32_t>(positions_),
                                 1};
            gatun_copy(context_, &x, &y, 0);
        } else {
            const gatun_levels x = levels_of(levels);
            gatun_encode(context_, node.weights.data(), graph_.d.levels, &x, &y);
        }
    }

    const StepGraph& graph_;
    gatun_context* context_;
    const StepCondition& condition_;
    const int64_t examples_, positions_, halo_;
    std::vector<std::vector<float>> maps_;
    std::vector<int32_t> padded_;
};

}  // namespace gatun::check
