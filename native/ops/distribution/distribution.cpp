#include "ops/distribution/distribution.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/context.h"
#include "core/maps.h"

namespace gatun {
namespace scalar {
namespace {

double log_sigmoid(double x) { return std::min(x, 0.0) - std::log1p(std::exp(-std::fabs(x))); }

double log_sum_exp(const double* x, int64_t count) {
    const double top = *std::max_element(x, x + count);
    double sum = 0;
    for (int64_t i = 0; i < count; ++i) sum += std::exp(x[i] - top);
    return top + std::log(sum);
}

double log_mass(int32_t level, int32_t levels, double mean, double log_scale) {
    const double s = std::max(log_scale, -7.0);
    const double x = 2.0 * level / (levels - 1) - 1;
    const double centre = std::exp(-s) * (x - mean);
    const double half = std::exp(-s) / (levels - 1);
    if (level == 0) return log_sigmoid(centre + half);
    if (level == levels - 1) return log_sigmoid(-(centre - half));
    const double inside = log_sigmoid(centre + half) + log_sigmoid(half - centre) + std::log(-std::expm1(-2 * half));
    if (inside > std::log(1e-5)) return inside;
    return log_sigmoid(centre) + log_sigmoid(-centre) - s - std::log((levels - 1) / 2.0);
}

double mixture_log_prob(const gatun_distribution& d, const double* outputs, int32_t level) {
    const double prior = log_sum_exp(outputs, d.components);
    double top = -HUGE_VAL;
    for (int32_t pass = 0; pass < 2; ++pass) {
        double sum = 0;
        for (int32_t k = 0; k < d.components; ++k) {
            const double* mean = outputs + d.components + k;
            const double term = outputs[k] - prior + log_mass(level, d.levels, *mean, mean[d.components]);
            if (pass == 0) top = std::max(top, term);
            sum += std::exp(term - top);
        }
        if (pass == 1) return top + std::log(sum);
    }
    return top;
}

int32_t choose(const double* logits, int32_t count, double temperature, bool mode, double u) {
    const int32_t first_largest = static_cast<int32_t>(std::max_element(logits, logits + count) - logits);
    if (mode) return first_largest;
    const double top = logits[first_largest];
    double total = 0;
    for (int32_t i = 0; i < count; ++i) total += std::exp((logits[i] - top) / temperature);
    double cumulative = 0;
    for (int32_t i = 0; i < count; ++i) {
        cumulative += std::exp((logits[i] - top) / temperature);
        if (cumulative > u * total) return i;
    }
    return count - 1;
}

// The inverse of the normal distribution function, by bisection.
double inverse_normal(double u) {
    double low = -10, high = 10;
    for (int i = 0; i < 100; ++i) {
        const double middle = (low + high) / 2;
        (0.5 * std::erfc(-middle / std::sqrt(2.0)) < u ? low : high) = middle;
    }
    return (low + high) / 2;
}

double nearest_level(const gatun_distribution& d, double mean, double log_scale, double temperature, bool mode,
                     double u1) {
    const double scale = std::exp(std::max(log_scale, -7.0));
    const double x = mode ? mean : mean + temperature * scale * (std::log(u1) - std::log(1 - u1));
    return std::floor((std::clamp(x, -1.0, 1.0) + 1) / 2 * (d.levels - 1) + 0.5);
}

double pixel_mean(const gatun_distribution& d, const double* outputs, const int32_t* levels, int channel, int32_t k) {
    const auto coefficient = [&](int c) { return std::tanh(outputs[(3 + 3 * c) * d.components + k]); };
    const auto value = [&](int c) { return 2.0 * levels[c] / (d.levels - 1) - 1; };
    const double mean = outputs[(1 + 3 * channel) * d.components + k];
    if (channel == 1) return mean + coefficient(0) * value(0);
    if (channel == 2) return mean + coefficient(1) * value(0) + coefficient(2) * value(1);
    return mean;
}

}  // namespace

double log_prob(const gatun_distribution& d, const double* outputs, int32_t level, double real) {
    switch (d.type) {
        case GATUN_BERNOULLI:
            return log_sigmoid(level == 1 ? outputs[0] : -outputs[0]);
        case GATUN_CATEGORICAL:
            return outputs[level] - log_sum_exp(outputs, d.levels);
        case GATUN_GAUSSIAN: {
            const double z = (real - outputs[0]) / std::exp(outputs[1]);
            return -0.5 * z * z - outputs[1] - 0.5 * std::log(2 * M_PI);
        }
        default:
            return mixture_log_prob(d, outputs, level);
    }
}

double draw(const gatun_distribution& d, const double* outputs, double temperature, bool mode, double u0, double u1) {
    switch (d.type) {
        case GATUN_BERNOULLI:
            return mode ? outputs[0] > 0 : u0 < 1 / (1 + std::exp(-outputs[0] / temperature));
        case GATUN_CATEGORICAL:
            return choose(outputs, d.levels, temperature, mode, u0);
        case GATUN_GAUSSIAN:
            return mode ? outputs[0] : outputs[0] + temperature * std::exp(outputs[1]) * inverse_normal(u0);
        default: {
            const double* mean = outputs + d.components + choose(outputs, d.components, temperature, mode, u0);
            return nearest_level(d, *mean, mean[d.components], temperature, mode, u1);
        }
    }
}

double pixel_log_prob(const gatun_distribution& d, const double* outputs, const int32_t* levels, int channel) {
    std::vector<double> terms(outputs, outputs + d.components);
    for (int32_t k = 0; k < d.components; ++k) {
        for (int c = 0; c <= channel; ++c) {
            const double mean = pixel_mean(d, outputs, levels, c, k);
            terms[static_cast<size_t>(k)] +=
                log_mass(levels[c], d.levels, mean, outputs[(2 + 3 * c) * d.components + k]);
        }
    }
    return log_sum_exp(terms.data(), d.components) - log_sum_exp(outputs, d.components);
}

double pixel_draw(const gatun_distribution& d, const double* outputs, const int32_t* levels, int channel,
                  double temperature, bool mode, double u0, double u1) {
    const int32_t k = choose(outputs, d.components, temperature, mode, u0);
    return nearest_level(d, pixel_mean(d, outputs, levels, channel, k), outputs[(2 + 3 * channel) * d.components + k],
                         temperature, mode, u1);
}

}  // namespace scalar

namespace {

// Places of a task, and the scratch that each task has of its own: made before any of them runs.
constexpr int64_t kMostTasks = 64;

struct Shares {
    int64_t in_task;
    int64_t tasks;

