#include "step_device.h"

#include "step_programs.h"
#include "step_streams.h"
#include "unit_programs.h"

namespace gatun::check {
namespace {

// A run that gatun_step and a device make side by side.
class Twins {
public:
    Twins(StepDevice& device, const gatun_step_program& program, Streams start, Random& random)
        : device_(device),
          program_(program),
          streams_(std::move(start)),
          random_(random),
          context_(context_of(levels().back(), 1)),
          state_(static_cast<size_t>(program.state_floats * streams_.count)),
          each_(static_cast<size_t>(streams_.count)),
          made_(static_cast<size_t>(streams_.count)) {
        REQUIRE(gatun_step_check(context_.get(), &program) == GATUN_OK);
        REQUIRE(gatun_step_reset(context_.get(), &program, state_.data(), streams_.count) == GATUN_OK);
        device.start(program, streams_.count, random);
        for (gatun_step_stream& stream : each_) stream = {0, random.bits(), random.bits(), 0, 0};
    }

    // own: streams have seeds and starts of their own, join, stand still and go on.
    void run(bool own) {
        for (int64_t position = 0; position < streams_.positions;) {
            if (own) change(position);
            if (device_.does_halves() && random_.whole(0, 3) == 0) {
                step_in_halves(position++, own);
                continue;
            }
            const int64_t steps = std::min(random_.whole(1, 6), streams_.positions - position);
            run_piece(position, steps, own);
            position += steps;
        }
        check_rings(device_.state());
    }

private:
    // What other slots hold is either seen in later values, or made anew before it is read.
    void check_rings(const std::vector<float>& found) {
        for (int32_t i = 0; i < program_.slot_count; ++i) {
            const gatun_step_slot& slot = program_.slots[i];
            if (slot.depth == 1) continue;
            const auto ring = [&](const std::vector<float>& all) {
                const auto first = all.begin() + slot.offset * streams_.count;
                return std::vector<float>(first, first + int64_t{slot.features} * slot.depth * streams_.count);
            };
            INFO("slot ", i);
            CHECK(first_difference(ring(state_), ring(found)) == -1);
        }
    }

    void change(int64_t position) {
        for (int64_t s = 0; s < streams_.count; ++s) {
            gatun_step_stream& stream = each_[static_cast<size_t>(s)];
            if (stream.idle == 0) {
                stream.idle = random_.whole(0, 5) == 0 ? 1 : 0;
                continue;
            }
            switch (random_.whole(0, 3)) {
                case 0:
                    join(s, position);
                    break;
                case 1:
                    go_on(s, position);
                    break;
                default:
                    break;
            }
        }
    }

    void join(int64_t s, int64_t position) {
        each_[static_cast<size_t>(s)] = {position, random_.bits(), random_.bits(), 0, 0};
        made_[static_cast<size_t>(s)] = 0;
        REQUIRE(gatun_step_reset_stream(context_.get(), &program_, state_.data(), streams_.count, s) == GATUN_OK);
        device_.reset_stream(s);
    }

    void go_on(int64_t s, int64_t position) {
        gatun_step_stream& stream = each_[static_cast<size_t>(s)];
        const int64_t stood = position - stream.start - made_[static_cast<size_t>(s)];
        REQUIRE(gatun_step_delay_stream(context_.get(), &program_, state_.data(), streams_.count, s, stood) ==
                GATUN_OK);
        device_.delay_stream(s, stood);
        stream.start += stood;
        stream.idle = 0;
    }

    void run_piece(int64_t position, int64_t steps, bool own) {
        Streams other = streams_;
        const gatun_step_run here = of(streams_, position, steps, own);
        REQUIRE(gatun_step(context_.get(), &program_, &here) == GATUN_OK);
        device_.run(of(other, position, steps, own));
        check_values(other, position, steps, own);
    }

    // Others go on between the halves, or before the first.
    void step_in_halves(int64_t position, bool own) {
        Streams other = streams_;
        const gatun_step_run here = of(streams_, position, 1, own), there = of(other, position, 1, own);
        const int64_t width = distribution_outputs(program_.distribution);
        std::vector<float> said(static_cast<size_t>(streams_.count * width)), found = said;
        const bool sooner = random_.whole(0, 1) == 0;
        if (sooner) device_.go_on_as_others();
        REQUIRE(gatun_step_outputs(context_.get(), &program_, &here, said.data()) == GATUN_OK);
        device_.outputs(there, found.data());
        if (!sooner) device_.go_on_as_others();
        REQUIRE(gatun_step_take(context_.get(), &program_, &here) == GATUN_OK);
        device_.take(there);
        for (int64_t i = 0; i < streams_.count * width; ++i) {
            if (own && each_[static_cast<size_t>(i / width)].idle != 0) continue;
            CHECK(same_bits(said[static_cast<size_t>(i)], found[static_cast<size_t>(i)]));
        }
        check_values(other, position, 1, own);
    }

