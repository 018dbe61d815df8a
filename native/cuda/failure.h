// A failure with the status that an entry gives.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace gatun::gpu {

class Failure : public std::runtime_error {
public:
    Failure(int32_t status, const std::string& text) : std::runtime_error(text), code(status) {}
    const int32_t code;
};

}  // namespace gatun::gpu
