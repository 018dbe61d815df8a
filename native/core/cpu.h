// Which instruction set levels this machine can run.
#pragma once

#include <cstdint>
#include <string>

namespace gatun {

bool has_isa(int32_t isa);

// Whether the machine has, of a level's width, an instruction that multiplies bytes and adds up four products:
// AVX-VNNI, AVX512-VNNI, Arm's dot product. No level demands it.
bool has_byte_products(int32_t isa);

// The best level within what GATUN_ISA allows; `reason` says what was found and what capped it.
// GATUN_ISA holding anything but a level's name gives 0 and the reason.
int32_t best_isa(std::string& reason);

const char* isa_name(int32_t isa);

}  // namespace gatun
