// Shapes of the affine operation as lines of text, and the maps, taps and numbers that a shape stands for.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "cases.h"
#include "guarded.h"

namespace gatun::check {

// One line of shapes/affine.txt, which says what the keys mean.
struct AffineShape {
    int32_t n = 1, h = 1, t = 1, in = 1, out = 1, gapx = 0, gapy = 0, bias = 1, unseen = 0;
    std::vector<gatun_tap> taps = {{0, 0}};
    std::string name;

    static AffineShape parse(const std::string& line) {
        AffineShape shape;
        int32_t k = 1, d = 1;
        std::string taps, mask;
        std::istringstream words(line);
        for (std::string word; words >> word;) {
            const size_t equals = word.find('=');
            const std::string key = word.substr(0, equals);
            const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
            std::string* text = key == "taps" ? &taps : key == "mask" ? &mask : key == "name" ? &shape.name : nullptr;
            if (text != nullptr) {
                *text = value;
                continue;
            }
            int32_t* field = key == "k" ? &k : key == "d" ? &d : shape.field(key);
            if (field == nullptr || value.empty()) throw std::runtime_error("no shape: " + line);
            *field = std::stoi(value);
        }
        shape.taps = !mask.empty() ? masked(mask) : taps.empty() ? causal(k, d) : listed(taps);
        return shape;
    }

    // A shape that is benchmarked as it is checked: smaller, since the definition takes its time.
    AffineShape cut() const {
        AffineShape shape = *this;
        shape.n = 1;
        shape.h = std::min(h, kMostRows);
        shape.t = std::min(t, kMostColumns);
        shape.in = std::min(in, kMostFeatures);
        shape.out = std::min(out, kMostFeatures);
        return shape;
    }

    // The line that repeats the case.
    std::string line() const {
        std::string list;
        for (const gatun_tap& tap : taps) {
            if (!list.empty()) list += ',';
            list += std::to_string(tap.row) + ':' + std::to_string(tap.column);
        }
        return "n=" + std::to_string(n) + " h=" + std::to_string(h) + " t=" + std::to_string(t) +
               " in=" + std::to_string(in) + " out=" + std::to_string(out) + " taps=" + (list.empty() ? "none" : list) +
               " unseen=" + std::to_string(unseen) + " gapx=" + std::to_string(gapx) + " gapy=" + std::to_string(gapy) +
               " bias=" + std::to_string(bias);
    }

    int32_t tap_count() const { return static_cast<int32_t>(taps.size()); }
    int64_t positions() const { return int64_t{n} * h * t; }
    // Inputs of all taps together that a sum takes.
    int64_t flat() const { return int64_t{tap_count()} * in - unseen; }
    int64_t packed() const { return (out + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES * flat(); }

    static std::vector<gatun_tap> causal(int32_t k, int32_t d) {
        std::vector<gatun_tap> found;
        for (int32_t i = k - 1; i >= 0; --i) found.push_back({0, -i * d});
        return found;
    }

    // The places of a square kernel that come before its middle in raster order, and with B the middle itself.
    static std::vector<gatun_tap> masked(const std::string& text) {
        const int32_t size = text.size() == 2 ? text[0] - '0' : 0;
        if (size < 1 || size > 9 || size % 2 == 0 || (text[1] != 'A' && text[1] != 'B'))
            throw std::runtime_error("'" + text + "' is no mask such as 7A or 3B");
        const int32_t places = size * size / 2 + (text[1] == 'B' ? 1 : 0);
        std::vector<gatun_tap> found;
        found.reserve(static_cast<size_t>(places));
        for (int32_t place = 0; place < places; ++place)
            found.push_back({place / size - size / 2, place % size - size / 2});
        return found;
    }

private:
    static constexpr int32_t kMostRows = 3, kMostColumns = 40, kMostFeatures = 96;

    int32_t* field(const std::string& key) {
        if (key == "n") return &n;
        if (key == "h") return &h;
        if (key == "t") return &t;
        if (key == "in") return &in;
        if (key == "out") return &out;
        if (key == "gapx") return &gapx;
        if (key == "gapy") return &gapy;
        if (key == "bias") return &bias;
        if (key == "unseen") return &unseen;
        return nullptr;
    }

    static std::vector<gatun_tap> listed(const std::string& text) {
        std::vector<gatun_tap> found;
        if (text == "none") return found;
        std::istringstream items(text);
        for (std::string item; std::getline(items, item, ',');) {
            const size_t colon = item.find(':');
            if (colon == std::string::npos) throw std::runtime_error("'" + item + "' is no tap row:column");
            found.push_back({std::stoi(item.substr(0, colon)), std::stoi(item.substr(colon + 1))});
        }
        return found;
    }
};

inline std::vector<AffineShape> affine_shapes() {
    const std::filesystem::path file = std::filesystem::path(__FILE__).parent_path() / "shapes" / "affine.txt";
    std::ifstream lines(file);
    if (!lines) throw std::runtime_error("no shapes in " + file.string());
    std::vector<AffineShape> shapes;
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line[0] == '#') continue;
        const AffineShape shape = AffineShape::parse(line);
        shapes.push_back(shape.name.empty() ? shape : shape.cut());
    }
    return shapes;
}

