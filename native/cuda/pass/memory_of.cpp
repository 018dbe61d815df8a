#include "cuda/pass/memory_of.h"

#include <algorithm>
#include <vector>

#include "core/taps.h"
#include "ops/grid_lstm/grid_lstm.h"

namespace gatun::gpu {
namespace {

int64_t in_blocks(int64_t count) { return (count + GATUN_LANES - 1) / GATUN_LANES * GATUN_LANES; }

template <class Map>
Extent extent(const Map& map) {
    if (map.examples < 1 || map.rows < 1 || map.columns < 1 || map.features < 1) return {};
    return {0, (map.examples - 1) * map.stride_example + (map.rows - 1) * map.stride_row +
                   (map.columns - 1) * map.stride_column + map.features};
}

// As far as an operation reads it whose output is y: a part's source may say how large its grid is, by which taps are
// clamped, and so more than there is from its first position on.
template <class Map>
Map read_at(const gatun_map& y, const Map& x, int32_t stride = 1) {
    Map read = x;
    read.stride_row *= stride;
    read.stride_column *= stride;
    read.rows = y.rows;
    read.columns = y.columns;
    return read;
}

// The same moved by each of some offsets, and where it is.
Extent around(Extent e, const std::vector<int64_t>& offsets) {
    if (e.first == e.end || offsets.empty()) return e;
    const auto [low, high] = std::minmax_element(offsets.begin(), offsets.end());
    return {e.first + std::min<int64_t>(*low, 0), e.end + std::max<int64_t>(*high, 0)};
}

template <class Map>
std::vector<int64_t> offsets_of(const gatun_affine& affine, const Map& x) {
    std::vector<int64_t> offsets(static_cast<size_t>(affine.tap_count));
    tap_offsets(affine, x, offsets.data());
    return offsets;
}

int64_t packed_floats(const gatun_affine& a) {
    return in_blocks(a.outputs) * (int64_t{a.tap_count} * a.inputs - a.unseen);
}

// From the first to the last of the elements of a parameter that a layout names.
Extent parameter_of(const gatun_layout& l) {
    if (l.taps < 1 || l.inputs < 1 || l.outputs < 1) return {};
    const auto [low, high] = std::minmax_element(l.tap_offsets, l.tap_offsets + l.taps);
    const int64_t outputs = (l.outputs - 1) * l.stride_output, inputs = (l.inputs - 1) * l.stride_input;
    return {*low + std::min<int64_t>(outputs, 0) + std::min<int64_t>(inputs, 0),
            *high + std::max<int64_t>(outputs, 0) + std::max<int64_t>(inputs, 0) + 1};
}

Extent rows_of(const gatun_dense& d) {
    if (d.inputs < 1 || d.outputs < 1) return {};
    const int64_t row = *std::max_element(d.rows, d.rows + d.outputs);
    return {0, row * d.stride + *std::max_element(d.columns, d.columns + d.inputs) + 1};
}

Extent dense_bias_of(const gatun_dense& d) {
    return d.outputs < 1 ? Extent{} : Extent{0, *std::max_element(d.rows, d.rows + d.outputs) + int64_t{1}};
}

class Visit {
public:
    Visit(gatun_call& call, MemoryVisitor& to) : call_(call), to_(to) {}

    template <class T>
    void add(T*& pointer, const Extent& e) {
        if (pointer == nullptr || e.first == e.end) return;
        void* p = const_cast<void*>(static_cast<const void*>(pointer));
        to_.visit(p, e);
        pointer = static_cast<T*>(p);
    }
    template <class T>
    void add(T*& pointer, int64_t floats) {
        add(pointer, Extent{0, floats});
    }
    void map(int i) { map(i, {}); }
    void map(int i, const std::vector<int64_t>& offsets) {
        add(call_.maps[i].data, around(extent(call_.maps[i]), offsets));
    }
    void levels(const gatun_levels& read, const std::vector<int64_t>& offsets) {
        add(call_.levels.data, around(extent(read), offsets));
    }
    void affine() {
        add(call_.affine.weights, packed_floats(call_.affine));
        add(call_.affine.bias, call_.affine.outputs);
    }
    void nade() {
        gatun_nade& n = call_.nade;
        const int64_t width = in_blocks(n.hidden);
        add(n.input, n.positions * width);
        add(n.start, 2 * width);
        add(n.output, n.positions * width);
        add(n.output_bias, n.positions);
    }
    void values() {
        gatun_values& v = call_.values;
        const gatun_map& outputs = call_.maps[0];
        const int64_t channels = call_.distribution.channels == 3 ? 3 : 1;
        const int64_t count =
            outputs.examples < 1 ? 0 : (outputs.examples - 1) * v.stride_example + outputs.columns * channels;
        add(v.levels, count);
        add(v.reals, count);
    }

