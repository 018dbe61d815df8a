// Recurrent layers: the bits of the product with the state and of the cell's kernel, whatever the level, the threads
// and what is kept; the kernel near its definition; gradients near the definition's differences.
#include <doctest/doctest.h>

#include <array>

#include "affine_shape.h"
#include "ops/recurrent/recurrent.h"

namespace gatun::check {
namespace {

// One line of shapes/recurrent.txt, which says what the keys mean.
struct CellShape {
    std::string line;
    int32_t cell = GATUN_CELL_TANH, n = 1, t = 1, hidden = 1, gapx = 0, gapy = 0, gapk = 0, bias = 1;

    static CellShape parse(const std::string& text) {
        CellShape shape;
        shape.line = text;
        std::istringstream words(text);
        for (std::string word; words >> word;) {
            const size_t equals = word.find('=');
            const std::string key = word.substr(0, equals), value = word.substr(equals + 1);
            if (key == "cell") {
                shape.cell = value == "tanh" ? GATUN_CELL_TANH : value == "gru" ? GATUN_CELL_GRU : GATUN_CELL_LSTM;
                continue;
            }
            int32_t* field = shape.field(key);
            if (equals == std::string::npos || field == nullptr) throw std::runtime_error("no shape: " + text);
            *field = std::stoi(value);
        }
        return shape;
    }

    int32_t gates() const { return static_cast<int32_t>(cell_gates(cell)) * hidden; }
    int32_t kept() const { return static_cast<int32_t>(cell_kept(cell)) * hidden; }
    int64_t packed() const { return (gates() + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES * int64_t{hidden}; }
    int64_t packed_back() const { return (hidden + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES * int64_t{gates()}; }
    AffineShape grid(int32_t columns) const {
        AffineShape s;
        s.n = n;
        s.t = columns;
        return s;
    }

private:
    int32_t* field(const std::string& key) {
        if (key == "n") return &n;
        if (key == "t") return &t;
        if (key == "hidden") return &hidden;
        if (key == "gapx") return &gapx;
        if (key == "gapy") return &gapy;
        if (key == "gapk") return &gapk;
        return key == "bias" ? &bias : nullptr;
    }
};

std::vector<CellShape> shapes() {
    std::ifstream lines(std::filesystem::path(__FILE__).parent_path() / "shapes" / "recurrent.txt");
    if (!lines) throw std::runtime_error("no shapes of recurrent layers");
    std::vector<CellShape> all;
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty() && line[0] != '#') all.push_back(CellShape::parse(line));
    }
    return all;
}

const Halo kBefore = {0, 0, 1, 0};
constexpr gatun_tap kBack[] = {{0, -1}}, kAhead[] = {{0, 1}};

// Numbers of a case: [example][position][feature], the parameter [gates][hidden], the state before the first position.
struct Numbers {
    CellShape shape;
    std::vector<float> x, dy, parameter, bias, h, c, packed, back;

    Numbers(const CellShape& s, Random& random) : shape(s) {
        const double size = 2 / std::sqrt(static_cast<double>(s.hidden));
        x = random.reals(int64_t{s.n} * s.t * s.gates(), -2, 2);
        dy = random.reals(int64_t{s.n} * s.t * s.hidden, -1, 1);
        parameter = random.reals(int64_t{s.gates()} * s.hidden, -size, size);
        bias = random.reals(s.gates(), -1, 1);
        h = random.reals(int64_t{s.n} * s.hidden, -1, 1);
        c = random.reals(int64_t{s.n} * s.hidden, -1, 1);
        packed.assign(static_cast<size_t>(s.packed()), 0);
        back.assign(static_cast<size_t>(s.packed_back()), 0);
        for (int64_t o = 0; o < s.gates(); ++o) {
            for (int64_t i = 0; i < s.hidden; ++i) {
                const float w = parameter[static_cast<size_t>(o * s.hidden + i)];
                packed[static_cast<size_t>(scalar::packed_at(1, s.hidden, o, 0, i))] = w;
                back[static_cast<size_t>(scalar::packed_at(1, s.gates(), i, 0, o))] = w;
            }
        }
    }
};

auto from(const std::vector<float>& values) {
    return [&values, i = size_t{0}]() mutable { return values[i++]; };
}
constexpr auto kPoison = [] { return std::nanf(""); };

// A case's memory between guard pages.
struct Memory {
    const Numbers& numbers;
    Guarded<float> weights, bias, back;
    FloatMap x, y, kept;
    gatun_affine state, backward;