    void check_values(const Streams& other, int64_t position, int64_t steps, bool own) {
        for (size_t s = 0; s < each_.size(); ++s) made_[s] += each_[s].idle == 0 ? steps : 0;
        INFO("steps ", position, " to ", position + steps - 1, own ? ", streams of their own" : "");
        CHECK(first_difference(streams_.levels, other.levels) == -1);
        CHECK(first_difference(streams_.reals, other.reals) == -1);
        CHECK(first_difference(streams_.log_prob, other.log_prob) == -1);
    }

    gatun_step_run of(Streams& of, int64_t position, int64_t steps, bool own) {
        const int64_t from = program_.places == nullptr ? position : 0;
        return {state_.data(),
                of.noise,
                {of.levels.empty() ? nullptr : of.levels.data() + from,
                 of.reals.empty() ? nullptr : of.reals.data() + from, of.positions},
                of.condition.frames.data(),
                of.condition.classes.data(),
                of.condition.frame_count,
                of.known.empty() ? nullptr : of.known.data() + from,
                of.log_prob.empty() ? nullptr : of.log_prob.data() + from,
                position,
                steps,
                of.count,
                own ? each_.data() : nullptr,
                nullptr,
                0,
                0};
    }

    StepDevice& device_;
    const gatun_step_program& program_;
    Streams streams_;
    Random& random_;
    Context context_;
    std::vector<float> state_;
    std::vector<gatun_step_stream> each_;
    std::vector<int64_t> made_;  // steps of each
};

// Half of the programs have weights of bfloat16, which devices keep as such: not those that something else takes in
// turns.
int32_t precision_of(int program) { return program / 2 % 2 == 1 ? GATUN_BF16 : GATUN_F32; }

}  // namespace

void check_random_programs(StepDevice& device, int graphs) {
    Random random("step device");
    for (int i = 0; i < graphs; ++i) {
        StepGraph graph(random_distribution(random), random);
        if (precision_of(i) == GATUN_BF16) graph.round_weights();
        const StepProgram program(graph, random, false);
        const gatun_step_program native = program.native();
        Streams start(graph, random);
        if (random.whole(0, 2) == 0) start.log_prob.clear();
        INFO("graph ", i, " of ", graph.nodes.size(), " nodes, distribution ", graph.d.type, ", ", start.count,
             " streams, ", start.positions, " positions");
        Twins(device, native, start, random).run(random.whole(0, 1) == 1);
    }
}

void check_unit_programs(StepDevice& device, int programs) {
    Random random("step device: units");
    for (int i = 0; i < programs; ++i) {
        const UnitProgram program(random, precision_of(i));
        INFO("program ", i, " of ", program.native().operation_count, " operations, ", program.chain, " positions");
        const gatun_step_program native = program.native();
        Twins(device, native, Streams(native, program.chain, random), random).run(false);
    }
    for (int i = 0; i < programs / 4; ++i) {
        const auto length = static_cast<int32_t>(random.whole(2, 60)),
                   units = static_cast<int32_t>(random.whole(1, 90));
        const BinaryProgram program(i % 3 > 0, length, units, random, precision_of(i));
        INFO("images ", i, ": ", length, " positions, ", units, " units");
        const gatun_step_program native = program.native();
        Twins(device, native, Streams(native, program.chain, random), random).run(false);
    }
}

void check_wavenets(StepDevice& device, int programs, int32_t head, int64_t most) {
    Random random("step device: wavenet");
    for (int i = 0; i < programs; ++i) {
        const auto layers = static_cast<int32_t>(random.whole(2, 9));
        const auto width = static_cast<int32_t>(random.whole(1, 5) * (random.whole(0, 1) == 0 ? 3 : 16));
        const int32_t all[] = {50, 256, 300, 16 * 33 + 5};  // few, whole sixteens of blocks, and with a rest
        const int32_t levels = all[random.whole(0, 3)];
        const WaveNetShape shape = {layers, width, width + 20, levels, 2, 1 << random.whole(1, 6), head};
        const WaveNetProgram program(shape, random, false, precision_of(i));
        const gatun_step_program native = program.native();
        INFO("program ", i, ": ", layers, " layers of ", width, ", ", levels, " levels");
        Twins(device, native, Streams(native, std::min(random.whole(10, 150), most), random), random)
            .run(random.whole(0, 1) == 1);
    }
}

}  // namespace gatun::check
