// The entry of libgatun_dnnl.so: oneDNN's products for contexts that ask for them.
#include "dnnl/choice.h"
#include "dnnl/entry.h"

namespace gatun::dnnl {
namespace {

int32_t open(const gatun_product_host* host, int32_t way, void** self, char* text, int32_t capacity) {
    return guarded(1, text, capacity, [&] {
        *self = nullptr;
        if (way != GATUN_PRODUCTS_FASTEST && way != GATUN_PRODUCTS_ALWAYS) {
            throw std::runtime_error("products: found way " + std::to_string(way) + ", expected 0 or 1");
        }
        engine();
        *self = new Choices(*host, way);
        return 0;
    });
}

void close(void* self) { delete static_cast<Choices*>(self); }

int32_t compute(void* self, const gatun_product* product, char* text, int32_t capacity) {
    return guarded(GATUN_PRODUCT_FAILED, text, capacity, [&] {
        return static_cast<Choices*>(self)->compute(*product) ? GATUN_PRODUCT_COMPUTED : GATUN_PRODUCT_LEFT;
    });
}

int32_t choices(void* self, int32_t number, char* text, int32_t capacity) {
    return guarded(0, text, capacity, [&] {
        const auto& all = *static_cast<const Choices*>(self);
        copy_text(all.line(number).c_str(), text, capacity);
        return all.count();
    });
}

constexpr gatun_product_library kLibrary = {GATUN_PRODUCTS_VERSION, 0, open, close, compute, choices};

}  // namespace
}  // namespace gatun::dnnl

extern "C" const gatun_product_library* gatun_dnnl_products(char* text, int32_t capacity) {
    const dnnl_version_t* version = dnnl_version();
    char found[64];
    std::snprintf(found, sizeof found, "oneDNN %d.%d.%d", version->major, version->minor, version->patch);
    gatun::dnnl::copy_text(found, text, capacity);
    return &gatun::dnnl::kLibrary;
}
