// Streams of one run that join, stand still and leave at any step: the bits of the same streams, each drawn alone.
#include <doctest/doctest.h>

#include <array>
#include <optional>

#include "guarded.h"
#include "step_graph.h"

namespace gatun::check {
namespace {

constexpr int64_t kMostSteps = 5;  // of a piece

// A stream's length, noise and condition, its values (where `known`, given) and their log-probabilities.
struct Song {
    int64_t length;
    gatun_noise noise;
    int32_t label;
    std::vector<float> frames, reals, log_prob;
    std::vector<int32_t> levels;
    std::vector<uint8_t> known;

    Song(const StepGraph& graph, const gatun_noise& shared, Random& random)
        : length(random.whole(1, 25)),
          noise(shared),
          label(static_cast<int32_t>(random.whole(0, StepGraph::kClasses - 1))),
          frames(random.reals((length + graph.frame_every - 1) / graph.frame_every * StepGraph::kFrameFeatures, -1, 1)),
          reals(random.reals(length, -2, 2)),
          log_prob(static_cast<size_t>(length)) {
        if (random.whole(0, 2) > 0) noise.seed = random.bits();
        noise.first_sample = random.whole(0, 2) == 0 ? ~uint64_t{0} : static_cast<uint64_t>(random.whole(0, 3));
        const int64_t most = std::max(1, graph.d.levels) - 1;
        for (int64_t i = 0; i < length; ++i) {
            levels.push_back(static_cast<int32_t>(random.whole(0, most)));
            known.push_back(random.whole(0, 3) == 0 ? 1 : 0);
        }
    }

    void draw_alone(const gatun_step_program& program, gatun_context* context) {
        Guarded<float> state(program.state_floats);
        REQUIRE(gatun_step_reset(context, &program, state.data(), 1) == GATUN_OK);
        const bool real = program.distribution.type == GATUN_GAUSSIAN;
        const gatun_values values = {real ? nullptr : levels.data(), real ? reals.data() : nullptr, length};
        gatun_step_run run{};
        run.state = state.data();
        run.noise = noise;
        run.values = values;
        run.frames = frames.data();
        run.classes = &label;
        run.frame_count = static_cast<int64_t>(frames.size()) / StepGraph::kFrameFeatures;
        run.known = known.data();
        run.log_prob = log_prob.data();
        run.positions = length;
        run.streams = 1;
        REQUIRE(gatun_step(context, &program, &run) == GATUN_OK);
    }
};

// Places for streams in one state; each place's song, and how far it has got.
class Stage {
public:
    Stage(const StepGraph& graph, const gatun_step_program& program, gatun_context* context, int64_t places)
        : graph_(graph),
          program_(program),
          context_(context),
          places_(places),
          frames_kept_(kMostSteps / graph.frame_every + 2),
          state_(program.state_floats * places),
          frames_(places * frames_kept_ * StepGraph::kFrameFeatures),
          reals_(places * kMostSteps),
          log_prob_(places * kMostSteps),
          levels_(places * kMostSteps),
          classes_(places),
          known_(places * kMostSteps),
          each_(static_cast<size_t>(places)),
          songs_(static_cast<size_t>(places)),
          position_(static_cast<size_t>(places)) {
        REQUIRE(gatun_step_reset(context, &program, state_.data(), places) == GATUN_OK);
    }

    void play(Random& random, const gatun_noise& shared, int pieces) {
        for (int i = 0; i < pieces; ++i) {
            int64_t steps = random.whole(1, kMostSteps);
            for (int64_t place = 0; place < places_; ++place) {
                change(place, random, shared);
                if (!idle(place)) steps = std::min(steps, left(place));
            }
            prepare(steps);
            run(steps, shared);
            for (int64_t place = 0; place < places_; ++place) check(place, steps);
            clock_ += steps;
        }
    }

private:
    bool idle(int64_t place) { return each(place).idle == 1; }
    Song& song(int64_t place) { return *songs_[static_cast<size_t>(place)]; }
    int64_t& position(int64_t place) { return position_[static_cast<size_t>(place)]; }
    gatun_step_stream& each(int64_t place) { return each_[static_cast<size_t>(place)]; }
    int64_t left(int64_t place) { return song(place).length - position(place); }

    // A place may stay empty, start with another song at any time, stand still or go on.
    void change(int64_t place, Random& random, const gatun_noise& shared) {
        std::optional<Song>& here = songs_[static_cast<size_t>(place)];
        if (!here || left(place) == 0 || random.whole(0, 9) == 0) {
            here.reset();
            each(place) = {0, 0, 0, 1, 0};
            if (random.whole(0, 1) == 0) return;
            here.emplace(graph_, shared, random);
            here->draw_alone(program_, context_);
            position(place) = 0;
            each(place) = {clock_, here->noise.seed, here->noise.first_sample, 0, 0};
            REQUIRE(gatun_step_reset_stream(context_, &program_, state_.data(), places_, place) == GATUN_OK);
        }
        const bool stand = random.whole(0, 3) == 0;
        const int64_t stood = clock_ - each(place).start - position(place);
        if (!stand && stood > 0) {
            REQUIRE(gatun_step_delay_stream(context_, &program_, state_.data(), places_, place, stood) == GATUN_OK);
            each(place).start += stood;
        }
        each(place).idle = stand ? 1 : 0;
    }

