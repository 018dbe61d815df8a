// A plan's tables on a device.
#pragma once

#include "cuda/plan.h"
#include "cuda/transfer.h"

namespace gatun::gpu {

class PlanThere {
public:
    // The plan's program as threads walk it. places: the native program's.
    Program copy(const Plan& plan, const int32_t* places, cudaStream_t stream) {
        const char* what = "copying a program";
        Program walked = plan.program();
        walked.parts = upload(parts_, plan.parts, stream, what);
        walked.waves = upload(waves_, plan.waves, stream, what);
        walked.every = upload(every_, plan.every, stream, what);
        walked.slots = upload(slots_, plan.slots, stream, what);
        walked.distances = upload(distances_, plan.distances, stream, what);
        walked.places = upload(places_, places, walked.chain, stream, what);
        return walked;
    }

private:
    Memory parts_, waves_, every_, slots_, distances_, places_;
};

}  // namespace gatun::gpu
