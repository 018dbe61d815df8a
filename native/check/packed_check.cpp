// Products for steps: the bits of the affine operation and of what follows it.
#include <doctest/doctest.h>

#include "affine_shape.h"
#include "guarded.h"
#include "ops/activation/activation.h"
#include "ops/affine/affine.h"
#include "ops/gate/gate.h"
#include "ops/packed/packed.h"
#include "ops/rounded/rounded.h"
#include "rounded.h"
#include "step_programs.h"

namespace gatun::check {
namespace {

struct Case {
    int32_t taps, inputs, outputs;
    int64_t positions;
    bool gate, with_bias, second;
    int base;  // 0: none, 1: another map, 2: the output itself
    int32_t activation, lead, precision;
    float scale;
    std::vector<int64_t> offsets;
    std::vector<float> weights, bias, x, y, added;

    int64_t split = 0;  // block at which the work is parted

    explicit Case(Random& random)
        : taps(static_cast<int32_t>(random.whole(0, 4))),
          inputs(static_cast<int32_t>(random.whole(1, 37))),
          outputs(static_cast<int32_t>(random.whole(1, 150))),
          positions(random.whole(0, 3) == 0 ? 1 : random.whole(1, 20)),
          gate(random.whole(0, 1) == 1),
          with_bias(random.whole(0, 3) > 0),
          second(gate && random.whole(0, 1) == 1),
          base(static_cast<int>(random.whole(0, gate ? 1 : 2))),
          activation(gate ? -1 : static_cast<int32_t>(random.whole(-2, GATUN_ELU))),
          lead(taps < 2 ? 0 : static_cast<int32_t>(random.whole(0, taps - 1))),
          precision(static_cast<int32_t>(random.whole(GATUN_F32, GATUN_INT8_DYNAMIC))),
          scale(random.whole(0, 1) == 0 || gate ? 1.0f : 0.7f) {
        if (gate) outputs = 32 * static_cast<int32_t>(random.whole(1, 5));
        if (random.whole(0, 1) == 0) inputs = (inputs + 3) / 4 * 4;
        activation = std::max(activation, -1);
        const int64_t blocks = (outputs + GATUN_LANES - 1) / GATUN_LANES;
        split = std::min(blocks, kPackedGroup * random.whole(0, (blocks + kPackedGroup - 1) / kPackedGroup));
        weights = random.reals(blocks * taps * inputs * GATUN_LANES, -1, 1);
        for (int64_t i = 0; i < taps * inputs * GATUN_LANES && random.whole(0, 3) == 0; ++i) {
            weights[static_cast<size_t>(i)] = 0;
        }
        round_to(precision, int64_t{taps} * inputs, weights);
        bias = random.reals(outputs, -1, 1);
        for (int32_t k = 0; k < taps; ++k) offsets.push_back(random.whole(0, 50));
        x = random.reals(50 + positions * inputs, -1, 1);
        y = random.reals(positions * outputs, -1, 1);
        added = random.reals(positions * outputs, -1, 1);
    }
    gatun_affine affine() const {
        return {weights.data(), with_bias ? bias.data() : nullptr, nullptr, taps, inputs, outputs, 0};
    }

    // Where each tap's inputs lie.
    std::vector<const float*> reads(const float* from) const {
        std::vector<const float*> all;
        for (const int64_t offset : offsets) all.push_back(from + offset);
        return all;
    }

    // The definition: two chains over r = tap*inputs + input; or sums of rounded inputs.
    float product(int64_t p, int32_t output) const {
        if (precision == GATUN_INT8_DYNAMIC) {
            return scalar::rounded_output(affine(), reads(x.data() + p * inputs).data(), output);
        }
        float chain[2] = {with_bias ? bias[static_cast<size_t>(output)] : 0.0f, 0.0f};
        for (int32_t tap = 0, r = 0; tap < taps; ++tap) {
            for (int32_t input = 0; input < inputs; ++input, ++r) {
                const int64_t at = scalar::packed_at(taps, inputs, output, tap, input);
                const float value = x[static_cast<size_t>(offsets[static_cast<size_t>(tap)] + p * inputs + input)];
                chain[r % 2] = std::fma(value, weights[static_cast<size_t>(at)], chain[r % 2]);
            }
        }
        return chain[0] + chain[1];
    }

