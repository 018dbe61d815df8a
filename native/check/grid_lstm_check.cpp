// LSTMs over grids: the bits of the product and of the cell's kernel, place by place, whatever the level, the threads
// and what is kept; near their definition; gradients near the definition's differences.
#include <doctest/doctest.h>

#include <array>

#include "affine_shape.h"
#include "ops/grid_lstm/grid_lstm.h"
#include "ops/recurrent/recurrent.h"

namespace gatun::check {
namespace {

// One line of shapes/grid_lstm.txt, which says what the keys mean.
struct GridCase {
    std::string line;
    int32_t way = GATUN_GRID_DOWN, n = 1, h = 1, t = 1, hidden = 1, k = 3, gapx = 0, gapy = 0, gapk = 0;

    static GridCase parse(const std::string& text) {
        GridCase shape;
        shape.line = text;
        std::istringstream words(text);
        for (std::string word; words >> word;) {
            const size_t equals = word.find('=');
            const std::string key = word.substr(0, equals), value = word.substr(equals + 1);
            if (key == "way") {
                shape.way = value == "down" ? GATUN_GRID_DOWN : value == "right" ? GATUN_GRID_RIGHT : GATUN_GRID_LEFT;
                continue;
            }
            int32_t* field = shape.field(key);
            if (equals == std::string::npos || field == nullptr) throw std::runtime_error("no shape: " + text);
            *field = std::stoi(value);
        }
        return shape;
    }

    int32_t gates() const { return 4 * hidden; }
    std::vector<gatun_tap> taps() const {
        if (way == GATUN_GRID_RIGHT) return {{-1, 0}, {0, -1}};
        if (way == GATUN_GRID_LEFT) return {{-1, 0}, {0, 1}};
        std::vector<gatun_tap> found(static_cast<size_t>(k));
        for (int32_t b = 0; b < k; ++b) found[static_cast<size_t>(b)] = {-1, b - k / 2};
        return found;
    }
    std::vector<gatun_tap> taps_back() const {
        std::vector<gatun_tap> found;
        for (const gatun_tap& tap : taps()) found.insert(found.begin(), {-tap.row, -tap.column});
        return found;
    }
    AffineShape grid() const {
        AffineShape s;
        s.n = n;
        s.h = h;
        s.t = t;
        return s;
    }
    // What is read of the grid around a map is no more than the grid itself.
    Halo within(Halo halo) const {
        return {std::min(halo.top, h), std::min(halo.bottom, h), std::min(halo.left, t), std::min(halo.right, t)};
    }
    Halo around_y() const { return within(Halo::of(taps())); }
    Halo around_kept() const {
        std::vector<gatun_tap> all = taps();
        for (const gatun_tap& tap : taps_back()) all.push_back(tap);
        return within(Halo::of(all));
    }
    int64_t packed(int64_t outputs, int64_t inputs) const {
        return (outputs + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES * static_cast<int64_t>(taps().size()) * inputs;
    }

private:
    int32_t* field(const std::string& key) {
        if (key == "n") return &n;
        if (key == "h") return &h;
        if (key == "t") return &t;
        if (key == "k") return &k;
        if (key == "hidden") return &hidden;
        if (key == "gapx") return &gapx;
        if (key == "gapy") return &gapy;
        return key == "gapk" ? &gapk : nullptr;
    }
};

std::vector<GridCase> shapes() {
    std::ifstream lines(std::filesystem::path(__FILE__).parent_path() / "shapes" / "grid_lstm.txt");
    if (!lines) throw std::runtime_error("no shapes of grids' LSTMs");
    std::vector<GridCase> all;
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty() && line[0] != '#') all.push_back(GridCase::parse(line));
    }
    return all;
}

// Numbers of a case: [example][row][column][feature], weights [gates][tap][hidden].
struct Numbers {
    GridCase shape;
    std::vector<float> x, dy, weights, packed, back;

