// Training on a device against the processor: optimisers' steps, norms and averages to the bit, and memory in which the
// vectors of a run stay from step to step.
#include "optimizer_settings.h"
#include "pass_device.h"

namespace gatun::check {
namespace {

// The vectors of a run and what a step makes of them.
struct Vectors {
    int64_t count;
    float *parameters, *gradient, *first, *second, *average;

    int32_t step(gatun_context* context, const gatun_optimizer& o) const {
        return gatun_optimizer_step(context, &o, count, parameters, gradient, uses_first(o) ? first : nullptr,
                                    uses_second(o) ? second : nullptr);
    }
};

Vectors vectors(PassDevice& device, int64_t count) {
    const Vectors made{count,
                       device.floats(count),
                       device.floats(count),
                       device.floats(count),
                       device.floats(count),
                       device.floats(count)};
    for (int64_t i = 0; i < count; ++i) made.second[i] = std::fabs(made.second[i]);
    return made;
}

class Memory {
public:
    Memory() {
        require([&](char* text, int32_t size) { return gatun_cuda_open(0, &device_, text, size); });
        require([&](char* text, int32_t size) { return gatun_cuda_memory_create(device_, &under_, text, size); });
        require([&](char* text, int32_t size) { return gatun_cuda_memory_over(under_, &over_, text, size); });
    }
    ~Memory() {
        gatun_cuda_memory_destroy(under_);
        gatun_cuda_memory_destroy(over_);
        gatun_cuda_close(device_);
    }
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;

    gatun_cuda_memory* under() { return under_; }
    gatun_cuda_memory* over() { return over_; }
    void hold(gatun_cuda_memory* in, const std::vector<float>& values) {
        require(
            [&](char* text, int32_t size) { return gatun_cuda_hold(in, values.data(), bytes(values), text, size); });
    }
    void fetch(gatun_cuda_memory* from, std::vector<float>& values) {
        require([&](char* text, int32_t size) {
            return gatun_cuda_download(from, values.data(), bytes(values), text, size);
        });
    }
    // body(context) is recorded and run once, in the memory that lies over the other.
    template <class Body>
    int32_t run(Body&& body) {
        gatun_context* recorder = nullptr;
        REQUIRE(gatun_record_create(&recorder) == GATUN_OK);
        const Context owner(recorder);
        REQUIRE(body(recorder) == GATUN_OK);
        const gatun_call* calls = nullptr;
        const int32_t count = gatun_record_calls(recorder, &calls);
        return gatun_cuda_run(over_, calls, count, text_, sizeof text_);
    }
    std::string text() const { return text_; }

private:
    static int64_t bytes(const std::vector<float>& values) {
        return static_cast<int64_t>(values.size() * sizeof(float));
    }
    template <class Call>
    void require(Call&& call) {
        const int32_t status = call(text_, static_cast<int32_t>(sizeof text_));
        REQUIRE_MESSAGE(status == GATUN_OK, text_);
    }

