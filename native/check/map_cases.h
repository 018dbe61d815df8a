// What checks of operations on maps share: extents with gaps between columns, halos, contexts of all levels.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "affine_shape.h"

namespace gatun::check {

// A map's positions and features, and floats between them and the next column's.
struct Extent {
    int32_t n, h, t, features, gap;

    int64_t positions() const { return int64_t{n} * h * t; }
    AffineShape grid() const {
        AffineShape s;
        s.n = n;
        s.h = h;
        s.t = t;
        return s;
    }
    std::string text() const {
        return std::to_string(n) + " x " + std::to_string(h) + " x " + std::to_string(t) + " x " +
               std::to_string(features) + ", gap " + std::to_string(gap);
    }
};

// Nothing, tails, gaps, columns that do not begin at a vector's alignment, work for several threads.
inline constexpr Extent kExtents[] = {{0, 2, 3, 4, 0},  {2, 0, 3, 4, 0},  {1, 1, 1, 1, 0},    {2, 3, 5, 7, 0},
                                      {1, 2, 9, 16, 3}, {3, 4, 2, 33, 1}, {1, 1, 900, 20, 0}, {5, 8, 8, 15, 16}};

inline constexpr Halo kHalo = {1, 0, 1, 1};
inline constexpr auto kPoison = [] { return std::nanf(""); };

// Fills a map's inside with values, features together.
inline auto from(const std::vector<float>& values) {
    return [&values, i = size_t{0}]() mutable { return values[i++]; };
}

// A map between guard pages, its halo zeros.
inline FloatMap map_of(const Extent& e, int32_t features, Edge edge, const std::vector<float>& values,
                       const Halo& halo = kHalo) {
    return FloatMap(e.grid(), features, e.gap, halo, 0.0f, edge, from(values));
}
inline FloatMap poisoned_map(const Extent& e, int32_t features, Edge edge) {
    return FloatMap(e.grid(), features, e.gap, kHalo, 0.0f, edge, kPoison);
}

// Whether halo and gaps are as map_of made them.
inline bool outside_is_left(const FloatMap& map, const Extent& e, Edge edge) {
    const std::vector<float> inside = map.inside();
    return first_difference(map_of(e, map.map().features, edge, inside).copy(), map.copy()) == -1;
}

// a + b, each rounded once.
inline std::vector<float> added(std::vector<float> a, const std::vector<float>& b) {
    for (size_t i = 0; i < a.size(); ++i) a[i] += b[i];
    return a;
}

// All levels, each with one thread and with three; maps lie at the edge that goes with it, so that both are met on all.
struct LevelContext {
    int32_t isa, threads;
    Edge edge;
    Context context;

    std::string text() const { return level_name(isa) + ", " + std::to_string(threads) + " threads"; }
};

inline std::vector<LevelContext> level_contexts() {
    std::vector<LevelContext> found;
    for (const int32_t isa : levels()) {
        for (const auto& [threads, edge] : {std::pair{1, Edge::kEnd}, std::pair{3, Edge::kStart}}) {
            found.push_back({isa, threads, edge, context_of(isa, threads)});
        }
    }
    return found;
}

}  // namespace gatun::check
