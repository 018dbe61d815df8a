// Where threads that share the outputs of a program's packed products have to meet: before whatever reads what another
// thread has written, or writes what another one still reads.
#pragma once

#include "gatun.h"

namespace gatun {

// Sets meets[i] to 1 for each operation before which threads meet, else to 0; gives how many do. slots: 4 numbers for
// each slot of the program.
int32_t find_meetings(const gatun_step_program& program, uint8_t* meets, int32_t* slots);

}  // namespace gatun
