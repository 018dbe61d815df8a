// What NADE is, in plain loops over the parameters: kernels are held against this, and nothing runs it in earnest.
#include <cmath>
#include <vector>

#include "ops/nade/nade.h"

namespace gatun::scalar {
namespace {

double real(float x) { return static_cast<double>(x); }

// Adds factor * sum, with the sizes of the sum's terms.
void add(Sum& to, double factor, const Sum& sum) {
    to.value += factor * sum.value;
    to.size += std::fabs(factor) * sum.size;
}

// h of every position of the chain: [positions][hidden].
std::vector<double> hidden_of(const gatun_nade& nade, const float* w, const float* c, const float* x) {
    const int64_t hidden = nade.hidden, positions = nade.positions;
    std::vector<double> a(c, c + hidden), h;
    for (int64_t d = 0; d < positions; ++d) {
        for (int64_t i = 0; i < hidden; ++i) {
            h.push_back(1 / (1 + std::exp(-a[static_cast<size_t>(i)])));
            a[static_cast<size_t>(i)] += real(x[d]) * real(w[i * positions + nade.order[d]]);
        }
    }
    return h;
}

}  // namespace

void nade(const gatun_nade& nade, const float* w, const float* c, const float* v, const float* b, const float* x,
          double* logits) {
    const std::vector<double> h = hidden_of(nade, w, c, x);
    for (int64_t d = 0; d < nade.positions; ++d) {
        const int64_t row = nade.order[d];
        logits[d] = real(b[row]);
        for (int64_t i = 0; i < nade.hidden; ++i) {
            logits[d] += real(v[row * nade.hidden + i]) * h[static_cast<size_t>(d * nade.hidden + i)];
        }
    }
}

void nade_gradient(const gatun_nade& nade, const float* w, const float* c, const float* v, const float* x,
                   const float* dlogits, Sum* dw, Sum* dc, Sum* dv, Sum* db) {
    const std::vector<double> h = hidden_of(nade, w, c, x);
    for (int64_t i = 0; i < nade.hidden; ++i) {
        Sum da;
        for (int64_t d = nade.positions - 1; d >= 0; --d) {
            const int64_t row = nade.order[d];
            const double unit = h[static_cast<size_t>(d * nade.hidden + i)], g = real(dlogits[d]);
            add(dw[i * nade.positions + row], real(x[d]), da);
            dv[row * nade.hidden + i].add(g * unit);
            da.add(g * real(v[row * nade.hidden + i]) * unit * (1 - unit));
        }
        add(dc[i], 1, da);
    }
    for (int64_t d = 0; d < nade.positions; ++d) db[nade.order[d]].add(real(dlogits[d]));
}

}  // namespace gatun::scalar
