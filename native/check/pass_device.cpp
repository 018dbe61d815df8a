#include "pass_device.h"

namespace gatun::check {
namespace {

constexpr float kWhole = 5;  // the largest whole number

template <class Call>
void on_device(Call&& call) {
    char text[512] = {};
    if (call(text, static_cast<int32_t>(sizeof text)) != GATUN_OK) throw std::runtime_error(text);
}

// Where the first position lies, and how many values there are, of a grid with a halo.
struct Room {
    int64_t column, row, example, origin, size;

    Room(int32_t examples, int32_t rows, int32_t columns, int32_t features, int32_t halo)
        : column(features + (features % 4 == 0 ? 0 : 1)),
          row((columns + 2 * halo) * column),
          example((rows + 2 * halo) * row),
          origin(halo * row + halo * column),
          size(examples * example) {}
};

}  // namespace

PassDevice::PassDevice(Random& random) : random_(random) {
    on_device([&](char* text, int32_t size) { return gatun_cuda_open(0, &device_, text, size); });
}

PassDevice::~PassDevice() { gatun_cuda_close(device_); }

int32_t PassDevice::levels_here() { return check::levels().back(); }

void PassDevice::require(int32_t status) {
    if (status != GATUN_OK) throw std::runtime_error("status " + std::to_string(status));
}

float* PassDevice::floats(int64_t count, double size) {
    memory_.push_back(random_.reals(count, -size, size));
    if (whole_) {
        for (float& x : memory_.back()) x = std::round(kWhole * x) + 0.0f;  // no -0
    }
    return memory_.back().data();
}

int32_t* PassDevice::levels(int64_t count, int32_t least, int32_t below) {
    auto* values = reinterpret_cast<int32_t*>(floats(count));
    for (int64_t i = 0; i < count; ++i) {
        const auto level = static_cast<int32_t>(random_.whole(least, below - 1));
        std::memcpy(values + i, &level, sizeof level);
    }
    return values;
}

gatun_map PassDevice::map(int32_t examples, int32_t rows, int32_t columns, int32_t features, int32_t halo) {
    const Room room(examples, rows, columns, features, halo);
    float* all = floats(room.size);
    const gatun_map map{all + room.origin, room.example, room.row, room.column, examples, rows, columns, features};
    if (halo == 0) return map;
    const std::vector<float> inside(all, all + room.size);
    std::fill(all, all + room.size, 0.0f);
    for (int64_t n = 0; n < examples; ++n) {
        for (int64_t i = 0; i < rows; ++i) {
            const int64_t from = room.origin + n * room.example + i * room.row;
            std::copy_n(inside.data() + from, columns * room.column, all + from);
        }
    }
    return map;
}

gatun_levels PassDevice::level_map(int32_t examples, int32_t rows, int32_t columns, int32_t features, int32_t below,
                                   int32_t halo) {
    const Room room(examples, rows, columns, features, halo);
    int32_t* all = levels(room.size, halo > 0 ? -1 : 0, below);
    return {all + room.origin, room.example, room.row, room.column, examples, rows, columns, features};
}

std::vector<std::vector<float>> PassDevice::contents() const { return {memory_.begin(), memory_.end()}; }

void PassDevice::restore(const std::vector<std::vector<float>>& from) {
    size_t i = 0;
    for (std::vector<float>& memory : memory_) std::copy(from[i].begin(), from[i].end(), memory.begin()), ++i;
}

void PassDevice::run_recorded(const gatun_context& recorder, int32_t products) {
    const gatun_call* calls = nullptr;
    const int32_t count = gatun_record_calls(&recorder, &calls);
    gatun_cuda_memory* memory = nullptr;
    gatun_cuda_pass* pass = nullptr;
    on_device([&](char* text, int32_t size) { return gatun_cuda_memory_create(device_, &memory, text, size); });
    // Memory that is cleared touches all of what is compared; it is taken up before, and not run.
    gatun_context* touch = nullptr;
    require(gatun_record_create(&touch));
    const Context owner(touch);
    for (std::vector<float>& own : memory_) {
        require(gatun_clear(touch, static_cast<int64_t>(own.size()), own.data()));
    }
    const gatun_call* all = nullptr;
    const int32_t pieces = gatun_record_calls(touch, &all);
    gatun_cuda_pass* unused = nullptr;
    on_device([&](char* text, int32_t size) {
        return gatun_cuda_pass_create(memory, all, pieces, GATUN_CUDA_F32, &unused, text, size);
    });
    on_device([&](char* text, int32_t size) {
        return gatun_cuda_pass_create(memory, calls, count, products, &pass, text, size);
    });
    on_device([&](char* text, int32_t size) { return gatun_cuda_pass_run(pass, nullptr, text, size); });
    for (std::vector<float>& own : memory_) {
        on_device([&](char* text, int32_t size) {
            return gatun_cuda_download(memory, own.data(), static_cast<int64_t>(own.size() * sizeof(float)), text,
                                       size);
        });
    }
    gatun_cuda_pass_destroy(unused);
    gatun_cuda_pass_destroy(pass);
    gatun_cuda_memory_destroy(memory);
}

bool PassDevice::same_bits() const {
    for (size_t i = 0; i < found_.size(); ++i) {
        const int64_t at = first_difference(found_[i], expected_[i]);
        if (at < 0) continue;
        MESSAGE("memory ", i, " at ", at, ": ", found_[i][static_cast<size_t>(at)], " for ",
                expected_[i][static_cast<size_t>(at)]);
        return false;
    }
    return true;
}

double PassDevice::difference() const {
    double most = 0;
    for (size_t i = 0; i < found_.size(); ++i) {
        double largest = 1e-30, apart = 0;
        for (size_t k = 0; k < found_[i].size(); ++k) {
            if (check::same_bits(found_[i][k], expected_[i][k])) continue;
            largest = std::max(largest, std::fabs(static_cast<double>(expected_[i][k])));
            apart =
                std::max(apart, std::fabs(static_cast<double>(found_[i][k]) - static_cast<double>(expected_[i][k])));
            if (std::isnan(found_[i][k])) return std::numeric_limits<double>::infinity();
        }
        for (const float x : expected_[i]) {
            if (std::isfinite(x)) largest = std::max(largest, std::fabs(static_cast<double>(x)));
        }
        most = std::max(most, apart / largest);
    }
    return most;
}

}  // namespace gatun::check
