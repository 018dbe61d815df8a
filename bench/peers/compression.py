"""Sizes and times of general compressors on what `gatun decompress` gave back, beside bench/results/compress.md.

    python bench/peers/compression.py images back.npy      # [N, C, H, W] or [N, T] of a square, levels below 256
    python bench/peers/compression.py bytes back.npy       # levels below 256, such as characters
    python bench/peers/compression.py sound back.npy --rate 8000

One line each: bytes, seconds to encode and to decode, values a second. xz and zstd get a byte a value, or with two levels a bit,
all examples one after the other; images go one by one (their sizes are added up) and as one grid; FLAC gets one sound. Each
result is decoded and compared. Needs numpy, Pillow with WebP, and xz, zstd, optipng and flac on the path; what is missing is
left out, with a line that says so.
"""

import argparse
import io
import math
import os
import shutil
import subprocess
import tempfile
import time

import numpy as np


def report(name, size, encode, decode, values):
    rate = f"{values / encode:12,.0f} values/s in, {values / decode:12,.0f} out" if decode else ""
    print(f"{name:34s} {size:12,d} bytes {encode:9.2f} s {decode or 0:8.2f} s {rate}", flush=True)


def timed(body):
    begin = time.perf_counter()
    result = body()
    return result, time.perf_counter() - begin


def piped(name, data, values, encode, decode):
    """A program from standard input to standard output."""
    if shutil.which(encode[0]) is None:
        print(f"{name:34s} not measured: no {encode[0]} here")
        return
    coded, seconds = timed(lambda: subprocess.run(encode, input=data, stdout=subprocess.PIPE, check=True).stdout)
    back, again = timed(lambda: subprocess.run(decode, input=coded, stdout=subprocess.PIPE, check=True).stdout)
    assert back == data, name
    report(name, len(coded), seconds, again, values)


def general(levels):
    """xz and zstd of bytes, and of bits where there are two levels."""
    kinds = [("", levels.astype(np.uint8).tobytes())]
    if levels.max() < 2:
        kinds.append((", bits", np.packbits(levels.astype(np.uint8)).tobytes()))
    for kind, data in kinds:
        print(f"{'as it is' + kind:34s} {len(data):12,d} bytes")
        piped("xz -9e" + kind, data, levels.size, ["xz", "-9e", "-T1", "-c"], ["xz", "-dc"])
        piped("zstd --ultra -22" + kind, data, levels.size, ["zstd", "--ultra", "-22", "-T1", "-qc"], ["zstd", "-dqc"])


def pictures(images):
    """[N, H, W] or [N, H, W, 3] bytes: one by one, and all in a grid."""
    count, height, width = images.shape[:3]
    columns = math.isqrt(count - 1) + 1
    rows = -(-count // columns)
    grid = np.zeros((rows * columns, *images.shape[1:]), np.uint8)
    grid[:count] = images
    grid = grid.reshape(rows, columns, *images.shape[1:]).swapaxes(1, 2)
    return list(images), grid.reshape(rows * height, columns * width, *images.shape[3:])


def image_formats(levels, scale):
    try:
        from PIL import Image
    except ImportError:
        print("PNG and WebP                       not measured: no Pillow here")
        return
    two = scale == 255

    def picture(array):
        image = Image.fromarray(array)
        return image.convert("1") if two else image

    def save(array, **options):
        to = io.BytesIO()
        image = picture(array)
        (image.convert("RGB") if options["format"] == "WEBP" else image).save(to, **options)
        return to.getvalue()

    def load(data, like):
        image = Image.open(io.BytesIO(data))
        return np.asarray(image.convert("RGB" if like.ndim == 3 else "L"))

    each, grid = pictures((levels * scale).astype(np.uint8))
    formats = {
        "PNG": {"format": "PNG", "optimize": True},
        "WebP lossless": {"format": "WEBP", "lossless": True, "quality": 100, "method": 6},
    }
    for name, options in formats.items():
        for how, arrays in (("one by one", each), ("one grid", [grid])):
            coded, seconds = timed(lambda: [save(array, **options) for array in arrays])
            back, again = timed(lambda: [load(data, array) for data, array in zip(coded, arrays)])
            assert all(np.array_equal(a, b) for a, b in zip(arrays, back)), name
            report(f"{name}, {how}", sum(map(len, coded)), seconds, again, levels.size)
    if shutil.which("optipng") is None:
        print(f"{'PNG by optipng, one grid':34s} not measured: no optipng here")
        return
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "grid.png")
        picture(grid).save(file)
        _, seconds = timed(lambda: subprocess.run(["optipng", "-quiet", "-o2", file], check=True))
        back, again = timed(lambda: load(open(file, "rb").read(), grid))
        assert np.array_equal(back, grid)
        report("PNG by optipng -o2, one grid", os.path.getsize(file), seconds, again, levels.size)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["images", "bytes", "sound"])
    parser.add_argument("file", help=".npy of levels")
    parser.add_argument("--rate", type=int, default=8000, help="values a second of a sound")
    given = parser.parse_args()
    levels = np.load(given.file)
    assert 0 <= levels.min() and levels.max() < 256, "levels below 256"
    print(f"{given.file}: {levels.shape}, {levels.size:,} values")
    general(levels)
    if given.kind == "images":
        if levels.ndim == 2:
            side = math.isqrt(levels.shape[1])
            levels = levels.reshape(-1, 1, side, side)
        images = levels.transpose(0, 2, 3, 1) if levels.shape[1] == 3 else levels[:, 0]
        image_formats(images, 255 if levels.max() < 2 else 1)
    if given.kind == "sound":
        raw = ["--force-raw-format", "--endian=little", "--sign=unsigned"]
        sound = ["--channels=1", "--bps=8", f"--sample-rate={given.rate}"]
        piped(
            "flac -8, 8 bits",
            levels.astype(np.uint8).tobytes(),
            levels.size,
            ["flac", "-8", "-s", "-c", *raw, *sound, "-"],
            ["flac", "-d", "-s", "-c", *raw, "-"],
        )


if __name__ == "__main__":
    main()