    Numbers(const GridCase& s, Random& random) : shape(s) {
        const int64_t places = int64_t{s.n} * s.h * s.t, taps = static_cast<int64_t>(s.taps().size());
        const double size = 2 / std::sqrt(static_cast<double>(s.hidden * taps));
        x = random.reals(places * s.gates(), -2, 2);
        dy = random.reals(places * s.hidden, -1, 1);
        weights = random.reals(s.gates() * taps * s.hidden, -size, size);
        packed.assign(static_cast<size_t>(s.packed(s.gates(), s.hidden)), 0);
        back.assign(static_cast<size_t>(s.packed(s.hidden, s.gates())), 0);
        for (int64_t o = 0; o < s.gates(); ++o) {
            for (int64_t k = 0; k < taps; ++k) {
                for (int64_t i = 0; i < s.hidden; ++i) {
                    const float w = weights[static_cast<size_t>((o * taps + k) * s.hidden + i)];
                    packed[static_cast<size_t>(scalar::packed_at(taps, s.hidden, o, k, i))] = w;
                    back[static_cast<size_t>(scalar::packed_at(taps, s.gates(), i, taps - 1 - k, o))] = w;
                }
            }
        }
    }
};

auto from(const std::vector<float>& values) {
    return [&values, i = size_t{0}]() mutable { return values[i++]; };
}
constexpr auto kPoison = [] { return std::nanf(""); };

float* at(const gatun_map& map, int64_t n, int64_t i, int64_t j) {
    return map.data + n * map.stride_example + i * map.stride_row + j * map.stride_column;
}

// A case's memory between guard pages.
struct Memory {
    const GridCase& shape;
    const std::vector<gatun_tap> taps, taps_back;
    Guarded<float> weights, back;
    FloatMap x, y, kept;
    gatun_affine state, backward;

    Memory(const Numbers& c, Edge edge)
        : shape(c.shape),
          taps(shape.taps()),
          taps_back(shape.taps_back()),
          weights(c.packed, edge),
          back(c.back, edge),
          x(shape.grid(), shape.gates(), shape.gapx, {}, 0.0f, edge, from(c.x)),
          y(shape.grid(), shape.hidden, shape.gapy, shape.around_y(), 0.0f, edge, kPoison),
          kept(shape.grid(), 5 * shape.hidden, shape.gapk, shape.around_kept(), 0.0f, edge, kPoison),
          state{weights.data(), nullptr, taps.data(), static_cast<int32_t>(taps.size()), shape.hidden,
                shape.gates(),  0},
          backward{back.data(),  nullptr, taps_back.data(), static_cast<int32_t>(taps_back.size()), shape.gates(),
                   shape.hidden, 0} {}

