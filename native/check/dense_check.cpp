// Masked dense layers: outputs bit for bit as defined, on every level and any number of threads, all at once and pushed
// input by input; gradients; what is masked is neither read nor written.
#include <doctest/doctest.h>

#include "dense_shape.h"
#include "ops/dense/dense.h"

namespace gatun::check {
namespace {

// A layer with numbers: reals, or whole ones with which every sum is exact. Masked weights are no numbers.
struct Case {
    DenseShape shape;
    bool whole;
    int32_t inputs;  // of all levels
    std::vector<int32_t> seen, rows, columns, levels;
    std::vector<float> weights, bias, x, dy, before;

    Case(const DenseShape& s, bool exact, Random& random)
        : shape(s),
          whole(exact),
          inputs(s.inputs * s.levels),
          seen(static_cast<size_t>(s.outputs)),
          rows(shuffled(s.outputs, random)),
          columns(shuffled(inputs, random)) {
        for (int32_t& count : seen) count = static_cast<int32_t>(random.whole(0, s.inputs)) * s.levels;
        std::sort(seen.begin(), seen.end());
        bias = draw(random, s.outputs);
        dy = draw(random, int64_t{s.examples} * s.outputs);
        before = draw(random, int64_t{s.examples} * inputs);
        weights.assign(static_cast<size_t>(s.outputs) * static_cast<size_t>(inputs), std::nanf(""));
        for (size_t o = 0; o < seen.size(); ++o) {
            const std::vector<float> row = draw(random, seen[o]);
            for (size_t i = 0; i < row.size(); ++i) weights[at(o, i)] = row[i];
        }
        x.assign(before.size(), 0.0f);
        for (int64_t n = 0; n < int64_t{s.examples} * s.inputs; ++n) {
            if (s.levels == 1) {
                x[static_cast<size_t>(n)] = random.whole(0, 3) == 0 ? 0.0f : draw(random, 1)[0];
                continue;
            }
            levels.push_back(static_cast<int32_t>(random.whole(0, s.levels - 1)));
            x[static_cast<size_t>(n * s.levels + levels.back())] = 1.0f;
        }
    }
    size_t at(size_t output, size_t input) const {
        return static_cast<size_t>(rows[output]) * static_cast<size_t>(inputs) + static_cast<size_t>(columns[input]);
    }
    gatun_dense dense() const { return {seen.data(), rows.data(), columns.data(), inputs, inputs, shape.outputs}; }
    std::vector<float> wanted() const {
        std::vector<float> y;
        for (int32_t n = 0; n < shape.examples; ++n) {
            for (int32_t o = 0; o < shape.outputs; ++o) {
                y.push_back(
                    scalar::dense_output(dense(), weights.data(), bias.data(), x.data() + int64_t{n} * inputs, o));
            }
        }
        return y;
    }

private:
    std::vector<float> draw(Random& random, int64_t count) const {
        return whole ? random.wholes(count) : random.reals(count, -2, 2);
    }
};

std::vector<Case> cases(Random& random, bool whole) {
    std::vector<Case> all;
    for (const DenseShape& shape : dense_shapes(random, 60)) all.emplace_back(shape, whole, random);
    return all;
}

struct Packed {
    int64_t blocks;
    Guarded<float> weights, bias;