    Memory(const Numbers& c, int32_t kept_columns, Edge edge)
        : numbers(c),
          weights(c.packed, edge),
          bias(c.bias, edge),
          back(c.back, edge),
          x(c.shape.grid(c.shape.t), c.shape.gates(), c.shape.gapx, {}, 0.0f, edge, from(c.x)),
          y(c.shape.grid(c.shape.t), c.shape.hidden, c.shape.gapy, kBefore, 0.0f, edge, kPoison),
          kept(c.shape.grid(kept_columns), c.shape.kept(), c.shape.gapk, kBefore, std::nanf(""), edge, kPoison),
          state{
              weights.data(), c.shape.bias != 0 ? bias.data() : nullptr, kBack, 1, c.shape.hidden, c.shape.gates(), 0},
          backward{back.data(), nullptr, kAhead, 1, c.shape.gates(), c.shape.hidden, 0} {
        for (int64_t n = 0; n < c.shape.n; ++n) {
            const int64_t hidden = c.shape.hidden;
            std::copy_n(c.h.begin() + n * hidden, hidden, at(y.map(), n, -1));
            if (c.shape.cell == GATUN_CELL_LSTM) {
                std::copy_n(c.c.begin() + n * hidden, hidden, at(kept.map(), n, -1) + c.shape.gates());
            }
        }
    }

