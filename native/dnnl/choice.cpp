#include "dnnl/choice.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace gatun::dnnl {
namespace {

constexpr int kOwn = -1;
// What a measurement may take, about, and the least times that each is measured.
constexpr double kSeconds = 0.05;
constexpr int kLeastTimes = 3, kMostTimes = 15;
// Less of a gain is not worth other bits.
constexpr double kGain = 0.97;

std::vector<int64_t> key_of(const gatun_product& p) {
    const gatun_map &x = *p.x, &y = *p.y;
    std::vector<int64_t> key = {p.kind,           p.stride,
                                p.accumulate,     p.affine->bias != nullptr || p.bias != nullptr,
                                p.affine->inputs, p.affine->outputs,
                                p.affine->unseen, y.rows,
                                y.columns,        x.rows,
                                x.columns,        x.stride_example,
                                x.stride_row,     x.stride_column,
                                y.stride_example, y.stride_row,
                                y.stride_column};
    for (int32_t k = 0; k < p.affine->tap_count; ++k) {
        key.push_back(p.affine->taps[k].row);
        key.push_back(p.affine->taps[k].column);
    }
    return key;
}

std::string describe(const gatun_product& p) {
    std::string text = p.kind == GATUN_PRODUCT_RUN ? "product" : "gradient";
    text += " n=" + std::to_string(p.y->examples) + " h=" + std::to_string(p.y->rows) +
            " t=" + std::to_string(p.y->columns) + " in=" + std::to_string(p.affine->inputs) +
            " out=" + std::to_string(p.affine->outputs) + " taps=";
    for (int32_t k = 0; k < p.affine->tap_count; ++k) {
        if (k != 0) text += ',';
        text += std::to_string(p.affine->taps[k].row) + ":" + std::to_string(p.affine->taps[k].column);
    }
    if (p.stride != 1) text += " stride=" + std::to_string(p.stride);
    if (p.accumulate != 0) text += " added";
    return text;
}

std::string micros(double seconds) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f us", seconds * 1e6);
    return text;
}

