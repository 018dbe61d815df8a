package dev.gatun.family;

import java.util.List;

/** A stack of recurrent layers, PyTorch's nn.RNN, nn.GRU or nn.LSTM. */
final class RnnArm implements Family {
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
        long rows = (long) gates(config.word("cell")) * hidden;
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

    private static int gates(String cell) {
        return switch (cell) {
            case "gru" -> 3;
            case "lstm" -> 4;
            default -> 1;
        };
    }
}