    void run(gatun_context* context, bool keep) {
        REQUIRE(gatun_grid_lstm_run(context, shape.way, &state, &x.map(), &y.map(), keep ? &kept.map() : nullptr) ==
                GATUN_OK);
    }
};

int64_t clamped(int64_t tap, int64_t size) { return std::clamp(tap, -size, size); }

// Place by place: the affine definition, then the cell's kernel.
void define(Memory& m) {
    const GridCase& s = m.shape;
    const gatun_tap before = GridWalk(s.way, s.h, s.t).before();
    std::vector<gatun_tap> taps = m.taps;
    for (gatun_tap& tap : taps) tap.column = static_cast<int32_t>(clamped(tap.column, s.t));
    gatun_affine state = m.state;
    state.taps = taps.data();
    std::vector<float> gates(static_cast<size_t>(s.gates()));
    for (int64_t n = 0; n < s.n; ++n) {
        for (int64_t i = 0; i < s.h; ++i) {
            for (int64_t step = 0; step < s.t; ++step) {
                const int64_t j = s.way == GATUN_GRID_LEFT ? s.t - 1 - step : step;
                for (int32_t o = 0; o < s.gates(); ++o) {
                    gates[static_cast<size_t>(o)] = scalar::affine_output(state, m.y.map(), n, i, j, o);
                }
                float* kept = at(m.kept.map(), n, i, j);
                const float* c = at(m.kept.map(), n, i + before.row, j + before.column) + s.gates();
                float* h = at(m.y.map(), n, i, j);
                GATUN_PICK(GATUN_ISA_BASELINE, recurrent_kernels)
                    .run(kGridCell,
                         {at(m.x.map(), n, i, j), 0, gates.data(), 0, h, 0, c, 0, kept, 0, h, 0, s.hidden, 1});
            }
        }
    }
}

void check_run(const Numbers& c) {
    Memory wanted(c, Edge::kEnd);
    define(wanted);
    for (const int32_t isa : levels()) {
        for (const int32_t threads : {1, 3}) {
            INFO(c.shape.line, " on ", level_name(isa), ", ", threads, " threads");
            const Context context = context_of(isa, threads);
            const Edge edge = threads == 1 ? Edge::kEnd : Edge::kStart;
            Memory all(c, edge), none(c, edge);
            all.run(context.get(), true);
            CHECK(first_difference(wanted.y.copy(), all.y.copy()) == -1);
            CHECK(first_difference(wanted.kept.copy(), all.kept.copy()) == -1);
            none.run(context.get(), false);
            CHECK(first_difference(wanted.y.copy(), none.y.copy()) == -1);
        }
    }
}

std::vector<double> doubles(const std::vector<float>& values) { return {values.begin(), values.end()}; }

// The states by definition, in double; the sum of dy times them is what is differentiated.
std::vector<double> defined(const Numbers& c, const std::vector<double>& x, const std::vector<double>& weights) {
    const GridCase& s = c.shape;
    const int64_t places = int64_t{s.h} * s.t;
    const std::vector<gatun_tap> taps = s.taps();
    std::vector<double> h(static_cast<size_t>(s.n * places * s.hidden));
    for (int64_t n = 0; n < s.n; ++n) {
        scalar::grid_lstm(s.way, taps.data(), static_cast<int64_t>(taps.size()), weights.data(),
                          x.data() + n * places * s.gates(), s.h, s.t, s.hidden, h.data() + n * places * s.hidden);
    }
    return h;
}

double defined_sum(const Numbers& c, const std::vector<double>& x, const std::vector<double>& weights) {
    const std::vector<double> h = defined(c, x, weights);
    double sum = 0;
    for (size_t i = 0; i < h.size(); ++i) sum += static_cast<double>(c.dy[i]) * h[i];
    return sum;
}

struct Gradients {
    std::vector<float> x, gates, weights;
};

Gradients gradients(const Numbers& c, int32_t isa, int32_t threads, Edge edge, const std::vector<float>& before) {
    const Context context = context_of(isa, threads);
    const GridCase& s = c.shape;
    Memory m(c, edge);
    FloatMap dy(s.grid(), s.hidden, s.gapx, {}, 0.0f, edge, from(c.dy));
    const bool accumulate = !before.empty();
    FloatMap dx(s.grid(), s.gates(), s.gapy, {}, 0.0f, edge,
                [&, i = size_t{0}]() mutable { return accumulate ? before[i++] : std::nanf(""); });
    m.run(context.get(), true);
    REQUIRE(gatun_grid_lstm_gradient(context.get(), s.way, &m.backward, &m.y.map(), &m.kept.map(), &dy.map(), &dx.map(),
                                     accumulate) == GATUN_OK);
    gatun_map gates = m.kept.map();
    gates.features = s.gates();
    Guarded<float> weights(std::vector<float>(c.packed.size(), 0.0f), edge);
    REQUIRE(gatun_affine_gradient(context.get(), &m.state, &m.y.map(), &gates, weights.data(), nullptr) == GATUN_OK);
    return {dx.inside(), m.kept.copy(), weights.copy()};
}

// The difference quotient of the definition at one number of x or of the weights.
double slope(const Numbers& c, size_t which, size_t i) {
    constexpr double kStep = 1e-5;
    double sums[2];
    for (const int side : {0, 1}) {
        std::array<std::vector<double>, 2> given = {doubles(c.x), doubles(c.weights)};
        given[which][i] += side == 0 ? -kStep : kStep;
        sums[side] = defined_sum(c, given[0], given[1]);
    }
    return (sums[1] - sums[0]) / (2 * kStep);
}

void check_near(double found, double wanted) { CHECK(std::fabs(found - wanted) < 2e-5 * (1 + std::fabs(wanted))); }

void check_gradient(const Numbers& c, Random& random) {
    const GridCase& s = c.shape;
    const auto taps = static_cast<int64_t>(s.taps().size());
    const std::vector<float> before = random.reals(static_cast<int64_t>(c.x.size()), -1, 1);
    for (const int32_t isa : levels()) {
        INFO(s.line, " on ", level_name(isa));
        const Gradients g = gradients(c, isa, 1, Edge::kEnd, {}), added = gradients(c, isa, 1, Edge::kEnd, before);
        for (const int32_t threads : {2, 3}) {
            const Gradients more = gradients(c, isa, threads, Edge::kStart, {});
            CHECK(first_difference(g.x, more.x) == -1);
            CHECK(first_difference(g.gates, more.gates) == -1);
            CHECK(first_difference(g.weights, more.weights) == -1);
        }
        for (size_t i = 0; i < g.x.size(); ++i) CHECK(same_bits(added.x[i], before[i] + g.x[i]));
        for (int tries = 0; tries < 8 && !c.x.empty(); ++tries) {
            const auto i = static_cast<size_t>(random.whole(0, static_cast<int64_t>(c.x.size()) - 1));
            check_near(static_cast<double>(g.x[i]), slope(c, 0, i));
            const int64_t w = random.whole(0, static_cast<int64_t>(c.weights.size()) - 1);
            const int64_t place =
                scalar::packed_at(taps, s.hidden, w / (taps * s.hidden), w / s.hidden % taps, w % s.hidden);
            check_near(static_cast<double>(g.weights[static_cast<size_t>(place)]), slope(c, 1, static_cast<size_t>(w)));
        }
    }
}

}  // namespace