    Packed(const Case& c, gatun_context* context)
        : blocks(blocks_of_lanes(c.shape.outputs)),
          weights(blocks * GATUN_LANES * c.inputs),
          bias(blocks * GATUN_LANES) {
        const gatun_dense dense = c.dense();
        REQUIRE(gatun_dense_pack(context, &dense, c.weights.data(), c.bias.data(), weights.data(), bias.data()) ==
                GATUN_OK);
    }
};

std::vector<float> run(const Case& c, int32_t isa, int32_t threads, Edge edge) {
    const Context context = context_of(isa, threads);
    Packed packed(c, context.get());
    const gatun_dense dense = c.dense();
    Rows<float> y({}, c.shape.examples, c.shape.outputs, threads == 1 ? 0 : 3, edge);
    const gatun_map to = y.map<gatun_map>(false);
    if (c.shape.levels > 1) {
        Rows<int32_t> x(c.levels, c.shape.examples, c.shape.inputs, threads == 1 ? 0 : 5, edge);
        const gatun_levels from = x.map<gatun_levels>(true);
        REQUIRE(gatun_dense_lookup(context.get(), &dense, packed.weights.data(), packed.bias.data(), &from, &to) ==
                GATUN_OK);
    } else {
        Rows<float> x(c.x, c.shape.examples, c.inputs, threads == 1 ? 0 : 5, edge);
        const gatun_map from = x.map<gatun_map>(threads == 1);
        REQUIRE(gatun_dense_run(context.get(), &dense, packed.weights.data(), packed.bias.data(), &from, &to) ==
                GATUN_OK);
    }
    return y.inside();
}

// Input by input into running sums, as a step program does.
std::vector<float> pushed(const Case& c, int32_t isa) {
    const Context context = context_of(isa, 1);
    const DenseKernels& kernels = GATUN_PICK(isa, dense_kernels);
    Packed packed(c, context.get());
    const gatun_dense dense = c.dense();
    const int64_t width = packed.blocks * GATUN_LANES, streams = c.shape.examples;
    Guarded<float> columns(width * c.inputs), sums(2 * width * streams), y(streams * c.shape.outputs);
    REQUIRE(gatun_dense_pack_columns(context.get(), &dense, c.weights.data(), columns.data()) == GATUN_OK);
    for (int64_t i = 0; i < sums.size(); ++i) sums[i] = i / width % 2 == 0 ? packed.bias[i % width] : 0.0f;
    for (int64_t i = 0; i < c.shape.inputs; ++i) {
        const int64_t input = i * c.shape.levels;
        const int64_t first = std::upper_bound(c.seen.begin(), c.seen.end(), input) - c.seen.begin();
        const PushTarget target = {sums.data(), width, first, c.shape.outputs};
        if (c.shape.levels > 1) {
            kernels.push_level(target, columns.data(), input, c.levels.data() + i, c.shape.inputs, streams);
        } else {
            kernels.push(target, columns.data() + i * width, i % 2, c.x.data() + i, c.inputs, streams);
        }
    }
    kernels.finish(sums.data(), width, 0, c.shape.outputs, y.data(), c.shape.outputs, streams, false);
    return y.copy();
}

struct Gradients {
    std::vector<float> weights, bias, x;
};

Gradients gradients(const Case& c, int32_t isa, int32_t threads, bool accumulate) {
    const Context context = context_of(isa, threads);
    const gatun_dense dense = c.dense();
    const Edge edge = threads == 1 ? Edge::kEnd : Edge::kStart;
    Guarded<float> weights(std::vector<float>(c.weights.size(), 1.0f), edge), bias(c.bias, edge);
    Guarded<float> scratch(gatun_dense_scratch(&dense));
    Guarded<float> transposed(blocks_of_lanes(c.inputs) * GATUN_LANES * c.shape.outputs);
    Rows<float> dy(c.dy, c.shape.examples, c.shape.outputs, 0, edge);
    Rows<float> x(c.x, c.shape.examples, c.inputs, 0, edge), dx(c.before, c.shape.examples, c.inputs, 2, edge);
    const gatun_map dy_map = dy.map<gatun_map>(false), x_map = x.map<gatun_map>(false);
    const gatun_map dx_map = dx.map<gatun_map>(false);
    if (c.shape.levels > 1) {
        Rows<int32_t> levels(c.levels, c.shape.examples, c.shape.inputs, 0, edge);
        const gatun_levels from = levels.map<gatun_levels>(true);
        REQUIRE(gatun_dense_lookup_gradient(context.get(), &dense, &from, &dy_map, weights.data(), bias.data(),
                                            scratch.data()) == GATUN_OK);
    } else {
        REQUIRE(gatun_dense_gradient(context.get(), &dense, &x_map, &dy_map, weights.data(), bias.data(),
                                     scratch.data()) == GATUN_OK);
    }
    REQUIRE(gatun_dense_pack_transposed(context.get(), &dense, c.weights.data(), transposed.data()) == GATUN_OK);
    REQUIRE(gatun_dense_input_gradient(context.get(), &dense, transposed.data(), &dy_map, &dx_map,
                                       accumulate ? 1 : 0) == GATUN_OK);
    return {weights.copy(), bias.copy(), dx.inside()};
}

void check_near(const std::vector<float>& found, const std::vector<float>& start, const std::vector<scalar::Sum>& sums,
                double rounding) {
    for (size_t i = 0; i < found.size(); ++i) {
        const double before = static_cast<double>(start[i]);
        INFO("element ", i, ": found ", found[i], ", wanted ", before + sums[i].value);
        REQUIRE(std::fabs(static_cast<double>(found[i]) - (before + sums[i].value)) <=
                rounding * (std::fabs(before) + sums[i].size));
    }
}

void check_gradients(const Case& c, const Gradients& found, bool accumulate) {
    std::vector<scalar::Sum> dw(c.weights.size()), db(c.bias.size()), dx(c.x.size());
    for (int32_t n = 0; n < c.shape.examples; ++n) {
        const int64_t from = int64_t{n} * c.inputs;
        scalar::dense_gradient(c.dense(), c.weights.data(), c.x.data() + from, c.dy.data() + n * c.shape.outputs,
                               dw.data(), db.data(), dx.data() + from);
    }
    const double each = c.whole ? 0 : 0x1p-22;
    check_near(found.weights, std::vector<float>(c.weights.size(), 1.0f), dw, each * (c.shape.examples + 2));
    check_near(found.bias, c.bias, db, each * (c.shape.examples + 2));
    check_near(found.x, accumulate ? c.before : std::vector<float>(c.before.size()), dx, each * (c.shape.outputs + 2));
}

}  // namespace

TEST_CASE("dense: outputs have the bits of the definition, all at once and pushed") {
    Random random("dense");
    for (const Case& c : cases(random, false)) {
        const std::vector<float> wanted = c.wanted();
        for (const int32_t isa : levels()) {
            INFO(c.shape.line(), " on ", level_name(isa));
            CHECK(first_difference(wanted, run(c, isa, 1, Edge::kEnd)) == -1);
            CHECK(first_difference(wanted, run(c, isa, 3, Edge::kStart)) == -1);
            CHECK(first_difference(wanted, pushed(c, isa)) == -1);
        }
    }
}

TEST_CASE("dense: gradients") {
    for (const bool whole : {true, false}) {
        Random random("dense gradients");
        for (const Case& c : cases(random, whole)) {
            for (const int32_t isa : levels()) {
                INFO(c.shape.line(), " on ", level_name(isa));
                const Gradients one = gradients(c, isa, 1, whole);
                check_gradients(c, one, whole);
                const Gradients three = gradients(c, isa, 3, whole);
                CHECK(first_difference(one.weights, three.weights) == -1);
                CHECK(first_difference(one.bias, three.bias) == -1);
                CHECK(first_difference(one.x, three.x) == -1);
            }
        }
    }
}

}  // namespace gatun::check