    Shares(int64_t places, int64_t floats) {
        in_task = std::max({(places + kMostTasks - 1) / kMostTasks, kTaskFloats / 16 / std::max<int64_t>(floats, 1),
                            int64_t{GATUN_LANES}});
        tasks = (places + in_task - 1) / in_task;
    }
};

// body(first, count, scratch) for shares of the places.
template <class Body>
void share(gatun_context* context, const gatun_distribution& d, int64_t places, Body&& body) {
    thread_local Scratch memory;
    const Shares shares(places, distribution_outputs(d));
    const int64_t each = distribution_scratch(d);
    float* scratch = nullptr;
    if (each > 0) scratch = static_cast<float*>(memory.bytes(static_cast<size_t>(each * shares.tasks) * sizeof(float)));
    context->pool.run(shares.tasks, [&](int64_t task) {
        const int64_t first = task * shares.in_task;
        body(first, std::min(shares.in_task, places - first), scratch + task * each);
    });
}

// body(example, first position, positions, scratch) for stretches of positions of one example.
template <class Body>
void each_example(gatun_context* context, const gatun_distribution& d, const gatun_map& outputs, Body&& body) {
    const int64_t columns = outputs.columns;
    share(context, d, int64_t{outputs.examples} * columns, [&](int64_t first, int64_t count, float* scratch) {
        while (count > 0) {
            const int64_t column = first % columns;
            const int64_t here = std::min(count, columns - column);
            body(first / columns, column, here, scratch);
            first += here;
            count -= here;
        }
    });
}

// Examples whose sums go side by side, for an addition waits for the one before it.
constexpr int64_t kBeside = 8;

template <int64_t kExamples>
void sum_examples(const float* log_prob, int64_t stride, int64_t positions, double* sums) {
    double totals[kExamples] = {};
    for (int64_t d = 0; d < positions; ++d) {
#pragma GCC unroll 8
        for (int64_t n = 0; n < kExamples; ++n) totals[n] += static_cast<double>(log_prob[n * stride + d]);
    }
    std::copy(totals, totals + kExamples, sums);
}

template <class T>
T* moved(T* p, int64_t by) {
    return p == nullptr ? nullptr : p + by;
}

}  // namespace
}  // namespace gatun

