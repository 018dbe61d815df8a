// A walk that several threads share: what the first of them runs of what is shared, and what the others do meanwhile.
#include <algorithm>

#include "ops/affine/pieces.h"
#include "step/grid/kinds.h"
#include "step/grid/team.h"

namespace gatun::grid {

// The first's: its own piece, then those that nobody has begun.
void Walk::run_pieces(int32_t operation) {
    const Prepared& p = prepared_[operation];
    const int64_t columns = columns_of(*p.op);
    team_->reach(position_, operation);
    run_piece(p, team_->piece(operation, 0, columns));
    for (int64_t member = 1; member < team_->members(); ++member) {
        if (team_->take(operation, member, position_)) {
            run_piece(p, team_->piece(operation, member, columns));
        } else {
            team_->await_piece(operation, member, position_);
        }
    }
}

// The first's: a pixel's operation, or what helpers have left of it.
void Walk::run_pixel(int32_t operation) {
    const Prepared& p = prepared_[operation];
    const Ahead* ahead = team_->ahead(operation);
    if (ahead == nullptr || team_->take(operation, team_->helper(operation), position_)) {
        run_at(p, column_, nullptr);
    } else {
        team_->await_piece(operation, team_->helper(operation), position_);
        const Cut rest{0, blocks_of(p.op->outputs), ahead, true};
        run_at(p, column_, &rest);
    }
    team_->done(position_, operation);
}

void Walk::help(int64_t member) {
    const int64_t end = run_.first_position + run_.positions;
    // Who comes late, or is left behind, goes on where the first is.
    for (int64_t at = run_.first_position; at < end; at = std::max(at + 1, team_->position())) {
        const Place place = go_to(at);
        if (place.begins) help_row(0, member);
        column_ = place.column;
        help_pixel(place.section, member);
        if (place.ends) help_row(program_.channels + 1, member);
    }
}

void Walk::help_row(int32_t section, int64_t member) {
    for (int32_t i = begin_of(section); i < program_.section_ends[section]; ++i) {
        const Prepared& p = prepared_[i];
        if (p.kind == nullptr || !team_->cuts(i)) continue;
        team_->await(position_, i);
        if (!team_->claim(i, member, position_)) continue;
        run_piece(p, team_->piece(i, member, columns_of(*p.op)));
        team_->finish(i, member, position_);
    }
}

void Walk::help_pixel(int32_t section, int64_t member) {
    for (int32_t i = begin_of(section); i < program_.section_ends[section]; ++i) {
        const Prepared& p = prepared_[i];
        const Ahead* ahead = team_->ahead(i);
        if (ahead == nullptr || team_->helper(i) != member || !runs_at(p, column_)) continue;
        team_->await_inputs(position_, column_, i);
        if (!team_->claim(i, member, position_)) continue;
        const Cut cut{0, blocks_of(p.op->outputs), ahead, false};
        run_at(p, column_, &cut);
        team_->finish(i, member, position_);
    }
}

void run_together(gatun_context* context, const gatun_grid_program& program, const gatun_grid_run& run, int64_t members,
                  const Worth& worth) {
    // Memory for all before any starts: what fails here fails in the caller's thread.
    thread_local Scratch memory;
    const int64_t each = static_cast<int64_t>(sizeof(float)) * walk_scratch(program);
    auto* scratch = static_cast<char*>(
        memory.bytes(static_cast<size_t>(each * members + Team::bytes(program, run.streams, members, worth))));
    Team team(program, run, run.streams, members, worth, scratch + each * members);
    context->pool.run(members, [&](int64_t member) {
        Walk walk(context->isa, program, run, 0, run.streams, reinterpret_cast<float*>(scratch + each * member), &team);
        if (member > 0) return walk.help(member);
        walk.run_steps({});
        team.leave();
    });
}

}  // namespace gatun::grid