    void run();

private:
    void dense();
    void recurrent(const gatun_map& y, const gatun_map& kept, int y_at, int kept_at);
    void grid(int y_at, int kept_at, bool forwards);

    gatun_call& call_;
    MemoryVisitor& to_;
};

void Visit::dense() {
    gatun_call& c = call_;
    const gatun_dense& d = c.dense;
    const int64_t packed = in_blocks(d.outputs) * d.inputs, transposed = in_blocks(d.inputs) * d.outputs;
    switch (c.kind) {
        case GATUN_CALL_DENSE_PACK:
            add(c.reads[0], rows_of(d));
            add(c.reads[1], dense_bias_of(d));
            add(c.writes[0], packed);
            return add(c.writes[1], in_blocks(d.outputs));
        case GATUN_CALL_DENSE_PACK_TRANSPOSED:
            add(c.reads[0], rows_of(d));
            return add(c.writes[0], transposed);
        case GATUN_CALL_DENSE_INPUT_GRADIENT:
            add(c.reads[0], transposed);
            map(0);
            return map(1);
        case GATUN_CALL_DENSE_GRADIENT:
        case GATUN_CALL_DENSE_LOOKUP_GRADIENT:
            add(c.writes[0], rows_of(d));
            add(c.writes[1], dense_bias_of(d));
            break;
        default:
            add(c.reads[0], packed);
            add(c.reads[1], in_blocks(d.outputs));
    }
    map(0);
    levels(c.levels, {});
    map(1);
}

void Visit::recurrent(const gatun_map& y, const gatun_map& kept, int y_at, int kept_at) {
    const std::vector<int64_t> y_before = {-y.stride_column}, kept_before = {-kept.stride_column};
    map(y_at, y_before);
    map(kept_at, kept_before);
}

// Forwards y is read at the taps; of what is kept, backwards the gates' gradients are.
void Visit::grid(int y_at, int kept_at, bool forwards) {
    const gatun_map &y = call_.maps[y_at], &kept = call_.maps[kept_at];
    map(y_at, forwards ? offsets_of(call_.affine, y) : std::vector<int64_t>());
    if (kept.data == nullptr) return;
    std::vector<int64_t> offsets = forwards ? std::vector<int64_t>() : offsets_of(call_.affine, kept);
    const gatun_tap before = GridWalk(call_.argument, y.rows, y.columns).before();
    offsets.push_back(before.row * kept.stride_row + before.column * kept.stride_column);
    map(kept_at, offsets);
}

void Visit::run() {
    gatun_call& c = call_;
    switch (c.kind) {
        case GATUN_CALL_AFFINE:
            affine();
            add(c.maps[0].data,
                around(extent(read_at(c.maps[1], c.maps[0], c.argument)), offsets_of(c.affine, c.maps[0])));
            return map(1);
        case GATUN_CALL_AFFINE_GRADIENT:
            map(0, offsets_of(c.affine, c.maps[0]));
            map(1);
            add(c.writes[0], packed_floats(c.affine));
            return add(c.writes[1], c.affine.outputs);
        case GATUN_CALL_LOOKUP:
            affine();
            levels(read_at(c.maps[1], c.levels), offsets_of(c.affine, c.levels));
            add(c.reads[0], c.affine.outputs);
            return map(1);
        case GATUN_CALL_LOOKUP_GRADIENT:
            levels(c.levels, offsets_of(c.affine, c.levels));
            map(1);
            add(c.writes[0], packed_floats(c.affine));
            add(c.writes[1], c.affine.outputs);
            return add(c.writes[2], c.affine.outputs);
        case GATUN_CALL_PACK:
        case GATUN_CALL_PACK_TRANSPOSED: {
            const gatun_layout& l = c.layout;
            add(c.reads[0], parameter_of(l));
            return add(c.writes[0], c.kind == GATUN_CALL_PACK
                                        ? in_blocks(l.outputs) * (int64_t{l.taps} * l.inputs - l.unseen)
                                        : in_blocks(l.inputs) * l.taps * l.outputs);
        }
        case GATUN_CALL_UNPACK_ADD:
            add(c.reads[0], in_blocks(c.layout.outputs) * (int64_t{c.layout.taps} * c.layout.inputs - c.layout.unseen));
            return add(c.writes[0], parameter_of(c.layout));
        case GATUN_CALL_DENSE_PACK:
        case GATUN_CALL_DENSE_PACK_TRANSPOSED:
        case GATUN_CALL_DENSE:
        case GATUN_CALL_DENSE_LOOKUP:
        case GATUN_CALL_DENSE_GRADIENT:
        case GATUN_CALL_DENSE_LOOKUP_GRADIENT:
        case GATUN_CALL_DENSE_INPUT_GRADIENT:
            return dense();
        case GATUN_CALL_NADE_PACK:
        case GATUN_CALL_NADE_GRADIENT: {
            const int64_t all = int64_t{c.nade.hidden} * c.nade.positions;
            const int64_t sizes[] = {all, c.nade.hidden, all, c.nade.positions};
            for (int i = 0; i < 4; ++i) {
                add(c.reads[i], sizes[i]);
                add(c.writes[i], sizes[i]);
            }
            [[fallthrough]];
        }
        case GATUN_CALL_NADE:
            nade();
            map(0);
            return map(1);
        case GATUN_CALL_ENCODE:
            add(c.reads[0], c.argument);
            levels(read_at(c.maps[1], c.levels), {});
            return map(1);
        case GATUN_CALL_BROADCAST:
            add(c.reads[0], c.maps[1].features);
            return map(1);
        case GATUN_CALL_BROADCAST_GRADIENT:
            map(0);
            return add(c.writes[0], c.maps[0].features);
        case GATUN_CALL_SCALE_EXAMPLES:
            add(c.reads[0], c.maps[1].examples);
            return map(1);
        case GATUN_CALL_RECURRENT:
            affine();
            map(0);
            return recurrent(c.maps[1], c.maps[2], 1, 2);
        case GATUN_CALL_RECURRENT_GRADIENT:
            affine();
            map(2);
            map(3);
            return recurrent(c.maps[0], c.maps[1], 0, 1);
        case GATUN_CALL_GRID_LSTM:
            affine();
            map(0);
            return grid(1, 2, true);
        case GATUN_CALL_GRID_LSTM_GRADIENT:
            affine();
            map(2);
            map(3);
            return grid(0, 1, false);
        case GATUN_CALL_LOG_PROB: {
            map(0);
            values();
            const int64_t channels = c.distribution.channels == 3 ? 3 : 1;
            const gatun_map& o = c.maps[0];
            return add(c.writes[0], o.examples < 1 ? 0 : (o.examples - 1) * c.count + o.columns * channels);
        }
        case GATUN_CALL_LOG_PROB_GRADIENT:
            values();
            map(0);
            return map(1);
        case GATUN_CALL_CLEAR:
        case GATUN_CALL_SCALE:
            return add(c.writes[0], c.count);
        case GATUN_CALL_OPTIMIZER_STEP:
            add(c.reads[0], c.count);
            for (float*& state : c.writes) add(state, c.count);
            return;
        case GATUN_CALL_SUM_OF_SQUARES:
            add(c.reads[0], c.count);
            return add(c.writes[0], int64_t{sizeof(double) / sizeof(float)});
        case GATUN_CALL_DROPOUT:
            add(c.reads[0], int64_t{sizeof(gatun_dropout) / sizeof(float)});
            map(0);
            return map(1);
        case GATUN_CALL_AVERAGE:
            add(c.reads[0], c.count);
            return add(c.writes[0], c.count);
        default:  // maps alone
            for (int i = 0; i < 4; ++i) map(i);
    }
}

}  // namespace

Extent extent_of(const gatun_map& map) { return extent(map); }
Extent extent_of(const gatun_levels& levels) { return extent(levels); }

std::string problem_of(const gatun_call& call) {
    if (call.kind < 0 || call.kind >= GATUN_CALLS)
        return "a call of kind " + std::to_string(call.kind) + ", which is none";
    for (const gatun_map& map : call.maps) {
        const int64_t positions = int64_t{map.examples} * map.rows;
        if (map.data != nullptr && map.columns > 0 && positions > INT32_MAX / map.columns) {
            return "a map of " + std::to_string(positions * map.columns) + " positions, expected fewer than 2^31";
        }
    }
    return {};
}

void each_memory(gatun_call& call, MemoryVisitor& visitor) { Visit(call, visitor).run(); }

}  // namespace gatun::gpu
