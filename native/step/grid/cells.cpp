// The cell of the LSTMs over grids.
#include "ops/recurrent/recurrent.h"
#include "step/grid/kinds.h"

namespace gatun::grid {

void run_cell(const Walk& walk, const gatun_grid_operation& op, const Places& at) {
    const int64_t hidden = op.inputs / cell_gates(kGridCell), kept = at.chains_step;
    CellRow row{};
    row.x = at.x + at.offsets[0] + op.first_output;
    row.x_step = at.x_step;
    row.state = row.kept = at.chains;
    row.state_step = row.kept_step = row.c_before_step = kept;
    row.c_before = at.chains + at.offsets[1] + cell_gates(kGridCell) * hidden;
    row.h_before = row.h_after = at.y;
    row.h_before_step = row.h_after_step = at.y_step;
    row.hidden = hidden;
    row.count = at.count;
    row.units = op.outputs;
    GATUN_PICK(walk.isa(), recurrent_kernels).run(kGridCell, row);
}

void check_cell(Checker& c, const gatun_grid_operation& op) {
    const int64_t hidden = op.inputs / cell_gates(kGridCell);
    c.require(c.reads_floats(op) && c.writes_floats(op) && op.first_input == 0 &&
                  op.inputs == hidden * cell_gates(kGridCell) && c.slot(op.input).features == op.inputs &&
                  c.slot(op.output).features == hidden,
              "features");
    c.require_kept(op, cell_kept(kGridCell) * hidden);
}

}  // namespace gatun::grid
