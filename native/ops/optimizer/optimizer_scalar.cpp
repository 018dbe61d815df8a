// What steps of optimisers and the vector sums of training are, one value at a time: kernels are held against this, and
// nothing runs it in earnest.
#include <algorithm>
#include <cmath>

#include "ops/optimizer/optimizer.h"

namespace gatun::scalar {

Stepped optimizer_step(const gatun_optimizer& o, double p, double gradient, double first, double second) {
    const double decay = o.decoupled != 0 ? 0 : o.weight_decay;
    const double g = gradient + decay * p;
    const double g_size = std::fabs(gradient) + std::fabs(decay * p);
    const double mean_rate = o.learning_rate / (1 - std::pow(o.beta1, static_cast<double>(o.step)));
    double update = g;
    double size = g_size;
    switch (o.kind) {
        case GATUN_SGD:
            if (o.momentum != 0) {
                first = o.momentum * first + g;
                update = o.nesterov != 0 ? g + o.momentum * first : first;
                size += std::fabs(first);
            }
            update *= o.learning_rate;
            size *= o.learning_rate;
            break;
        case GATUN_RMSPROP: {
            second = o.beta2 * second + (1 - o.beta2) * g * g;
            const double root = std::sqrt(second) + o.epsilon;
            update = g / root;
            size = g_size / root;
            if (o.momentum != 0) {
                first = o.momentum * first + update;
                size += std::fabs(first);
                update = first;
            }
            update *= o.learning_rate;
            size *= o.learning_rate;
            break;
        }
        default: {
            size += std::fabs(first);
            first = o.beta1 * first + (1 - o.beta1) * g;
            double below;
            if (o.kind == GATUN_ADAM) {
                second = o.beta2 * second + (1 - o.beta2) * g * g;
                const double correction = 1 - std::pow(o.beta2, static_cast<double>(o.step));
                below = std::sqrt(second) / std::sqrt(correction) + o.epsilon;
                if (o.decoupled != 0) p *= 1 - o.learning_rate * o.weight_decay;
            } else {
                second = std::max(o.beta2 * second, std::fabs(g) + o.epsilon);
                below = second;
            }
            update = mean_rate * first / below;
            size *= mean_rate / below;
        }
    }
    return {p - update, first, second, std::fabs(p) + size + g_size + std::fabs(first) + std::fabs(second)};
}

double sum_of_squares(int64_t count, const float* values) {
    double total = 0;
    for (int64_t block = 0; block < count; block += kSumBlock) {
        double lane[GATUN_LANES] = {};
        const int64_t end = std::min(block + kSumBlock, count);
        for (int64_t i = block; i < end; ++i) {
            lane[(i - block) % GATUN_LANES] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
        }
        for (int half = GATUN_LANES / 2; half >= 1; half /= 2) {
            for (int l = 0; l < half; ++l) lane[l] += lane[l + half];
        }
        total += lane[0];
    }
    return total;
}

float average(float weight, float value, float average) {
    const float way = value - average;
    return weight < 0.5f ? std::fmaf(weight, way, average) : std::fmaf(weight - 1, way, value);
}

}  // namespace gatun::scalar
