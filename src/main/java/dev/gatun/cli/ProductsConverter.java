package dev.gatun.cli;

import dev.gatun.Products;

/** Who computes products, by their names. */
final class ProductsConverter extends NamedConverter<Products> {
    ProductsConverter() {
        super(Products.values(), Products::text);
    }
}