TEST_CASE("grid lstm: the bits of the product and the cell, kept or not, on all levels and threads") {
    Random random("grid lstm run");
    for (const GridCase& shape : shapes()) check_run(Numbers(shape, random));
}

TEST_CASE("grid lstm: the states come near to their definition") {
    Random random("grid lstm definition");
    for (const GridCase& shape : shapes()) {
        const Numbers c(shape, random);
        Memory m(c, Edge::kEnd);
        m.run(context_of(levels().back()).get(), false);
        const std::vector<double> states = defined(c, doubles(c.x), doubles(c.weights));
        const std::vector<float> found = m.y.inside();
        REQUIRE(found.size() == states.size());
        INFO(shape.line);
        for (size_t i = 0; i < found.size(); ++i) {
            REQUIRE(std::fabs(static_cast<double>(found[i]) - states[i]) < 5e-6);
        }
    }
}

TEST_CASE("grid lstm: gradients come near to differences, with the same bits on 1, 2 and 3 threads") {
    Random random("grid lstm gradient");
    for (const GridCase& shape : shapes()) check_gradient(Numbers(shape, random), random);
}

TEST_CASE("grid lstm: every place is in one line, after the places that it reads") {
    for (const GridCase& s : shapes()) {
        const GridWalk walk(s.way, s.h, s.t);
        std::vector<int64_t> line_of(static_cast<size_t>(s.h * s.t), -1);
        const auto place = [&](int64_t i, int64_t j) -> int64_t& { return line_of[static_cast<size_t>(i * s.t + j)]; };
        INFO(s.line);
        for (int64_t k = 0; k < walk.lines(); ++k) {
            const GridLine line = walk.line(k);
            REQUIRE(line.count >= 1);
            REQUIRE(line.slot + line.count <= walk.slots());
            for (int64_t p = 0; p < line.count; ++p) {
                const int64_t i = line.row + p * line.down, j = line.column + p * line.right;
                REQUIRE(place(i, j) == -1);
                place(i, j) = k;
                for (const gatun_tap& tap : s.taps()) {
                    const int64_t above = i + tap.row, beside = j + tap.column;
                    if (above < 0 || above >= s.h || beside < 0 || beside >= s.t) continue;
                    REQUIRE(place(above, beside) >= 0);
                    REQUIRE(place(above, beside) < k);
                }
            }
        }
        CHECK(std::count(line_of.begin(), line_of.end(), -1) == 0);
    }
}

}  // namespace gatun::check
