#include "step/team.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "core/lines.h"
#include "core/spin.h"
#include "step/waves.h"

namespace gatun {
namespace {

bool is_shared(const gatun_step_operation& op) {
    return is_packed(op) && packed_blocks(product_outputs(op)) > kPackedGroup;
}

}  // namespace

int64_t Team::members(const gatun_step_program& program, int64_t threads) {
    const auto* end = program.operations + program.operation_count;
    return std::any_of(program.operations, end, is_shared) ? std::min(threads, kMost) : 1;
}

int64_t Team::bytes(const gatun_step_program& program, int64_t members) {
    return (members - 1) * PackedSteps::bytes(program) + PackedSteps::chain_bytes(program) +
           whole_lines(program.operation_count) + whole_lines(int64_t{16} * program.slot_count);
}

Team::Team(int32_t isa, const gatun_step_program& program, const gatun_step_run& run, int64_t stream, int64_t members,
           char* memory)
    : isa_(isa), program_(program), run_(run), stream_(stream), helpers_(memory) {
    memory += (members - 1) * PackedSteps::bytes(program);
    chains_ = reinterpret_cast<float*>(memory);
    memory += PackedSteps::chain_bytes(program);
    meets_ = reinterpret_cast<uint8_t*>(memory);
    memory += whole_lines(program.operation_count);
    meetings_ = find_meetings(program, meets_, reinterpret_cast<int32_t*>(memory)) + 1;
}

void Team::Seat::begin(int64_t step, PackedSteps& packed) {
    if (team_ == nullptr) return;
    const uint32_t members = team_->came_.load(std::memory_order_acquire);
    if (members == 1) return;
    team_->go_.store(static_cast<uint64_t>(step + 1) << kMost | members, std::memory_order_release);
    follow(step, members, packed);
}

void Team::Seat::follow(int64_t step, uint32_t members, PackedSteps& packed) {
    if (members != members_) {
        members_ = members;
        const uint32_t before = members & ((1u << member_) - 1);
        packed.share(std::popcount(before), std::popcount(members));
    }
    number_ = step * team_->meetings_;
}

void Team::Seat::meet() {
    ++number_;
    team_->counters_[member_].meeting.store(number_, std::memory_order_release);
    for (int64_t other = 0; other < kMost; ++other) {
        if (other == member_ || (members_ >> other & 1) == 0) continue;
        const std::atomic<int64_t>& meeting = team_->counters_[other].meeting;
        spin_until([&] { return meeting.load(std::memory_order_acquire) >= number_; });
    }
}

void Team::help(int64_t member) {
    Seat seat(this, member);
    std::optional<PackedSteps> packed;
    came_.fetch_or(1u << member, std::memory_order_acq_rel);
    for (uint64_t last = 0, go = 0;; last = go) {
        spin_until([&] { return (go = go_.load(std::memory_order_acquire)) != last; });
        if (go == kLeft) return;
        const auto step = static_cast<int64_t>(go >> kMost) - 1;
        const auto members = static_cast<uint32_t>(go & ((1u << kMost) - 1));
        if ((members >> member & 1) == 0) continue;
        if (!packed) {
            packed.emplace(isa_, program_, run_, PackedSteps::Streams{stream_, 1}, step,
                           helpers_ + (member - 1) * PackedSteps::bytes(program_), chains_);
        }
        seat.follow(step, members, *packed);
        for (int32_t i = 0; i < program_.operation_count; ++i) {
            seat.before(i);
            if (packed->has(i)) packed->run(i);
        }
        seat.end();
        packed->advance();
    }
}

}  // namespace gatun
