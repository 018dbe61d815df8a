package dev.gatun.cli;

import dev.gatun.Products;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Who computes products, by their names. */
final class ProductsConverter implements ITypeConverter<Products> {
    @Override
    public Products convert(String text) {
        return Arrays.stream(Products.values())
                .filter(products -> products.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("found '" + text + "', expected one of "
                        + Arrays.stream(Products.values()).map(Products::text).collect(Collectors.joining(", "))));
    }
}
