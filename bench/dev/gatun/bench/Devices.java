package dev.gatun.bench;

import dev.gatun.Device;
import dev.gatun.Products;
import org.jspecify.annotations.Nullable;

/** What a benchmark's parameters say of the device. */
final class Devices {
    private Devices() {}

    /**
     * A device.
     *
     * @param device {@code cpu}, with threads and an instruction set level, {@code onednn} or {@code
     *     onednn-always}, the same with products of training by oneDNN, or {@code cuda} or {@code cuda:N}, which takes all cores
     *     for what is done beside it, or {@code tf32} or {@code bf16}, the first of these with such products of training
     */
    static Device of(String device, int threads, String isa) {
        if (device.equals("cpu")) {
            return Device.cpu(threads).withIsa(isa);
        }
        for (Products products : Products.values()) {
            if (device.equals(products.text())) {
                Device where = products.isOn(false) ? Device.cpu(threads).withIsa(isa) : Device.cuda(0);
                return where.withProducts(products);
            }
        }
        int colon = device.indexOf(':');
        String name = colon < 0 ? device : device.substring(0, colon);
        if (!name.equals("cuda")) {
            throw new IllegalArgumentException("device: found '" + device
                    + "', expected cpu, own, onednn, onednn-always, tf32, bf16, cuda or cuda:N");
        }
        return Device.cuda(colon < 0 ? 0 : Integer.parseInt(device.substring(colon + 1)));
    }

    /** Whether a benchmark's device, null where it has none, is a GPU. */
    static boolean isCuda(@Nullable String device) {
        return device != null && of(device, 1, "best").cuda() >= 0;
    }
}