    static float* at(const gatun_map& map, int64_t n, int64_t t) {
        return map.data + n * map.stride_example + t * map.stride_column;
    }
    void run(gatun_context* context) {
        REQUIRE(gatun_recurrent_run(context, numbers.shape.cell, &state, &x.map(), &y.map(), &kept.map()) == GATUN_OK);
    }
};

// Position by position, example by example: the affine definition, then the cell's kernel.
void define(Memory& m, int32_t isa) {
    const CellShape& s = m.numbers.shape;
    std::vector<float> gates(static_cast<size_t>(s.gates()));
    for (int64_t t = 0; t < s.t; ++t) {
        for (int64_t n = 0; n < s.n; ++n) {
            for (int32_t o = 0; o < s.gates(); ++o) {
                gates[static_cast<size_t>(o)] = scalar::affine_output(m.state, m.y.map(), n, 0, t, o);
            }
            float* kept = Memory::at(m.kept.map(), n, t);
            const float* before = Memory::at(m.kept.map(), n, t - 1);
            const float* c = s.cell == GATUN_CELL_LSTM ? before + s.gates() : before;
            GATUN_PICK(isa, recurrent_kernels)
                .run(s.cell, {Memory::at(m.x.map(), n, t), 0, gates.data(), 0, Memory::at(m.y.map(), n, t - 1), 0, c, 0,
                              kept, 0, Memory::at(m.y.map(), n, t), 0, s.hidden, 1});
        }
    }
}

void check_run(const Numbers& c) {
    Memory wanted(c, c.shape.t, Edge::kEnd);
    define(wanted, GATUN_ISA_BASELINE);
    for (const int32_t isa : levels()) {
        for (const int32_t threads : {1, 3}) {
            INFO(c.shape.line, " on ", level_name(isa), ", ", threads, " threads");
            const Context context = context_of(isa, threads);
            const Edge edge = threads == 1 ? Edge::kEnd : Edge::kStart;
            Memory all(c, c.shape.t, edge), last(c, 1, edge);
            all.run(context.get());
            CHECK(first_difference(wanted.y.inside(), all.y.inside()) == -1);
            CHECK(first_difference(wanted.kept.inside(), all.kept.inside()) == -1);
            last.run(context.get());
            CHECK(first_difference(wanted.y.inside(), last.y.inside()) == -1);
            if (c.shape.cell != GATUN_CELL_LSTM || c.shape.t == 0) continue;
            for (int64_t n = 0; n < c.shape.n; ++n) {
                const float* c_wanted = Memory::at(wanted.kept.map(), n, c.shape.t - 1) + c.shape.gates();
                const float* c_found = Memory::at(last.kept.map(), n, 0) + c.shape.gates();
                CHECK(std::equal(c_wanted, c_wanted + c.shape.hidden, c_found));
            }
        }
    }
}

// The whole layer by definition, in double: the sum of dy * y, which is what is differentiated, and the states.
double defined_sum(const Numbers& c, const std::vector<double>& x, const std::vector<double>& bias,
                   const std::vector<double>& parameter, std::vector<double>* states) {
    const CellShape& s = c.shape;
    const auto gates = static_cast<size_t>(s.gates()), hidden = static_cast<size_t>(s.hidden);
    std::vector<double> part(gates), h(hidden), cell(hidden);
    double sum = 0;
    for (size_t n = 0; n < static_cast<size_t>(s.n); ++n) {
        for (size_t j = 0; j < hidden; ++j) {
            h[j] = static_cast<double>(c.h[n * hidden + j]);
            cell[j] = static_cast<double>(c.c[n * hidden + j]);
        }
        for (size_t t = 0; t < static_cast<size_t>(s.t); ++t) {
            const size_t position = n * static_cast<size_t>(s.t) + t;
            for (size_t o = 0; o < gates; ++o) {
                part[o] = s.bias != 0 ? bias[o] : 0;
                for (size_t j = 0; j < hidden; ++j) part[o] += parameter[o * hidden + j] * h[j];
            }
            scalar::cell(s.cell, x.data() + position * gates, part.data(), h.data(), cell.data(), s.hidden);
            for (size_t j = 0; j < hidden; ++j) sum += static_cast<double>(c.dy[position * hidden + j]) * h[j];
            if (states != nullptr) states->insert(states->end(), h.begin(), h.end());
        }
    }
    return sum;
}

std::vector<double> doubles(const std::vector<float>& values) { return {values.begin(), values.end()}; }

struct Gradients {
    std::vector<float> x, state, weights, bias;
};

Gradients gradients(const Numbers& c, int32_t isa, int32_t threads, Edge edge, const std::vector<float>& before) {
    const Context context = context_of(isa, threads);
    const CellShape& s = c.shape;
    Memory m(c, s.t, edge);
    FloatMap dy(s.grid(s.t), s.hidden, s.gapx, {}, 0.0f, edge, from(c.dy));
    const bool accumulate = !before.empty();
    FloatMap dx(s.grid(s.t), s.gates(), s.gapy, {}, 0.0f, edge,
                [&, i = size_t{0}]() mutable { return accumulate ? before[i++] : std::nanf(""); });
    m.run(context.get());
    REQUIRE(gatun_recurrent_gradient(context.get(), s.cell, &m.backward, &m.y.map(), &m.kept.map(), &dy.map(),
                                     &dx.map(), accumulate) == GATUN_OK);
    gatun_map gates = m.kept.map();
    gates.features = s.gates();
    Guarded<float> weights(std::vector<float>(static_cast<size_t>(s.packed()), 0.0f), edge);
    Guarded<float> bias(std::vector<float>(static_cast<size_t>(s.gates()), 0.0f), edge);
    REQUIRE(gatun_affine_gradient(context.get(), &m.state, &m.y.map(), &gates, weights.data(), bias.data()) ==
            GATUN_OK);
    return {dx.inside(), m.kept.inside(), weights.copy(), bias.copy()};
}

// The difference quotient of the definition at one number.
double slope(const Numbers& c, int which, size_t i) {
    constexpr double kStep = 1e-5;
    double sums[2];
    for (const int side : {0, 1}) {
        std::array<std::vector<double>, 3> given = {doubles(c.x), doubles(c.bias), doubles(c.parameter)};
        given[static_cast<size_t>(which)][i] += side == 0 ? -kStep : kStep;
        sums[side] = defined_sum(c, given[0], given[1], given[2], nullptr);
    }
    return (sums[1] - sums[0]) / (2 * kStep);
}

void check_near(double found, double wanted) { CHECK(std::fabs(found - wanted) < 2e-5 * (1 + std::fabs(wanted))); }

void check_gradient(const Numbers& c, Random& random) {
    const CellShape& s = c.shape;
    const std::vector<float> before = random.reals(static_cast<int64_t>(c.x.size()), -1, 1);
    for (const int32_t isa : levels()) {
        INFO(s.line, " on ", level_name(isa));
        const Gradients g = gradients(c, isa, 1, Edge::kEnd, {}), added = gradients(c, isa, 1, Edge::kEnd, before);
        for (const int32_t threads : {2, 3}) {
            const Gradients more = gradients(c, isa, threads, Edge::kStart, {});
            CHECK(first_difference(g.x, more.x) == -1);
            CHECK(first_difference(g.state, more.state) == -1);
            CHECK(first_difference(g.weights, more.weights) == -1);
            CHECK(first_difference(g.bias, more.bias) == -1);
        }
        for (size_t i = 0; i < g.x.size(); ++i) CHECK(same_bits(added.x[i], before[i] + g.x[i]));
        for (int tries = 0; tries < 12 && !c.x.empty(); ++tries) {
            const auto any = [&](const auto& v) {
                return static_cast<size_t>(random.whole(0, static_cast<int64_t>(v.size()) - 1));
            };
            const size_t i = any(c.x), b = any(c.bias), w = any(c.parameter);
            check_near(static_cast<double>(g.x[i]), slope(c, 0, i));
            if (s.bias != 0) check_near(static_cast<double>(g.bias[b]), slope(c, 1, b));
            const auto hidden = static_cast<size_t>(s.hidden);
            const auto at = static_cast<size_t>(
                scalar::packed_at(1, s.hidden, static_cast<int64_t>(w / hidden), 0, static_cast<int64_t>(w % hidden)));
            check_near(static_cast<double>(g.weights[at]), slope(c, 2, w));
        }
    }
}

}  // namespace

TEST_CASE("recurrent: the bits of the product and the cell, whatever is kept, on all levels and threads") {
    Random random("recurrent run");
    for (const CellShape& shape : shapes()) check_run(Numbers(shape, random));
}

TEST_CASE("recurrent: the states come near to their definition") {
    Random random("recurrent definition");
    for (const CellShape& shape : shapes()) {
        const Numbers c(shape, random);
        Memory m(c, shape.t, Edge::kEnd);
        m.run(context_of(levels().back()).get());
        std::vector<double> states;
        defined_sum(c, doubles(c.x), doubles(c.bias), doubles(c.parameter), &states);
        const std::vector<float> found = m.y.inside();
        REQUIRE(found.size() == states.size());
        INFO(shape.line);
        for (size_t i = 0; i < found.size(); ++i) {
            REQUIRE(std::fabs(static_cast<double>(found[i]) - states[i]) < 5e-6);
        }
    }
}

TEST_CASE("recurrent: gradients come near to differences, with the same bits on 1, 2 and 3 threads") {
    Random random("recurrent gradient");
    for (const CellShape& shape : shapes()) check_gradient(Numbers(shape, random), random);
}

TEST_CASE("recurrent: a sequence in two pieces, its state carried over, has the bits of one") {
    Random random("recurrent pieces");
    for (const CellShape& shape : shapes()) {
        if (shape.t < 2) continue;
        const Numbers c(shape, random);
        const Context context = context_of(levels().back(), 2);
        Memory whole(c, 1, Edge::kEnd), pieces(c, 1, Edge::kEnd);
        whole.run(context.get());
        const int32_t first = shape.t / 2;
        gatun_map x = pieces.x.map(), y = pieces.y.map();
        const gatun_map& kept = pieces.kept.map();
        x.columns = y.columns = first;
        REQUIRE(gatun_recurrent_run(context.get(), shape.cell, &pieces.state, &x, &y, &kept) == GATUN_OK);
        for (int64_t n = 0; n < shape.n; ++n) {
            std::copy_n(Memory::at(kept, n, 0), shape.kept(), Memory::at(kept, n, -1));
        }
        x.data = Memory::at(x, 0, first);  // y's column before is the halo of the rest
        y.data = Memory::at(y, 0, first);
        x.columns = y.columns = shape.t - first;
        REQUIRE(gatun_recurrent_run(context.get(), shape.cell, &pieces.state, &x, &y, &kept) == GATUN_OK);
        INFO(shape.line);
        CHECK(first_difference(whole.y.inside(), pieces.y.inside()) == -1);
    }
}

}  // namespace gatun::check
