// How fast products of passes, their gradients and what follows them in training are on the first CUDA device:
// milliseconds by its own clock, and arithmetic or memory a second.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "gatun_cuda.h"

namespace {

template <class Call>
void on_device(Call&& call) {
    char text[512] = {};
    if (call(text, static_cast<int32_t>(sizeof text)) != GATUN_OK) throw std::runtime_error(text);
}

struct Shape {
    const char* name;
    int32_t examples, rows, columns, inputs, outputs, taps;
};

// Layers of the models in bench/results, at batches that fill a device.
constexpr Shape kShapes[] = {
    {"pixelcnn 7 taps of 64", 256, 28, 28, 64, 64, 7},  {"pixelcnn++ 9 taps of 160", 64, 32, 32, 160, 160, 9},
    {"1 x 1 of 256", 128, 32, 32, 256, 256, 1},         {"wavenet 2 taps of 128", 8, 1, 16000, 128, 256, 2},
    {"dense layer of 1,024", 512, 1, 1, 1024, 1024, 1},
};

gatun_map map_of(std::vector<float>& memory, const Shape& s, int32_t features, int32_t halo) {
    const int64_t row = static_cast<int64_t>(s.columns + 2 * halo) * features, example = (s.rows + 2 * halo) * row;
    memory.assign(static_cast<size_t>(s.examples * example), 0.5f);
    return {
        memory.data() + halo * row + halo * features, example, row, features, s.examples, s.rows, s.columns, features};
}

template <class Body>
double milliseconds(gatun_cuda_device* device, Body&& body, int32_t products = GATUN_CUDA_F32) {
    gatun_context* recorder = nullptr;
    gatun_cuda_memory* memory = nullptr;
    gatun_cuda_pass* pass = nullptr;
    if (gatun_record_create(&recorder) != GATUN_OK || body(recorder) != GATUN_OK) throw std::runtime_error("recording");
    const gatun_call* calls = nullptr;
    const int32_t count = gatun_record_calls(recorder, &calls);
    on_device([&](char* text, int32_t size) { return gatun_cuda_memory_create(device, &memory, text, size); });
    on_device([&](char* text, int32_t size) {
        return gatun_cuda_pass_create(memory, calls, count, products, &pass, text, size);
    });
    double best = 1e30;
    for (int i = 0; i < 5; ++i) {
        float once = 0;
        on_device([&](char* text, int32_t size) { return gatun_cuda_pass_run(pass, &once, text, size); });
        best = once < best ? once : best;
    }
    gatun_cuda_pass_destroy(pass);
    gatun_cuda_memory_destroy(memory);
    gatun_context_destroy(recorder);
    return best;
}

// Of training, at the batches of bench/results; the gradient of the data is a product of the transposed weights.
constexpr Shape kTrained[] = {
    {"gated 15 taps 64 > 128", 128, 28, 28, 64, 128, 15}, {"gated 3 taps 64 > 128", 128, 28, 28, 64, 128, 3},
    {"gated 1 x 1 128 > 128", 128, 28, 28, 128, 128, 1},  {"gated 1 x 1 64 > 64", 128, 28, 28, 64, 64, 1},
    {"++ 6 taps 320 > 160", 32, 28, 28, 320, 160, 6},     {"++ 4 taps 320 > 320", 32, 28, 28, 320, 320, 4},
    {"++ 6 taps, 7 x 7", 32, 7, 7, 320, 160, 6},          {"++ 6 taps 64 > 32", 32, 28, 28, 64, 32, 6},
};

struct Arithmetic {
    const char* name;
    int32_t products;
};
constexpr Arithmetic kArithmetic[] = {{"f32", GATUN_CUDA_F32}, {"tf32", GATUN_CUDA_TF32}, {"bf16", GATUN_CUDA_BF16}};

std::vector<gatun_tap> taps_of(const Shape& s) {
    std::vector<gatun_tap> taps;
    taps.reserve(static_cast<size_t>(s.taps));
    const int32_t wide = s.taps > 9 ? 5 : 3;
    for (int32_t k = 0; k < s.taps; ++k) taps.push_back({s.rows == 1 ? 0 : -(k / wide), k % wide - wide / 2});
    return taps;
}

std::vector<float> weights_of(const Shape& s, int32_t inputs, int32_t outputs) {
    const int64_t blocks = (outputs + GATUN_LANES - 1) / GATUN_LANES;
    std::vector<float> weights(static_cast<size_t>(blocks * GATUN_LANES * s.taps * inputs));
    for (size_t i = 0; i < weights.size(); ++i) weights[i] = 0.01f * static_cast<float>(i % 23) - 0.11f;
    return weights;
}

// Forwards, the gradient of the data, the gradient of the weights.
void measure_trained(gatun_cuda_device* device, const Shape& s) {
    constexpr int32_t kHalo = 4;
    std::vector<float> in, out, in_slopes, out_halo;
    const gatun_map x = map_of(in, s, s.inputs, kHalo), y = map_of(out, s, s.outputs, 0);
    const gatun_map dx = map_of(in_slopes, s, s.inputs, 0), dy = map_of(out_halo, s, s.outputs, kHalo);
    const std::vector<gatun_tap> taps = taps_of(s);
    const std::vector<float> weights = weights_of(s, s.inputs, s.outputs), back = weights_of(s, s.outputs, s.inputs);
    std::vector<float> slopes = weights, bias(static_cast<size_t>(s.outputs));
    const gatun_affine there = {weights.data(), bias.data(), taps.data(), s.taps, s.inputs, s.outputs, 0};
    const gatun_affine backwards = {back.data(), nullptr, taps.data(), s.taps, s.outputs, s.inputs, 0};
    const double operations = 2.0 * s.examples * s.rows * s.columns * s.taps * s.inputs * s.outputs;
    for (const Arithmetic& how : kArithmetic) {
        const double forward = milliseconds(
            device, [&](gatun_context* c) { return gatun_affine_run(c, &there, &x, &y, 0); }, how.products);
        const double data = milliseconds(
            device, [&](gatun_context* c) { return gatun_affine_run(c, &backwards, &dy, &dx, 0); }, how.products);
        const double of_weights = milliseconds(
            device,
            [&](gatun_context* c) { return gatun_affine_gradient(c, &there, &x, &y, slopes.data(), bias.data()); },
            how.products);
        std::printf("%-26s %-4s forward %7.3f ms %6.1f TFLOP/s, data %7.3f ms %6.1f, weights %7.3f ms %6.1f\n", s.name,
                    how.name, forward, operations / forward * 1e-9, data, operations / data * 1e-9, of_weights,
                    operations / of_weights * 1e-9);
    }
}

void measure(gatun_cuda_device* device, const Shape& s) {
    std::vector<float> in, out;
    constexpr int32_t kHalo = 4;
    const gatun_map x = map_of(in, s, s.inputs, kHalo), y = map_of(out, s, s.outputs, 0);
    std::vector<gatun_tap> taps;
    taps.reserve(static_cast<size_t>(s.taps));
    for (int32_t k = 0; k < s.taps; ++k) taps.push_back({s.rows == 1 ? 0 : -(k / 3), k % 3 - 1});
    const int64_t blocks = (s.outputs + GATUN_LANES - 1) / GATUN_LANES;
    std::vector<float> weights(static_cast<size_t>(blocks * GATUN_LANES * s.taps * s.inputs), 0.01f), slopes = weights;
    const gatun_affine affine = {weights.data(), nullptr, taps.data(), s.taps, s.inputs, s.outputs, 0};
    const double operations = 2.0 * s.examples * s.rows * s.columns * s.taps * s.inputs * s.outputs;
    const double forward =
        milliseconds(device, [&](gatun_context* c) { return gatun_affine_run(c, &affine, &x, &y, 0); });
    const double backward = milliseconds(
        device, [&](gatun_context* c) { return gatun_affine_gradient(c, &affine, &x, &y, slopes.data(), nullptr); });
    std::printf("%-26s product %8.3f ms %7.2f TFLOP/s, gradient of weights %8.3f ms %7.2f TFLOP/s\n", s.name, forward,
                operations / forward * 1e-9, backward, operations / backward * 1e-9);
}

// What a step of training does to parameters, gradient and running states; `vectors`: of them read or written.
template <class Body>
void measure_vectors(gatun_cuda_device* device, const char* name, double floats, int vectors, Body&& body) {
    const double time = milliseconds(device, body);
    std::printf("%-26s of %.0f million numbers %8.3f ms %7.0f GB/s\n", name, floats * 1e-6, time,
                floats * vectors * sizeof(float) / time * 1e-6);
}

void measure_steps(gatun_cuda_device* device) {
    for (const int64_t count : {int64_t{1} << 20, int64_t{1} << 25}) {
        std::vector<float> parameters(static_cast<size_t>(count), 0.5f);
        std::vector<float> gradient = parameters, first = parameters, second = parameters;
        gatun_optimizer adam{};
        adam.kind = GATUN_ADAM;
        adam.learning_rate = 1e-3;
        adam.beta1 = 0.9;
        adam.beta2 = 0.999;
        adam.epsilon = 1e-8;
        adam.step = 1;
        const auto floats = static_cast<double>(count);
        double sum = 0;
        measure_vectors(device, "step of adam", floats, 7, [&](gatun_context* c) {
            return gatun_optimizer_step(c, &adam, count, parameters.data(), gradient.data(), first.data(),
                                        second.data());
        });
        measure_vectors(device, "sum of squares", floats, 1,
                        [&](gatun_context* c) { return gatun_sum_of_squares(c, count, gradient.data(), &sum); });
        measure_vectors(device, "average", floats, 3, [&](gatun_context* c) {
            return gatun_average(c, count, 0.999, parameters.data(), first.data());
        });
    }
}

}  // namespace

int main() {
    try {
        gatun_cuda_device* device = nullptr;
        on_device([&](char* text, int32_t size) { return gatun_cuda_open(0, &device, text, size); });
        for (const Shape& shape : kShapes) measure(device, shape);
        for (const Shape& shape : kTrained) measure_trained(device, shape);
        measure_steps(device);
        gatun_cuda_close(device);
        return EXIT_SUCCESS;
    } catch (const std::exception& error) {
        std::printf("%s\n", error.what());
        return EXIT_FAILURE;
    }
}
