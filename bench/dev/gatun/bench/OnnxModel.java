package dev.gatun.bench;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes a model in ONNX's format, of float tensors and the few things that the graphs here have. */
final class OnnxModel {
    private static final int IR_VERSION = 8;
    private static final int OPSET = 17;
    private static final int FLOAT = 1;
    private static final int INT64 = 7;
    private static final int ATTRIBUTE_INT = 2;
    private static final int ATTRIBUTE_INTS = 7;

    private final Message graph = new Message();

    /** A message of protocol buffers: fields by their numbers. */
    private static final class Message {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        private void varint(long value) {
            long left = value;
            while ((left & ~0x7fL) != 0) {
                bytes.write((int) ((left & 0x7f) | 0x80));
                left >>>= 7;
            }
            bytes.write((int) left);
        }

        Message number(int field, long value) {
            varint((long) field << 3);
            varint(value);
            return this;
        }

        Message bytes(int field, byte[] value) {
            varint(((long) field << 3) | 2);
            varint(value.length);
            bytes.writeBytes(value);
            return this;
        }

        Message text(int field, String value) {
            return bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return bytes(field, value.bytes.toByteArray());
        }
    }

    private static Message value(String name, int type, long[] dims) {
        Message shape = new Message();
        for (long dim : dims) {
            shape.message(1, new Message().number(1, dim));
        }
        Message tensor = new Message().number(1, type).message(2, shape);
        return new Message().text(1, name).message(2, new Message().message(1, tensor));
    }

    /** An input of floats. */
    String input(String name, long... dims) {
        graph.message(11, value(name, FLOAT, dims));
        return name;
    }

    /** An input of indices. */
    String indices(String name, long... dims) {
        graph.message(11, value(name, INT64, dims));
        return name;
    }

    /** An output of floats. */
    void output(String name, long... dims) {
        graph.message(12, value(name, FLOAT, dims));
    }

    /** A constant tensor. */
    String constant(String name, float[] values, long... dims) {
        Message tensor = new Message();
        for (long dim : dims) {
            tensor.number(1, dim);
        }
        ByteBuffer raw = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        graph.message(5, tensor.number(2, FLOAT).text(8, name).bytes(9, raw.array()));
        return name;
    }

    /** A node with one output, which has its name. */
    String node(String operation, String name, Map<String, Object> attributes, String... inputs) {
        return nodeOf(operation, new String[] {name}, attributes, inputs)[0];
    }

    /** A node with some outputs. */
    String[] nodeOf(String operation, String[] outputs, Map<String, Object> attributes, String... inputs) {
        Message node = new Message();
        for (String input : inputs) {
            node.text(1, input);
        }
        for (String output : outputs) {
            node.text(2, output);
        }
        node.text(3, outputs[0]).text(4, operation);
        attributes.forEach((name, value) -> node.message(5, attribute(name, value)));
        graph.message(1, node);
        return outputs;
    }

    /** A number or a list of numbers. */
    private static Message attribute(String name, Object value) {
        Message attribute = new Message().text(1, name);
        if (value instanceof Integer number) {
            return attribute.number(3, number).number(20, ATTRIBUTE_INT);
        }
        for (long number : (long[]) value) {
            attribute.number(8, number);
        }
        return attribute.number(20, ATTRIBUTE_INTS);
    }

    /** The whole file. */
    byte[] write() {
        Message opset = new Message().text(1, "").number(2, OPSET);
        return new Message()
                .number(1, IR_VERSION)
                .message(7, graph.text(2, "gatun"))
                .message(8, opset)
                .bytes
                .toByteArray();
    }
}
