// Shapes of dense layers as lines of text, and layers of such shapes with numbers.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>
#include <stdexcept>

#include "cases.h"
#include "guarded.h"

namespace gatun::check {

// One line of shapes/dense.txt.
struct DenseShape {
    int32_t examples, inputs, outputs, levels;
    std::string line() const {
        return std::to_string(examples) + " examples, " + std::to_string(inputs) + " inputs of " +
               std::to_string(levels) + " levels, " + std::to_string(outputs) + " outputs";
    }
};

inline std::vector<DenseShape> dense_shapes(Random& random, int more) {
    std::vector<DenseShape> shapes;
    std::ifstream file(std::filesystem::path("shapes") / "dense.txt");
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        std::istringstream words(line);
        DenseShape s{};
        if (!(words >> s.examples >> s.inputs >> s.outputs >> s.levels)) throw std::runtime_error("no shape: " + line);
        shapes.push_back(s);
    }
    if (shapes.empty()) throw std::runtime_error("shapes/dense.txt: found no shapes");
    for (int i = 0; i < more; ++i) {
        const auto whole = [&](int64_t low, int64_t high) { return static_cast<int32_t>(random.whole(low, high)); };
        shapes.push_back({whole(1, 9), whole(1, 40), whole(1, 70), whole(0, 2) == 0 ? whole(2, 5) : 1});
    }
    return shapes;
}

inline std::vector<int32_t> shuffled(int32_t count, Random& random) {
    std::vector<int32_t> order(static_cast<size_t>(count));
    std::iota(order.begin(), order.end(), 0);
    for (int32_t i = count - 1; i > 0; --i) {
        std::swap(order[static_cast<size_t>(i)], order[static_cast<size_t>(random.whole(0, i))]);
    }
    return order;
}

// Memory of the struct's arrays between guard pages: it ends with the last feature of the last example.
template <class T>
class Rows {
public:
    Rows(const std::vector<T>& values, int32_t examples, int32_t width, int64_t gap, Edge edge)
        : stride_(width + gap), memory_(examples == 0 ? 0 : examples * stride_ - gap, edge), width_(width) {
        for (int64_t i = 0; i < static_cast<int64_t>(values.size()); ++i) {
            memory_[i / width * stride_ + i % width] = values[static_cast<size_t>(i)];
        }
        examples_ = examples;
    }
    // As one position of `width` features, or as a column each.
    template <class Map>
    Map map(bool columns) {
        return {memory_.data(),      stride_, stride_, columns ? 1 : width_, examples_, 1, columns ? width_ : 1,
                columns ? 1 : width_};
    }
    std::vector<T> inside() const {
        const std::vector<T> all = memory_.copy();
        std::vector<T> values;
        for (int64_t n = 0; n < examples_; ++n) {
            for (int64_t i = 0; i < width_; ++i) values.push_back(all[static_cast<size_t>(n * stride_ + i)]);
        }
        return values;
    }

private:
    int64_t stride_;
    Guarded<T> memory_;
    int32_t width_, examples_ = 0;
};

}  // namespace gatun::check