    std::vector<float> expected() const {
        std::vector<float> all;
        for (int64_t p = 0; p < positions; ++p) {
            for (int32_t output = 0; output < outputs; ++output) {
                const auto at = static_cast<size_t>(p * outputs + output);
                float value = product(p, output);
                if (base > 0) value = scale * (y[at] + value);
                if (second) value = value + added[at];
                all.push_back(value);
            }
        }
        if (activation >= 0) {
            baseline::activation_kernels.run(activation, all.data(), all.data(), static_cast<int64_t>(all.size()));
        }
        if (!gate) return all;
        std::vector<float> gated(all.size() / 2);
        baseline::gate_kernels.run(all.data(), outputs / 2, outputs, gated.data(), outputs / 2, outputs / 2, positions);
        return gated;
    }

    // By one call, or from chains that leading taps left before.
    std::vector<float> found(const PackedKernels& kernels, Edge edge, bool ahead) const {
        Guarded<char> packed(packed_bytes(precision, taps, inputs, outputs), Edge::kEnd);
        CHECK(pack_for_steps(affine(), gate, lead, precision, packed.data()).empty());
        Guarded<float> in(x, edge), before(y, edge), more(added, edge);
        const int64_t chain_floats = 2 * packed_blocks(outputs) * GATUN_LANES;
        Guarded<float> chains(positions * chain_floats, Edge::kEnd);
        const int32_t width = gate ? outputs / 2 : outputs;
        Guarded<float> out(positions * width, edge);
        if (base == 2) std::memcpy(out.data(), y.data(), y.size() * sizeof(float));
        Guarded<char> rounded(rounded_bytes(taps, inputs), Edge::kEnd);
        const std::vector<const float*> from = reads(in.data());
        PackedStep step{};
        step.weights = packed.data();
        step.behind = packed.data() + packed_bytes(precision, lead, inputs, outputs);
        step.precision = precision;
        step.near = ahead;
        step.x = from.data();
        step.rounded = rounded.data();
        step.x_step = inputs;
        step.taps = taps;
        step.lead = lead;
        step.inputs = inputs;
        step.outputs = outputs;
        step.scale = scale;
        step.activation = activation;
        step.base = base == 0 ? nullptr : base == 1 ? before.data() : out.data();
        step.second = second ? more.data() : nullptr;
        step.base_step = outputs;
        step.y = out.data();
        step.y_step = width;
        step.positions = positions;
        step.chain_step = chain_floats;
        // In two parts, as two threads would, one of which may have nothing to do.
        const int64_t blocks = packed_blocks(outputs);
        for (const auto& [first, end] : {std::pair{split, blocks}, std::pair{int64_t{0}, split}}) {
            step.first_block = first;
            step.end_block = end;
            step.chains = nullptr;
            if (ahead && lead > 0) {
                step.chains = chains.data();
                kernels.run_lead(step);
            }
            (gate ? kernels.run_gate : kernels.run)(step);
        }
        return out.copy();
    }
};

// A level's, and of its finer level where the machine has that.
std::vector<const PackedKernels*> kernels_of(int32_t isa, int32_t precision) {
    if (precision != GATUN_INT8_DYNAMIC) return {&GATUN_PICK(isa, packed_kernels)};
    return {&rounded_kernels(isa, true), &rounded_kernels(isa)};
}

}  // namespace

TEST_CASE("packed: the bits of product, sum and gate") {
    Random random("packed");
    for (int i = 0; i < 400; ++i) {
        const Case c(random);
        INFO("case ", i, ": ", c.taps, " taps, ", c.inputs, " inputs, ", c.outputs, " outputs, ", c.positions,
             " positions, precision ", c.precision, ", gate ", c.gate, ", base ", c.base, ", activation ", c.activation,
             ", lead ", c.lead);
        const std::vector<float> expected = c.expected();
        for (const int32_t isa : levels()) {
            INFO(level_name(isa));
            for (const PackedKernels* kernels : kernels_of(isa, c.precision)) {
                for (const bool ahead : {false, true}) {
                    CHECK(first_difference(c.found(*kernels, Edge::kStart, ahead), expected) == -1);
                    CHECK(first_difference(c.found(*kernels, Edge::kEnd, ahead), expected) == -1);
                }
            }
        }
    }
}

// What is not written in so few bits is refused, and nothing else.
TEST_CASE("packed: numbers of a precision") {
    std::vector<float> weights(3 * GATUN_LANES), packed(weights.size() + 2 * GATUN_LANES);
    const auto problem = [&](int32_t precision) {
        return pack_for_steps({weights.data(), nullptr, nullptr, 1, 3, 5, 0}, false, 0, precision, packed.data());
    };
    for (int32_t precision = GATUN_F32; precision <= GATUN_INT8_DYNAMIC; ++precision) CHECK(problem(precision).empty());
    weights[2] = 1.0f + 1.0f / 256;  // the first input of output 2: nine bits
    CHECK(problem(GATUN_F32).empty());
    CHECK(problem(GATUN_BF16).find("of output 2 ") != std::string::npos);
    weights[2] = 127.0f;
    weights[2 + GATUN_LANES] = -64.0f;
    CHECK(problem(GATUN_INT8).empty());
    weights[2 + GATUN_LANES] = -64.5f;
    CHECK(problem(GATUN_INT8).find("of output 2 ") != std::string::npos);
    CHECK(problem(GATUN_INT8_DYNAMIC).find("of output 2 ") != std::string::npos);
    weights[2 + GATUN_LANES] = -0.0f;  // zero times anything is not it
    CHECK(problem(GATUN_BF16).empty());
    CHECK(!problem(GATUN_INT8).empty());
}

// Packed programs of a WaveNet's shape, run in pieces: what streams draw is what they draw by plain instructions.
TEST_CASE("packed: WaveNets draw what plain ones draw") {
#if defined(__SANITIZE_ADDRESS__)
    constexpr int kWaveNets = 4;  // one of each precision
    constexpr int64_t positions = 40;
#else
    constexpr int kWaveNets = 12;
    constexpr int64_t positions = 70;
#endif
    for (int i = 0; i < kWaveNets; ++i) {
        Random random("packed WaveNets " + std::to_string(i));
        const auto whole = [&](int64_t low, int64_t high) { return static_cast<int32_t>(random.whole(low, high)); };
        const int64_t streams = whole(1, 9);
        const WaveNetShape shape = {
            whole(1, 7), 16 * whole(1, 5) + whole(0, 1), whole(1, 70), whole(2, 40), whole(1, 3), 32, whole(1, 40)};
        Random plain_numbers("numbers"), packed_numbers("numbers");
        const int32_t precision = i % 4;
        // There is no plain instruction of rounded inputs.
        const WaveNetProgram plain(shape, plain_numbers, precision == GATUN_INT8_DYNAMIC, precision);
        const WaveNetProgram packed(shape, packed_numbers, true, precision);
        const auto draw = [&](const WaveNetProgram& program, int32_t isa, int32_t threads, bool in_pieces) {
            const gatun_step_program native = program.native();
            const Context context = context_of(isa, threads);
            REQUIRE(gatun_step_check(context.get(), &native) == GATUN_OK);
            Guarded<float> state(native.state_floats * streams, Edge::kEnd);
            std::vector<int32_t> levels(static_cast<size_t>(streams * positions));
            std::vector<float> log_prob(levels.size());
            gatun_step_run run{};
            run.state = state.data();
            run.noise = {7, 0, 1.0f, 0};
            run.streams = streams;
            REQUIRE(gatun_step_reset(context.get(), &native, state.data(), streams) == GATUN_OK);
            Random pieces("pieces");
            for (int64_t done = 0; done < positions; done += run.positions) {
                run.values = {levels.data() + done, nullptr, positions};
                run.log_prob = log_prob.data() + done;
                run.first_position = done;
                run.positions = in_pieces ? std::min(pieces.whole(1, 40), positions - done) : positions;
                REQUIRE(gatun_step(context.get(), &native, &run) == GATUN_OK);
            }
            log_prob.insert(log_prob.end(), levels.begin(), levels.end());
            return log_prob;
        };
        INFO("case ", i, ": ", streams, " streams, ", shape.residual, " channels, ", shape.kernel, " taps, precision ",
             precision);
        const std::vector<float> expected = draw(plain, GATUN_ISA_BASELINE, 1, false);
        for (const int32_t isa : levels()) {
            INFO(level_name(isa));
            CHECK(first_difference(draw(packed, isa, 1, true), expected) == -1);
            CHECK(first_difference(draw(packed, isa, 2, false), expected) == -1);
        }
    }
}

}  // namespace gatun::check
