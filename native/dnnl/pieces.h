// A product piece by piece: what is made once for all pieces of one extent, and gradients whose parts are added up.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "dnnl/plan.h"

namespace gatun::dnnl {

// Pieces, and what serves those of one extent.
template <class Made>
class Pieces {
public:
    // make(piece): for the first piece of each extent.
    template <class Make>
    Pieces(std::vector<Piece> pieces, Make&& make) : pieces_(std::move(pieces)) {
        for (const Piece& piece : pieces_) {
            const auto same = [&](const Made& made) { return made.extent.same_extent(piece); };
            auto found = std::find_if(made_.begin(), made_.end(), same);
            if (found == made_.end()) found = made_.insert(made_.end(), make(piece));
            of_piece_.push_back(static_cast<size_t>(found - made_.begin()));
        }
    }

    int64_t count() const { return static_cast<int64_t>(pieces_.size()); }
    const Piece& piece(int64_t i) const { return pieces_[static_cast<size_t>(i)]; }
    // Which of `made` serves a piece.
    size_t which(int64_t i) const { return of_piece_[static_cast<size_t>(i)]; }
    const Made& of(int64_t i) const { return made_[which(i)]; }
    const std::vector<Made>& made() const { return made_; }

private:
    std::vector<Piece> pieces_;
    std::vector<Made> made_;
    std::vector<size_t> of_piece_;
};

// A gradient of weights in a box, and of the bias: each piece has a part of its own, added up in their order.
class GradientPlan : public Plan {
public:
    GradientPlan(const gatun_product& p, Box box);

    void run(const gatun_product_host& host, const gatun_product& product) const final;

protected:
    const Box& box() const { return box_; }
    // Floats of a part's box, behind which lies its bias.
    int64_t box_floats() const { return bias_at_; }

private:
    virtual int64_t parts() const = 0;
    virtual const Piece& piece(int64_t i) const = 0;
    // Writes the box of a piece.
    virtual void run_piece(const gatun_product& product, int64_t i, float* to) const = 0;

    const Box box_;
    int64_t bias_at_ = 0, part_ = 0;
};

}  // namespace gatun::dnnl