inline AffineShape random_affine_shape(Random& random, bool masked = false) {
    const auto whole = [&](int64_t low, int64_t high) { return static_cast<int32_t>(random.whole(low, high)); };
    AffineShape shape;
    shape.n = whole(1, 3);
    shape.h = random.whole(0, 1) == 0 ? 1 : whole(2, 4);
    shape.t = whole(1, shape.h == 1 ? 40 : 9);
    shape.in = whole(1, 12);
    shape.out = whole(1, 70);
    shape.bias = whole(0, 1);
    if (random.whole(0, 2) == 0) shape.gapx = whole(1, 20);
    if (random.whole(0, 2) == 0) shape.gapy = whole(1, 20);
    if (shape.h == 1) {
        shape.taps = AffineShape::causal(whole(1, 6), whole(1, 8));
    } else {
        shape.taps.clear();
        for (int32_t i = whole(1, 8); i > 0; --i) shape.taps.push_back({whole(-2, 2), whole(-3, 3)});
    }
    if (masked && random.whole(0, 1) == 0) shape.unseen = whole(0, shape.in);
    return shape;
}

// Positions around the data that some taps read.
struct Halo {
    int32_t top = 0, bottom = 0, left = 0, right = 0;

    static Halo of(const std::vector<gatun_tap>& taps) {
        Halo halo;
        for (const gatun_tap& tap : taps) {
            halo.top = std::max(halo.top, -tap.row);
            halo.bottom = std::max(halo.bottom, tap.row);
            halo.left = std::max(halo.left, -tap.column);
            halo.right = std::max(halo.right, tap.column);
        }
        return halo;
    }
};

// Memory of a map between guard pages, which ends with the last feature of the last position. Gaps between features and
// the next column hold poison, the halo `around`, the data what `fill` gives, value by value.
template <class Map, class T>
class GuardedMap {
public:
    template <class Fill>
    GuardedMap(const AffineShape& s, int32_t features, int32_t gap, const Halo& halo, T around, Edge edge, Fill&& fill)
        : memory_(size_of(s, features, gap, halo), edge) {
        const int64_t column = features + gap, row = (halo.left + s.t + halo.right) * column;
        const int64_t example = (halo.top + s.h + halo.bottom) * row;
        map_ = {memory_.data() + halo.top * row + halo.left * column, example, row, column, s.n, s.h, s.t, features};
        for (int64_t at = 0; at < memory_.size(); ++at) {
            if (at % column >= features) continue;
            const int64_t i = at % example / row - halo.top, j = at % row / column - halo.left;
            memory_[at] = i >= 0 && i < s.h && j >= 0 && j < s.t ? static_cast<T>(fill()) : around;
        }
    }
    const Map& map() const { return map_; }
    std::vector<T> copy() const { return memory_.copy(); }
    // What lies inside of the data, features together.
    std::vector<T> inside() const {
        std::vector<T> values;
        for (int64_t n = 0; n < map_.examples; ++n) {
            for (int64_t i = 0; i < map_.rows; ++i) {
                for (int64_t j = 0; j < map_.columns; ++j) {
                    const T* p = map_.data + n * map_.stride_example + i * map_.stride_row + j * map_.stride_column;
                    values.insert(values.end(), p, p + map_.features);
                }
            }
        }
        return values;
    }

private:
    static int64_t size_of(const AffineShape& s, int32_t features, int32_t gap, const Halo& halo) {
        const int64_t places = int64_t{s.n} * (halo.top + s.h + halo.bottom) * (halo.left + s.t + halo.right);
        return places == 0 ? 0 : places * (features + gap) - gap;
    }

    Guarded<T> memory_;
    Map map_;
};

using FloatMap = GuardedMap<gatun_map, float>;
using LevelMap = GuardedMap<gatun_levels, int32_t>;

}  // namespace gatun::check
