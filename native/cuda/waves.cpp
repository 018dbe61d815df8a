// The order of a plan's parts: waves, and chains of parts within them.
#include <algorithm>

#include "cuda/conflicts.h"
#include "cuda/plan.h"

namespace gatun::gpu {

// One task a stream: such parts can be a chain. Blocks that share a stream give parts to warps one by one.
bool Plan::is_link(const Part& part) const { return !two_places_ && part.share != Share::kTile && part.blocks == 1; }

// Each part into the first wave behind all that it must wait for, or, where that is a chain alone, to the chain's end.
void Plan::order() {
    std::vector<Touches> touches;
    std::vector<Place> places;
    for (size_t own = 0; own < parts.size(); ++own) {
        touches.emplace_back(parts[own], slots, distances.data());
        Place place{0, own};
        for (size_t i = 0; i < own; ++i) {
            if (places[i].wave >= place.wave && touches[own].conflicts_with(touches[i]))
                place.wave = places[i].wave + 1;
        }
        size_t head = own;
        bool follows = is_link(parts[own]);
        for (size_t i = 0; i < own && follows; ++i) {
            if (places[i].wave + 1 != place.wave || !touches[own].conflicts_with(touches[i])) continue;
            follows = is_link(parts[places[i].head]) && parts[places[i].head].share == Share::kOne &&
                      (head == own || head == places[i].head);
            head = places[i].head;
        }
        if (follows && head != own) place = {place.wave - 1, head};
        places.push_back(place);
    }
    sort(places);
}

// Into the order of waves, a chain's parts one behind the other.
void Plan::sort(const std::vector<Place>& places) {
    int32_t last = 0;
    for (const Place& place : places) last = std::max(last, place.wave);
    std::vector<Part> ordered;
    for (int32_t wave = 0; wave <= last; ++wave) {
        waves.push_back(static_cast<int32_t>(ordered.size()));
        for (size_t head = 0; head < parts.size(); ++head) {
            if (places[head].wave != wave || places[head].head != head) continue;
            for (size_t i = head; i < parts.size(); ++i) {
                if (places[i].head != head) continue;
                ordered.push_back(parts[i]);
                ordered.back().chained = i == head ? 0 : 1;
            }
        }
        const auto own = ordered.begin() + waves.back();
        const bool alike =
            std::all_of(own, ordered.end(), [&](const Part& part) { return part.op.every == own->op.every; });
        every.push_back(own != ordered.end() && alike ? own->op.every : 1);
    }
    waves.push_back(static_cast<int32_t>(ordered.size()));
    parts = std::move(ordered);
}

}  // namespace gatun::gpu