    // What the piece may read, and poison elsewhere.
    void prepare(int64_t steps) {
        frames_.poison();
        reals_.poison();
        levels_.poison();
        log_prob_.poison();
        known_.poison();
        classes_.poison();
        for (int64_t place = 0; place < places_; ++place) {
            if (idle(place)) continue;
            classes_[place] = song(place).label;
            for (int64_t i = 0; i < steps; ++i) {
                const auto at = static_cast<size_t>(position(place) + i);
                const int64_t to = place * kMostSteps + i;
                known_[to] = song(place).known[at];
                if (known_[to] == 0) continue;
                if (real()) reals_[to] = song(place).reals[at];
                if (!real()) levels_[to] = song(place).levels[at];
            }
            give_frames(place, steps);
        }
    }

    void give_frames(int64_t place, int64_t steps) {
        const int64_t width = StepGraph::kFrameFeatures;
        const int64_t last = (position(place) + steps - 1) / graph_.frame_every;
        for (int64_t frame = position(place) / graph_.frame_every; frame <= last; ++frame) {
            std::copy_n(song(place).frames.begin() + frame * width, width,
                        frames_.data() + (place * frames_kept_ + frame % frames_kept_) * width);
        }
    }

    void run(int64_t steps, const gatun_noise& shared) {
        const gatun_step_run run = {state_.data(),
                                    shared,
                                    {real() ? nullptr : levels_.data(), real() ? reals_.data() : nullptr, kMostSteps},
                                    frames_.data(),
                                    classes_.data(),
                                    frames_kept_,
                                    known_.data(),
                                    log_prob_.data(),
                                    clock_,
                                    steps,
                                    places_,
                                    each_.data(),
                                    nullptr,
                                    1,
                                    0};
        REQUIRE(gatun_step(context_, &program_, &run) == GATUN_OK);
    }

    void check(int64_t place, int64_t steps) {
        for (int64_t i = 0; i < steps; ++i) {
            INFO("place ", place, ", clock ", clock_, " + ", i);
            const int64_t at = place * kMostSteps + i;
            if (idle(place)) {
                REQUIRE(levels_[at] == Guarded<int32_t>::poison_value());
                REQUIRE(std::isnan(reals_[at]));
                REQUIRE(std::isnan(log_prob_[at]));
                continue;
            }
            const auto own = static_cast<size_t>(position(place) + i);
            if (real()) REQUIRE(same_bits(reals_[at], song(place).reals[own]));
            if (!real()) REQUIRE(levels_[at] == song(place).levels[own]);
            REQUIRE(same_bits(log_prob_[at], song(place).log_prob[own]));
        }
        if (!idle(place)) position(place) += steps;
    }

    bool real() const { return program_.distribution.type == GATUN_GAUSSIAN; }

    const StepGraph& graph_;
    const gatun_step_program& program_;
    gatun_context* context_;
    const int64_t places_, frames_kept_;
    Guarded<float> state_, frames_, reals_, log_prob_;
    Guarded<int32_t> levels_, classes_;
    Guarded<uint8_t> known_;
    std::vector<gatun_step_stream> each_;
    std::vector<std::optional<Song>> songs_;
    std::vector<int64_t> position_;
    int64_t clock_ = 0;
};

}  // namespace

TEST_CASE("step: streams that join, stand still and leave at any step are those drawn alone") {
    Random random("step: joins and leaves");
    for (int i = 0; i < 60; ++i) {
        const StepGraph graph(random_distribution(random), random);
        const StepProgram program(graph, random);
        const gatun_step_program native = program.native();
        const int64_t places = std::array{1, 2, 3, 7, 19}[static_cast<size_t>(random.whole(0, 4))];
        const gatun_noise shared{random.bits(), random.bits(), random.whole(0, 1) == 0 ? 1.0f : 0.7f,
                                 random.whole(0, 9) == 0 ? 1 : 0};
        for (const int32_t isa : levels()) {
            for (const int32_t threads : {1, 2, 3}) {
                INFO("graph ", i, ", ", places, " places, ", level_name(isa), ", ", threads, " threads");
                const Context context = context_of(isa, threads);
                REQUIRE(gatun_step_check(context.get(), &native) == GATUN_OK);
                Stage(graph, native, context.get(), places).play(random, shared, 12);
            }
        }
    }
}

}  // namespace gatun::check