    gatun_cuda_device* device_ = nullptr;
    gatun_cuda_memory *under_ = nullptr, *over_ = nullptr;
    char text_[512] = {};
};

}  // namespace

TEST_CASE("pass: steps of optimisers") {
    Random random("pass optimisers");
    for (const Setting& setting : kSettings) {
        CAPTURE(setting.name);
        for (const int64_t count : {int64_t{1}, int64_t{64}, random.whole(65, 9000)}) {
            PassDevice device(random);
            const Vectors v = vectors(device, count);
            gatun_optimizer o = setting.optimizer;
            device.run([&](gatun_context* context) {
                int32_t status = GATUN_OK;
                for (o.step = 1; o.step <= 3 && status == GATUN_OK; ++o.step) status = v.step(context, o);
                return status;
            });
            CHECK(device.same_bits());
        }
    }
}

TEST_CASE("pass: norms, scales and averages of vectors") {
    Random random("pass vectors");
    for (const int64_t count : {int64_t{1}, int64_t{4096}, int64_t{4097}, random.whole(8000, 100000)}) {
        PassDevice device(random);
        const Vectors v = vectors(device, count);
        auto* sum = reinterpret_cast<double*>(device.floats(2));
        for (const double decay : {0.0, 0.3, 0.9995}) {
            device.run([&](gatun_context* context) {
                const int32_t status = gatun_sum_of_squares(context, count, v.gradient, sum);
                if (status != GATUN_OK) return status;
                const int32_t scaled = gatun_scale(context, count, 0.7f, v.gradient);
                return scaled != GATUN_OK ? scaled : gatun_average(context, count, decay, v.parameters, v.average);
            });
            CHECK(device.same_bits());
        }
    }
}

TEST_CASE("pass: dropout") {
    Random random("pass dropout");
    for (int i = 0; i < 20; ++i) {
        PassDevice device(random);
        const auto whole = [&](int64_t least, int64_t most) { return static_cast<int32_t>(random.whole(least, most)); };
        const int32_t examples = whole(1, 3), rows = whole(1, 5), columns = whole(1, 40), features = whole(1, 40);
        const gatun_map x = device.map(examples, rows, columns, features);
        const gatun_map y = i % 3 == 0 ? x : device.map(examples, rows, columns, features);
        // It is read when the call runs: like the maps it has a place on the device.
        auto* draws = reinterpret_cast<gatun_dropout*>(device.floats(sizeof(gatun_dropout) / sizeof(float)));
        *draws = {static_cast<uint64_t>(random.whole(0, int64_t{1} << 60)), whole(1, 65536), 1.5f};
        device.run([&](gatun_context* context) { return gatun_dropout_run(context, draws, &x, &y, i % 2); });
        CHECK(device.same_bits());
    }
}

TEST_CASE("pass: memory over other memory, and calls that are run once") {
    Random random("pass memory");
    const int64_t count = random.whole(5000, 6000);
    std::vector<float> parameters = random.reals(count, -1, 1), gradient = random.reals(count, -1, 1);
    std::vector<float> momentum = random.reals(count, -1, 1), sum(2);
    std::vector<float> expected = parameters, buffer = momentum, norm = sum;
    gatun_optimizer o{};
    o.learning_rate = 0.1;
    o.momentum = 0.9;
    const Context here = context_of(levels().back(), 1);
    Memory memory;
    memory.hold(memory.under(), parameters);
    memory.hold(memory.under(), gradient);
    memory.hold(memory.over(), momentum);
    memory.hold(memory.over(), sum);
    memory.hold(memory.over(), parameters);  // has a place
    for (o.step = 1; o.step <= 2; ++o.step) {
        const auto both = [&](gatun_context* context, float* p, float* m, float* n) {
            const int32_t status = gatun_sum_of_squares(context, count, p, reinterpret_cast<double*>(n));
            return status != GATUN_OK ? status
                                      : gatun_optimizer_step(context, &o, count, p, gradient.data(), m, nullptr);
        };
        REQUIRE(both(here.get(), expected.data(), buffer.data(), norm.data()) == GATUN_OK);
        CHECK(memory.run([&](gatun_context* context) {
            return both(context, parameters.data(), momentum.data(), sum.data());
        }) == GATUN_OK);
    }
    memory.fetch(memory.over(), momentum);
    memory.fetch(memory.over(), sum);
    memory.fetch(memory.under(), parameters);
    CHECK(first_difference(parameters, expected) < 0);
    CHECK(first_difference(momentum, buffer) < 0);
    CHECK(first_difference(sum, norm) < 0);
    std::fill(parameters.begin(), parameters.end(), 0.0f);
    memory.fetch(memory.over(), parameters);
    CHECK(first_difference(parameters, expected) < 0);

    // What has no place, what lies across places, and what wants tables.
    std::vector<float> other(64);
    CHECK(memory.run([&](gatun_context* context) { return gatun_scale(context, 64, 2, other.data()); }) ==
          GATUN_INVALID_ARGUMENT);
    CHECK(memory.text().find("memory that a pass was not made for") != std::string::npos);
    std::vector<float> whole(64);
    char text[256] = {};
    REQUIRE(gatun_cuda_hold(memory.under(), whole.data(), 128, text, sizeof text) == GATUN_OK);
    CHECK(gatun_cuda_hold(memory.over(), whole.data(), 256, text, sizeof text) == GATUN_INVALID_ARGUMENT);
    CHECK(std::string(text) == "memory of which other memory holds a part");
    const gatun_tap here_alone{0, 0};
    const gatun_affine affine{whole.data(), nullptr, &here_alone, 1, 1, 1, 0};
    const gatun_map x{whole.data() + 16, 1, 1, 1, 1, 1, 1, 1}, y{whole.data() + 17, 1, 1, 1, 1, 1, 1, 1};
    CHECK(memory.run([&](gatun_context* context) { return gatun_affine_run(context, &affine, &x, &y, 0); }) ==
          GATUN_UNSUPPORTED);
    CHECK(memory.text().find("made a pass first") != std::string::npos);
}

}  // namespace gatun::check