// What a product writes, kept while it is measured.
class Written {
public:
    explicit Written(const gatun_product& p) : product_(p) {
        if (p.kind == GATUN_PRODUCT_RUN && p.accumulate == 0) return;
        each([&](float* from, int64_t count) { kept_.insert(kept_.end(), from, from + count); });
    }
    ~Written() {
        const float* from = kept_.data();
        if (kept_.empty()) return;
        each([&](float* to, int64_t count) {
            std::copy_n(from, count, to);
            from += count;
        });
    }
    Written(const Written&) = delete;
    Written& operator=(const Written&) = delete;

private:
    template <class Body>
    void each(Body&& body) const {
        const gatun_affine& affine = *product_.affine;
        if (product_.kind == GATUN_PRODUCT_GRADIENT) {
            const int64_t flat = int64_t{affine.tap_count} * affine.inputs - affine.unseen;
            body(product_.weights, (affine.outputs + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES * flat);
            if (product_.bias != nullptr) body(product_.bias, affine.outputs);
            return;
        }
        const gatun_map& y = *product_.y;
        for (int64_t n = 0; n < y.examples; ++n) {
            for (int64_t i = 0; i < y.rows; ++i) {
                for (int64_t j = 0; j < y.columns; ++j) {
                    body(y.data + n * y.stride_example + i * y.stride_row + j * y.stride_column, affine.outputs);
                }
            }
        }
    }

    const gatun_product& product_;
    std::vector<float> kept_;
};

// Those who may compute a shape, and what each took at best.
struct Candidate {
    int number;
    std::shared_ptr<Plan> plan;  // null: Gatun's own
    double seconds = 1e30;
};

double measure(const gatun_product_host& host, const gatun_product& p, const Candidate& one) {
    const auto start = std::chrono::steady_clock::now();
    if (one.plan != nullptr) {
        one.plan->run(host, p);
    } else if (host.own(host.context, &p) != GATUN_OK) {
        throw std::runtime_error("Gatun's own product failed while it was measured");
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// One after the other, so that what disturbs one disturbs all.
void measure(const gatun_product_host& host, const gatun_product& p, std::vector<Candidate>& all) {
    const Written kept(p);
    double first = 0;
    for (const Candidate& one : all) first += measure(host, p, one);
    const int times = std::clamp(static_cast<int>(kSeconds / std::max(first, 1e-9)), kLeastTimes, kMostTimes);
    for (int i = 0; i < times; ++i) {
        for (Candidate& one : all) one.seconds = std::min(one.seconds, measure(host, p, one));
    }
}

}  // namespace

int Choices::choose(const gatun_product& p, std::string& line) {
    std::vector<Candidate> all;
    std::string refused;
    const auto list = implementations(p.kind);
    for (size_t i = 0; i < list.size(); ++i) {
        try {
            all.push_back({static_cast<int>(i), list[i].make(p)});
        } catch (const Refused& why) {
            refused += std::string("; ") + list[i].name + ": refused, " + why.what();
        } catch (const onednn::error& why) {
            refused += std::string("; ") + list[i].name + ": refused by oneDNN, " + why.what();
        }
    }
    line = describe(p) + ": ";
    if (all.empty()) {
        line += "Gatun's own" + refused;
        return kOwn;
    }
    const auto name = [&](const Candidate& one) {
        return std::string(list[static_cast<size_t>(one.number)].name) + " (" + one.plan->kernel() + ")";
    };
    if (way_ == GATUN_PRODUCTS_ALWAYS) {
        line += name(all.front()) + ", the first that takes it" + refused;
        return all.front().number;
    }
    all.push_back({kOwn, nullptr});
    measure(host_, p, all);
    const Candidate& own = all.back();
    const Candidate* best = &own;
    std::string times = "; Gatun's own " + micros(own.seconds);
    for (const Candidate& one : all) {
        if (one.plan == nullptr) continue;
        times += "; " + name(one) + " " + micros(one.seconds);
        if (one.seconds < best->seconds && one.seconds < kGain * own.seconds) best = &one;
    }
    line += (best->plan == nullptr ? "Gatun's own" : name(*best)) + " is taken" + times + refused;
    return best->number;
}

std::shared_ptr<Plan> Choices::plan_of(const gatun_product& p) {
    Key key = key_of(p);
    const Key shape = key;
    key.push_back(p.y->examples);
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = plans_.find(key);
    if (found != plans_.end()) return found->second;
    auto choice = chosen_.find(shape);
    if (choice == chosen_.end()) {
        std::string line;
        choice = chosen_.emplace(shape, choose(p, line)).first;
        lines_.push_back(std::move(line));
    }
    std::shared_ptr<Plan> plan;
    if (choice->second != kOwn) {
        const Implementation& one = implementations(p.kind)[static_cast<size_t>(choice->second)];
        try {
            plan = one.make(p);
        } catch (const Refused& why) {  // of the last, smaller batch
            lines_.push_back(describe(p) + ": Gatun's own; " + one.name + ": refused, " + why.what());
        }
    }
    return plans_.emplace(std::move(key), std::move(plan)).first->second;
}

bool Choices::compute(const gatun_product& p) {
    if (p.affine->tap_count == 0 || p.affine->inputs == 0 || p.affine->outputs == 0 || p.y->examples == 0 ||
        p.y->rows == 0 || p.y->columns == 0) {
        return false;
    }
    const OneThread alone;
    const std::shared_ptr<Plan> plan = plan_of(p);
    if (plan == nullptr) return false;
    plan->run(host_, p);
    return true;
}

int32_t Choices::count() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return static_cast<int32_t>(lines_.size());
}

std::string Choices::line(int32_t number) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (number < 0 || static_cast<size_t>(number) >= lines_.size()) return {};
    return lines_[static_cast<size_t>(number)];
}

}  // namespace gatun::dnnl
