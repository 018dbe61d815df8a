// The entries of products by another library, and what such a library gets of a context.
#include "core/products.h"

#include <stdexcept>

#include "core/context.h"
#include "ops/affine/affine.h"

namespace gatun {
namespace {

constexpr int32_t kText = 512;

void share(gatun_context* context, int64_t tasks, void (*task)(void*, int64_t), void* argument) {
    context->pool.run(tasks, [&](int64_t i) { task(argument, i); });
}

// Not guarded: it is called within an entry that is.
int32_t own(gatun_context* context, const gatun_product* product) {
    try {
        return own_product(*context, *product);
    } catch (...) {
        return GATUN_OUT_OF_MEMORY;
    }
}

}  // namespace

Products::Products(gatun_context& context, const gatun_product_library& library, int32_t way)
    : library_(library), host_{&context, share, own} {
    char text[kText] = "";
    if (library.open(&host_, way, &self_, text, kText) != 0) throw std::runtime_error(text);
}

Products::~Products() { library_.close(self_); }

bool Products::compute(const gatun_product& product) const {
    char text[kText] = "";
    const int32_t done = library_.compute(self_, &product, text, kText);
    if (done == GATUN_PRODUCT_FAILED) throw std::runtime_error(text);
    return done == GATUN_PRODUCT_COMPUTED;
}

int32_t Products::choices(int32_t number, char* text, int32_t capacity) const {
    return library_.choices(self_, number, text, capacity);
}

}  // namespace gatun

extern "C" {

int32_t gatun_context_products(gatun_context* context, const gatun_product_library* library, int32_t way) {
    return gatun::guarded(context, [&] {
        if (library->version != GATUN_PRODUCTS_VERSION) {
            return context->fail(GATUN_UNSUPPORTED, "a library of products of another build: version " +
                                                        std::to_string(library->version) + ", expected " +
                                                        std::to_string(GATUN_PRODUCTS_VERSION));
        }
        context->products = std::make_unique<gatun::Products>(*context, *library, way);
        return GATUN_OK;
    });
}

int32_t gatun_context_choices(gatun_context* context, int32_t number, char* text, int32_t capacity) {
    return context->products == nullptr ? 0 : context->products->choices(number, text, capacity);
}
}
