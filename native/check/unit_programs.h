// Programs of dense layers, of a chain of positions in an order of its own.
#pragma once

#include "step_programs.h"

namespace gatun::check {

class UnitBuilder : public ProgramBuilder {
protected:
    UnitBuilder(int32_t length, Random& random, int32_t precision) : ProgramBuilder(random, precision) {
        chain = length;
        places.resize(static_cast<size_t>(chain));
        std::iota(places.begin(), places.end(), 0);
        for (int32_t i = chain - 1; i > 0; --i) {
            std::swap(places[static_cast<size_t>(i)], places[static_cast<size_t>(whole(0, i))]);
        }
    }
    int32_t whole(int32_t low, int32_t high) { return static_cast<int32_t>(random_.whole(low, high)); }

    const float* weights(int64_t count, double size) {
        std::vector<float>& all = numbers_of(count, size);
        round_to(precision_, 1, all);
        return all.data();
    }
    int32_t sums(int32_t units) {
        const int32_t width = (units + 15) / 16 * 16, to = slot(2 * width);
        gatun_step_operation& op = add(GATUN_STEP_BROADCAST, -1, to, 0, 2 * width, {});
        op.bias = numbers(2 * width, 0.5);
        op.every = INT32_MAX;
        return to;
    }
    int32_t value() {
        const int32_t to = slot(1);
        add(GATUN_STEP_ENCODE, -1, to, 0, 1, {}).weights = numbers(distribution.levels, 1);
        return to;
    }

    // Of whole sixteens of units.
    void add_nade(int32_t width) {
        distribution = {GATUN_BERNOULLI, 2, 0, 0};
        const int32_t hidden = sums(width), logit = slot(1);
        gatun_step_operation& read = add(GATUN_STEP_NADE, hidden, logit, width, 1, {});
        read.weights = weights(chain * width, 1);
        read.bias = numbers(chain, 1);
        add(GATUN_STEP_DRAW, logit, -1, 0, 0, {0});
        gatun_step_operation& push = add(GATUN_STEP_NADE, value(), hidden, 1, width, {});
        push.argument = 1;
        push.weights = weights(chain * width, 1);
    }

    void add_units(int32_t hidden, int32_t top, int32_t units, int32_t outputs, const std::vector<int32_t>& table,
                   const float* weights, int32_t activation, bool before) {
        gatun_step_operation& op = add(GATUN_STEP_PUSH_UNITS, hidden, top, units, outputs, table);
        op.weights = weights;
        op.argument = activation + (before ? GATUN_SIGMOID + 1 : 0);
        if (before) op.every = INT32_MAX;
    }
};

// MADE with one hidden layer, over values or levels, or NADE; in an order of its own.
class UnitProgram : public UnitBuilder {
public:
    explicit UnitProgram(Random& random, int32_t precision = GATUN_F32)
        : UnitBuilder(whole_of(random, 1, 25), random, precision) {
        if (whole(0, 2) == 0) {
            add_nade(whole(1, 10) * 16);
        } else {
            add_made(whole(0, 1) == 0);
        }
    }

private:
    static int32_t whole_of(Random& random, int32_t low, int32_t high) {
        return static_cast<int32_t>(random.whole(low, high));
    }
    // Hidden units of degrees 0 .. chain - 1, as many of each; those of degree d see the first d positions and feed the
    // outputs from position d on.
    void add_made(bool of_levels) {
        distribution = {GATUN_CATEGORICAL, whole(2, 5), 0, 0};
        const int32_t each = distribution.levels, outputs = each * chain;
        std::vector<int32_t> begins, firsts, below;
        for (int32_t degree = 0; degree <= chain; ++degree) {
            begins.push_back(begins.empty() ? 0 : begins.back() + whole(0, 7));
        }
        const int32_t units = std::max(begins.back(), 1);
        for (int32_t degree = 0; degree < chain; ++degree) {
            firsts.push_back(degree * each);
            below.push_back(degree + 1 < chain ? begins[static_cast<size_t>(degree) + 1] : begins.back());
        }
        std::vector<int32_t> table = begins;
        table.insert(table.end(), firsts.begin(), firsts.end());
        const int32_t hidden = sums(units), top = sums(outputs), drawn = slot(each);
        const int64_t hidden_width = (units + 15) / 16 * 16, width = (outputs + 15) / 16 * 16;
        const float* upper = weights(units * width, 1);
        const int32_t activation = whole(GATUN_RELU, GATUN_SIGMOID);
        add_units(hidden, top, units, outputs, table, upper, activation, true);
        add(GATUN_STEP_FINISH, top, drawn, 0, each, {});
        add(GATUN_STEP_DRAW, drawn, -1, 0, 0, {0});
        if (of_levels) {
            const int32_t level = slot(1, 1, 1);
            add(GATUN_STEP_LEVEL, -1, level, 0, 1, {});
            gatun_step_operation& op = add(GATUN_STEP_PUSH_LEVEL, level, hidden, chain * each, units, below);
            op.argument = each;
            op.weights = weights(chain * each * hidden_width, 1);
        } else {
            add(GATUN_STEP_PUSH_VALUE, value(), hidden, chain, units, below).weights = weights(chain * hidden_width, 1);
        }
        add_units(hidden, top, units, outputs, table, upper, activation, false);
    }
};

// NADE, or MADE with one hidden layer and weights from the data to the outputs, over data of two levels.
class BinaryProgram : public UnitBuilder {
public:
    BinaryProgram(bool made, int32_t length, int32_t units, Random& random, int32_t precision = GATUN_F32)
        : UnitBuilder(length, random, precision) {
        if (made) {
            add_made(units);
        } else {
            add_nade((units + 15) / 16 * 16);
        }
    }

private:
    // Degrees 1 .. chain - 1, as evenly as can be.
    void add_made(int32_t units) {
        distribution = {GATUN_BERNOULLI, 2, 0, 0};
        std::vector<int32_t> table, from, all;
        for (int32_t degree = 0; degree < chain; ++degree) {
            table.push_back(degree == 0 ? 0 : static_cast<int32_t>(int64_t{units} * (degree - 1) / (chain - 1)));
            from.push_back(degree);
            all.push_back(degree + 1);
        }
        table.push_back(units);
        table.insert(table.end(), from.begin(), from.end());
        const int32_t hidden = sums(units), top = sums(chain), direct = sums(chain), logit = slot(1);
        const int64_t hidden_width = (units + 15) / 16 * 16, width = (chain + 15) / 16 * 16;
        add(GATUN_STEP_FINISH, top, logit, 0, 1, {});
        add(GATUN_STEP_FINISH, direct, logit, 0, 1, {}).argument = 1;
        add(GATUN_STEP_DRAW, logit, -1, 0, 0, {0});
        const int32_t x = value();
        add(GATUN_STEP_PUSH_VALUE, x, hidden, chain, units, from_of(table)).weights = weights(chain * hidden_width, 1);
        add(GATUN_STEP_PUSH_VALUE, x, direct, chain, chain, all).weights = weights(chain * width, 1);
        add_units(hidden, top, units, chain, table, weights(units * width, 0.1), GATUN_RELU, false);
    }
    // The first unit that sees each position: the first of those of the next degree.
    std::vector<int32_t> from_of(const std::vector<int32_t>& table) const {
        return {table.begin() + 1, table.begin() + 1 + chain};
    }
};

}  // namespace gatun::check
