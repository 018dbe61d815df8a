// Which implementation a shape gets, decided once: the fastest on this machine, Gatun's own kernels among them, or the
// first that takes it.
#pragma once

#include <map>
#include <mutex>

#include "dnnl/plan.h"

namespace gatun::dnnl {

class Choices {
public:
    Choices(const gatun_product_host& host, int32_t way) : host_(host), way_(way) {}

    // Whether it was computed; what is not is left to Gatun's kernels.
    bool compute(const gatun_product& product);
    int32_t count() const;
    std::string line(int32_t number) const;

private:
    // All that a plan depends on.
    using Key = std::vector<int64_t>;

    std::shared_ptr<Plan> plan_of(const gatun_product& product);
    int choose(const gatun_product& product, std::string& line);

    const gatun_product_host host_;
    const int32_t way_;
    mutable std::mutex mutex_;
    std::map<Key, int> chosen_;                   // without the number of examples; -1: Gatun's own
    std::map<Key, std::shared_ptr<Plan>> plans_;  // null: Gatun's own
    std::vector<std::string> lines_;
};

}  // namespace gatun::dnnl
