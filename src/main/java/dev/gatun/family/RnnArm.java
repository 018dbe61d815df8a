package dev.gatun.family;

import dev.gatun.foreign.CellKind;
import dev.gatun.foreign.NativeAffine;
import dev.gatun.graph.Graph;
import dev.gatun.graph.Node;
import dev.gatun.op.Affine;
import dev.gatun.op.Dropout;
import dev.gatun.op.Recurrent;
import dev.gatun.op.Tap;
import dev.gatun.op.WeightRef;
import java.util.List;

/** A stack of recurrent layers, PyTorch's nn.RNN, nn.GRU or nn.LSTM. */
final class RnnArm implements GraphFamily {
    private static final List<String> CELLS = List.of("tanh", "gru", "lstm");

    @Override
    public String name() {
        return "rnn_arm";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.choice("cell", CELLS), Option.size("layers"), Option.size("hidden"));
    }

    /** A recurrent layer starts uniform between ± 1/sqrt(hidden), all four tensors. */
    @Override
    public ParameterLayout layout(ModelConfig config) {
        int hidden = config.integer("hidden");
        long rows = (long) cell(config).gates() * hidden;
        ParameterLayout.Builder builder = new ParameterLayout.Builder();
        for (int k = 0; k < config.integer("layers"); k++) {
            long inputs = k == 0 ? config.encoded() : hidden;
            builder.tensor("rnn.weight_ih_l" + k, ParameterSpec.Start.UNIFORM, hidden, rows, inputs)
                    .tensor("rnn.weight_hh_l" + k, ParameterSpec.Start.UNIFORM, hidden, rows, hidden)
                    .tensor("rnn.bias_ih_l" + k, ParameterSpec.Start.UNIFORM, hidden, rows)
                    .tensor("rnn.bias_hh_l" + k, ParameterSpec.Start.UNIFORM, hidden, rows);
        }
        return builder.layer("output", null, config.outputs(), hidden).build();
    }

    private static CellKind cell(ModelConfig config) {
        return switch (config.word("cell")) {
            case "gru" -> CellKind.GRU;
            case "lstm" -> CellKind.LSTM;
            default -> CellKind.TANH;
        };
    }

    @Override
    public void check(ModelConfig config) {
        int most = Integer.MAX_VALUE / CellKind.LSTM.kept();
        if (config.integer("hidden") > most) {
            throw InvalidModelException.of("hidden", Integer.toString(config.integer("hidden")), "at most " + most);
        }
    }

    /** The input's part of a layer's gates is a layer over all positions; the first reads the value before. */
    @Override
    public Graph graph(ModelConfig config) {
        return build(config, 0);
    }

    /** Dropout between layers and before the outputs, not from position to position (Zaremba et al. 2014). */
    @Override
    public Graph graph(ModelConfig config, double dropout) {
        return build(config, dropout);
    }

    private static Graph build(ModelConfig config, double dropout) {
        CellKind cell = cell(config);
        int hidden = config.integer("hidden");
        int gates = cell.gates() * hidden;
        SequenceInput input = new SequenceInput(config);
        Node node = input.layer("rnn.ih_l0", gates, List.of(Tap.back(1)), weights("ih_l0", config.encoded()));
        for (int k = 0; ; k++) {
            Recurrent layer = new Recurrent(cell, hidden, weights("hh_l" + k, hidden));
            node = input.builder().add("rnn.l" + k, layer, node);
            if (dropout > 0) {
                node = input.builder().add("rnn.l" + k + ".dropout", new Dropout(hidden, dropout, k), node);
            }
            if (k == config.integer("layers") - 1) {
                break;
            }
            String next = "ih_l" + (k + 1);
            Affine above = new Affine(hidden, gates, List.of(Tap.HERE), weights(next, hidden));
            node = input.builder().add("rnn." + next, above, node);
        }
        Affine outputs = new Affine(hidden, config.outputs(), List.of(Tap.HERE), WeightRef.linear("output", hidden));
        return input.builder().build(input.builder().add("output", outputs, node));
    }

    private static WeightRef weights(String name, int inputs) {
        NativeAffine.Layout layout = new NativeAffine.Layout(inputs, 1, new long[] {0});
        return new WeightRef("rnn.weight_" + name, layout, "rnn.bias_" + name);
    }
}
