// Packed weights and back, against the definition, over all the ways a parameter can lie.
#include <doctest/doctest.h>

#include "cases.h"
#include "guarded.h"
#include "ops/pack/pack.h"

namespace gatun::check {
namespace {

struct Layout {
    std::string name;
    int64_t elements;  // of the parameter
    std::vector<int64_t> offsets;
    int64_t stride_output, stride_input;
    int32_t inputs, outputs;
    int32_t unseen = 0;

    gatun_layout native() const {
        return {offsets.data(), stride_output, stride_input, static_cast<int32_t>(offsets.size()),
                inputs,         outputs,       unseen};
    }
    int64_t packed(bool transposed) const {
        const int64_t lanes = transposed ? inputs : outputs, others = transposed ? outputs : inputs;
        return (lanes + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES *
               (static_cast<int64_t>(offsets.size()) * others - (transposed ? 0 : unseen));
    }
};

// [outputs][inputs][taps], of which only the taps of `used` are.
Layout convolution(int32_t outputs, int32_t inputs, int32_t taps, std::vector<int64_t> used) {
    return {"convolution", int64_t{outputs} * inputs * taps, std::move(used), int64_t{inputs} * taps, taps, inputs,
            outputs};
}

std::vector<int64_t> all_taps(int64_t taps) {
    std::vector<int64_t> found;
    for (int64_t k = 0; k < taps; ++k) found.push_back(k);
    return found;
}

std::vector<Layout> layouts() {
    std::vector<Layout> all;
    for (const int32_t outputs : {1, 2, 15, 16, 17, 31, 32, 33, 100}) {
        for (const int32_t inputs : {1, 3, 16, 19}) {
            all.push_back(convolution(outputs, inputs, 3, all_taps(3)));
            all.push_back(convolution(outputs, inputs, 9, {0, 1, 2, 3}));  // a masked kernel of 3 x 3
            all.push_back(convolution(outputs, inputs, 5, {4, 0, 2}));
            all.push_back(convolution(outputs, inputs, 2, {}));
            all.push_back(convolution(outputs, inputs, 9, {0, 1, 2, 3, 4}));
            all.back().unseen = (inputs + 1) / 2;  // of the centre, some
            const int64_t size = int64_t{outputs} * inputs;
            all.push_back({"dense", size, {0}, inputs, 1, inputs, outputs});
            all.push_back({"dense, inputs first", size, {0}, 1, outputs, inputs, outputs});
            all.push_back({"tables [taps][inputs][outputs]", 2 * size, {0, size}, 1, outputs, inputs, outputs});
        }
    }
    return all;
}

// Runs one of the entries on every level, on several threads, between guard pages on either side.
template <class Body>
void everywhere(const Layout& layout, Body&& body) {
    for (const int32_t isa : levels()) {
        for (const int32_t threads : {1, 3}) {
            for (const Edge edge : {Edge::kStart, Edge::kEnd}) {
                INFO(layout.name, ": ", layout.outputs, " outputs, ", layout.inputs, " inputs, ", layout.offsets.size(),
                     " taps on ", level_name(isa), ", ", threads, " threads");
                body(context_of(isa, threads).get(), edge);
            }
        }
    }
}

}  // namespace

TEST_CASE("pack: weights lie as defined") {
    Random random("pack");
    for (const Layout& layout : layouts()) {
        const std::vector<float> parameter = random.reals(layout.elements, -2, 2);
        const gatun_layout native = layout.native();
        std::vector<float> wanted(static_cast<size_t>(layout.packed(false)), -77.0f);
        std::vector<float> transposed(static_cast<size_t>(layout.packed(true)), -77.0f);
        scalar::pack(native, parameter.data(), wanted.data());
        if (layout.unseen == 0) scalar::pack_transposed(native, parameter.data(), transposed.data());
        everywhere(layout, [&](gatun_context* context, Edge edge) {
            Guarded<float> source(parameter, edge), packed(layout.packed(false), edge), back(layout.packed(true), edge);
            REQUIRE(gatun_pack(context, &native, source.data(), packed.data()) == GATUN_OK);
            CHECK(first_difference(wanted, packed.copy()) == -1);
            if (layout.unseen != 0) return;
            REQUIRE(gatun_pack_transposed(context, &native, source.data(), back.data()) == GATUN_OK);
            CHECK(first_difference(transposed, back.copy()) == -1);
        });
    }
}

TEST_CASE("pack: gradients come back to where the weights lay, and to no other place") {
    Random random("unpack");
    for (const Layout& layout : layouts()) {
        const std::vector<float> before = random.reals(layout.elements, -2, 2);
        const std::vector<float> packed = random.reals(layout.packed(false), -2, 2);  // behind the last output too
        const gatun_layout native = layout.native();
        std::vector<float> wanted = before;
        scalar::unpack_add(native, packed.data(), wanted.data());
        everywhere(layout, [&](gatun_context* context, Edge edge) {
            Guarded<float> parameter(before, edge), source(packed, edge);
            REQUIRE(gatun_unpack_add(context, &native, source.data(), parameter.data()) == GATUN_OK);
            CHECK(first_difference(wanted, parameter.copy()) == -1);
        });
    }
}

TEST_CASE("pack: there and back is the parameter, where all of it is used") {
    Random random("pack there and back");
    for (const Layout& layout : layouts()) {
        const int64_t flat = static_cast<int64_t>(layout.offsets.size()) * layout.inputs - layout.unseen;
        if (flat * layout.outputs != layout.elements) continue;
        const std::vector<float> parameter = random.reals(layout.elements, -2, 2);
        const gatun_layout native = layout.native();
        std::vector<float> packed(static_cast<size_t>(layout.packed(false)));
        std::vector<float> back(parameter.size());
        const Context context = context_of(levels().back());
        REQUIRE(gatun_pack(context.get(), &native, parameter.data(), packed.data()) == GATUN_OK);
        REQUIRE(gatun_unpack_add(context.get(), &native, packed.data(), back.data()) == GATUN_OK);
        INFO(layout.name, ": ", layout.outputs, " outputs, ", layout.inputs, " inputs");
        CHECK(first_difference(parameter, back) == -1);
    }
}

}  // namespace gatun::check
