// Optimisers that are checked: each of them with what changes its arithmetic.
#pragma once

#include "gatun.h"

namespace gatun::check {

struct Setting {
    const char* name;
    gatun_optimizer optimizer;
};

inline gatun_optimizer make(int32_t kind, double momentum, double beta1, double beta2, double epsilon, double decay) {
    gatun_optimizer o{};
    o.kind = kind;
    o.learning_rate = 0.05;
    o.momentum = momentum;
    o.beta1 = beta1;
    o.beta2 = beta2;
    o.epsilon = epsilon;
    o.weight_decay = decay;
    o.step = 7;
    return o;
}

inline gatun_optimizer nesterov(gatun_optimizer o) {
    o.nesterov = 1;
    return o;
}

inline gatun_optimizer decoupled(gatun_optimizer o) {
    o.decoupled = 1;
    return o;
}

inline const Setting kSettings[] = {
    {"sgd", make(GATUN_SGD, 0, 0, 0, 0, 0)},
    {"sgd, decay", make(GATUN_SGD, 0, 0, 0, 0, 0.1)},
    {"sgd, momentum", make(GATUN_SGD, 0.9, 0, 0, 0, 0)},
    {"sgd, nesterov, decay", nesterov(make(GATUN_SGD, 0.9, 0, 0, 0, 0.1))},
    {"rmsprop", make(GATUN_RMSPROP, 0, 0, 0.99, 1e-8, 0)},
    {"rmsprop, momentum, decay", make(GATUN_RMSPROP, 0.8, 0, 0.9, 1e-3, 0.1)},
    {"adam", make(GATUN_ADAM, 0, 0.9, 0.999, 1e-8, 0)},
    {"adam, small beta, decay", make(GATUN_ADAM, 0, 0.3, 0.9, 1e-3, 0.1)},
    {"adam, decoupled", decoupled(make(GATUN_ADAM, 0, 0.9, 0.999, 1e-8, 0.1))},
    {"adamax", make(GATUN_ADAMAX, 0, 0.9, 0.999, 1e-8, 0)},
    {"adamax, small beta, decay", make(GATUN_ADAMAX, 0, 0.3, 0.9, 1e-3, 0.1)},
};

inline bool uses_first(const gatun_optimizer& o) { return o.kind >= GATUN_ADAM || o.momentum != 0; }
inline bool uses_second(const gatun_optimizer& o) { return o.kind != GATUN_SGD; }

}  // namespace gatun::check
