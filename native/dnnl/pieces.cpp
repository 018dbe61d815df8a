#include "dnnl/pieces.h"

namespace gatun::dnnl {

GradientPlan::GradientPlan(const gatun_product& p, Box box) : box_(std::move(box)) {
    Layout part;
    part.add(gatun::dnnl::box_floats(*p.affine, box_));
    bias_at_ = part.add(p.affine->outputs);
    part_ = part.floats();
}

void GradientPlan::run(const gatun_product_host& host, const gatun_product& p) const {
    float* shared = scratch(kRun, parts() * part_);
    share(host, parts(), [&](int64_t i) {
        float* own = shared + i * part_;
        run_piece(p, i, own);
        std::fill_n(own + bias_at_, p.affine->outputs, 0.0f);
        if (p.bias != nullptr) add_bias(*p.y, piece(i), p.affine->outputs, own + bias_at_);
    });
    add_boxes(*p.affine, box_, shared, parts(), part_, p.weights);
    if (p.bias != nullptr) add_biases(*p.affine, shared + bias_at_, parts(), part_, p.bias);
}

}  // namespace gatun::dnnl