extern "C" {

int32_t gatun_log_prob(gatun_context* context, const gatun_distribution* distribution, const gatun_map* outputs,
                       const gatun_values* values, float* log_prob, int64_t stride) {
    return gatun::recordable(
        context, GATUN_CALL_LOG_PROB,
        [&](gatun::Record& r) {
            r.maps(outputs).writes(log_prob)->distribution = *distribution;
            r->values = *values;
            r->count = stride;
        },
        [&] {
            const auto kernel = GATUN_PICK(context->isa, distribution_kernels).log_prob;
            const int64_t positions = gatun::distribution_positions(*distribution);
            gatun::each_example(
                context, *distribution, *outputs, [&](int64_t example, int64_t first, int64_t count, float* scratch) {
                    const int64_t value = example * values->stride_example + first * positions;
                    kernel(*distribution, gatun::at(*outputs, example, 0, first), outputs->stride_column,
                           gatun::moved(values->levels, value), gatun::moved(values->reals, value), positions, count,
                           log_prob + example * stride + first * positions, positions, scratch);
                });
            return GATUN_OK;
        });
}

int32_t gatun_log_prob_sums(gatun_context* context, const float* log_prob, int64_t stride, int32_t examples,
                            int32_t positions, double* sums) {
    return gatun::guarded(context, [&] {
        const int64_t groups = (int64_t{examples} + gatun::kBeside - 1) / gatun::kBeside;
        context->pool.run(groups, [&](int64_t group) {
            int64_t n = group * gatun::kBeside;
            if (n + gatun::kBeside <= examples) {
                gatun::sum_examples<gatun::kBeside>(log_prob + n * stride, stride, positions, sums + n);
                return;
            }
            for (; n < examples; ++n) gatun::sum_examples<1>(log_prob + n * stride, stride, positions, sums + n);
        });
        return GATUN_OK;
    });
}

int32_t gatun_log_prob_gradient(gatun_context* context, const gatun_distribution* distribution,
                                const gatun_map* outputs, const gatun_values* values, float scale,
                                const gatun_map* gradient) {
    return gatun::recordable(
        context, GATUN_CALL_LOG_PROB_GRADIENT,
        [&](gatun::Record& r) {
            r.maps(outputs, gradient)->distribution = *distribution;
            r->values = *values;
            r->scale = scale;
        },
        [&] {
            const auto kernel = GATUN_PICK(context->isa, distribution_kernels).gradient;
            const int64_t positions = gatun::distribution_positions(*distribution);
            gatun::each_example(
                context, *distribution, *outputs, [&](int64_t example, int64_t first, int64_t count, float* scratch) {
                    const int64_t value = example * values->stride_example + first * positions;
                    kernel(*distribution, gatun::at(*outputs, example, 0, first), outputs->stride_column,
                           gatun::moved(values->levels, value), gatun::moved(values->reals, value), positions, count,
                           scale, gatun::at(*gradient, example, 0, first), gradient->stride_column, scratch);
                });
            return GATUN_OK;
        });
}

int32_t gatun_draw(gatun_context* context, const gatun_distribution* distribution, const gatun_noise* noise,
                   const gatun_map* outputs, int64_t position, const gatun_values* values) {
    return gatun::guarded(context, [&] {
        const auto kernel = GATUN_PICK(context->isa, distribution_kernels).draw;
        gatun::share(context, *distribution, outputs->examples, [&](int64_t first, int64_t count, float* scratch) {
            const int64_t value = first * values->stride_example;
            kernel(*distribution, *noise, static_cast<uint64_t>(first), position, gatun::at(*outputs, first, 0, 0),
                   outputs->stride_example, gatun::moved(values->levels, value), gatun::moved(values->reals, value),
                   values->stride_example, count, scratch);
        });
        return GATUN_OK;
    });
}
}
