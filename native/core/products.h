// Another library's products (gatun_products.h) in a context, which owns what the library opened for it.
#pragma once

#include "gatun_products.h"

namespace gatun {

class Products {
public:
    // Throws what the library finds wrong.
    Products(gatun_context& context, const gatun_product_library& library, int32_t way);
    ~Products();
    Products(const Products&) = delete;
    Products& operator=(const Products&) = delete;

    // Whether the library computed it; throws what it failed of.
    bool compute(const gatun_product& product) const;
    int32_t choices(int32_t number, char* text, int32_t capacity) const;

private:
    const gatun_product_library& library_;
    const gatun_product_host host_;
    void* self_ = nullptr;
};

}  // namespace gatun
