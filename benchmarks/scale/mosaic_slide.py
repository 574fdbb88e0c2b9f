#!/usr/bin/env python3
"""Makes a slide of any size by mirroring a small one: BigTIFF, tiles of 512, zstd, one page for each band.

    mosaic_slide.py SMALL.tif OUT.tif WIDTH HEIGHT [--codec zstd|none] [--um-per-px X] [--tissue all|core|sections]

--tissue core leaves a biopsy's core, aslant over the slide, and --tissue sections three sections; glass around them is
the camera's offset and its noise (mean 14 counts, standard deviation 2). SMALL's pages must be unsigned 16-bit integers of one size. Mirrored copies repeat after twice its sides, so each
distinct tile is encoded once; the file still holds every tile. Needs numpy, tifffile (for SMALL) and libzstd.
"""

import argparse
import ctypes
import ctypes.util
import struct

import numpy as np
import tifffile

SIDE = 512
NONE, ZSTD = 1, 50000


def compressor(codec):
    if codec == "none":
        return lambda data: data
    zstd = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
    zstd.ZSTD_compressBound.restype = zstd.ZSTD_compress.restype = ctypes.c_size_t
    zstd.ZSTD_compress.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]

    def compress(data):
        room = ctypes.create_string_buffer(zstd.ZSTD_compressBound(ctypes.c_size_t(len(data))))
        size = zstd.ZSTD_compress(room, len(room), data, len(data), 1)
        if size > len(room):
            raise SystemExit("zstd cannot compress a tile")
        return room.raw[:size]

    return compress


def mirrored(length, start, small):
    """The positions in the small image of positions start .. start + SIDE - 1 of the large one."""
    at = np.arange(start, start + length)
    return np.where(at // small % 2 == 0, at % small, small - 1 - at % small)


def tissue_of(shape, x, y, width, height):
    """1 where there is tissue, for the pixels of columns x and rows y of a slide."""
    u, v = (x / width)[None, :], (y / height)[:, None]
    if shape == "core":
        return (np.abs(u - v) < 0.09) & (u + v > 0.2) & (u + v < 1.8)
    discs = ((0.2, 0.3, 0.15, 0.24), (0.55, 0.62, 0.13, 0.3), (0.84, 0.35, 0.12, 0.2))
    return np.any([((u - cx) / rx) ** 2 + ((v - cy) / ry) ** 2 < 1 for cx, cy, rx, ry in discs], axis=0)


class Glass:
    """Tiles of noise: a few kinds of them, each encoded once."""

    KINDS = 16

    def __init__(self, compress):
        random = np.random.default_rng(3)
        self.pixels = [np.clip(random.normal(14, 2, (SIDE, SIDE)), 0, None).astype("<u2") for _ in range(self.KINDS)]
        self.packed = [compress(p.tobytes()) for p in self.pixels]

    def kind(self, band, tx, ty):
        return (7 * band + 5 * tx + 3 * ty) % self.KINDS


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("small")
    p.add_argument("out")
    p.add_argument("width", type=int)
    p.add_argument("height", type=int)
    p.add_argument("--codec", choices=("zstd", "none"), default="zstd")
    p.add_argument("--um-per-px", type=float, default=0.5)
    p.add_argument("--tissue", choices=("all", "core", "sections"), default="all")
    a = p.parse_args()
    bands = tifffile.imread(a.small)
    if bands.ndim == 2:
        bands = bands[None]
    if bands.dtype != np.uint16:
        raise SystemExit(f"{a.small}: pages of {bands.dtype}, uint16 is needed")
    compress, height, width = compressor(a.codec), *bands.shape[1:]
    across, down = -(-a.width // SIDE), -(-a.height // SIDE)
    glass = Glass(compress)

    def tissue(tx, ty):
        if a.tissue == "all":
            return None
        return tissue_of(a.tissue, np.arange(tx * SIDE, (tx + 1) * SIDE), np.arange(ty * SIDE, (ty + 1) * SIDE), a.width, a.height)

    masks = {(tx, ty): tissue(tx, ty) for ty in range(down) for tx in range(across)} if a.tissue != "all" else {}
    for at, mask in masks.items():
        masks[at] = None if mask.all() else False if not mask.any() else mask

    with open(a.out, "wb") as f:
        f.write(struct.pack("<2sHHHQ", b"II", 43, 8, 0, 0))
        link = 8  # where the offset of the next directory belongs
        for index, band in enumerate(bands):
            made, offsets, sizes = {}, [], []
            for ty in range(down):
                for tx in range(across):
                    key = (ty * SIDE % (2 * height), tx * SIDE % (2 * width), ty == down - 1, tx == across - 1)
                    mask, kind = masks.get((tx, ty)), glass.kind(index, tx, ty)
                    if mask is not None:  # not all of it is tissue
                        key = (kind,) if mask is False else (tx, ty)
                    if key == (kind,):
                        made[key] = glass.packed[kind]
                    if key not in made:
                        tile = np.zeros((SIDE, SIDE), "<u2")
                        h, w = min(SIDE, a.height - ty * SIDE), min(SIDE, a.width - tx * SIDE)
                        tile[:h, :w] = band[np.ix_(mirrored(h, ty * SIDE, height), mirrored(w, tx * SIDE, width))]
                        if mask is not None:
                            tile = np.where(mask, tile, glass.pixels[kind])
                        made[key] = compress(tile.tobytes())
                    offsets.append(f.tell())
                    sizes.append(len(made[key]))
                    f.write(made[key])
            arrays = f.tell()
            f.write(struct.pack(f"<{len(offsets)}Q", *offsets))
            counts = f.tell()
            f.write(struct.pack(f"<{len(sizes)}Q", *sizes))
            per_cm = (round(1e7 / a.um_per_px), 1000)
            many = len(offsets) > 1
            tags = [
                (256, 4, 1, a.width), (257, 4, 1, a.height), (258, 3, 1, 16),
                (259, 3, 1, NONE if a.codec == "none" else ZSTD), (262, 3, 1, 1), (277, 3, 1, 1),
                (282, 5, 1, per_cm[0] | per_cm[1] << 32), (283, 5, 1, per_cm[0] | per_cm[1] << 32), (296, 3, 1, 3),
                (322, 4, 1, SIDE), (323, 4, 1, SIDE),
                (324, 16, len(offsets), arrays if many else offsets[0]), (325, 16, len(sizes), counts if many else sizes[0]),
                (339, 3, 1, 1),
            ]
            f.write(b"\0" * (-f.tell() % 8))
            directory = f.tell()
            f.write(struct.pack("<Q", len(tags)))
            for tag in tags:
                f.write(struct.pack("<HHQQ", *tag))
            end = f.tell()
            f.write(struct.pack("<Q", 0))
            f.seek(link)
            f.write(struct.pack("<Q", directory))
            f.seek(0, 2)
            link = end


if __name__ == "__main__":
    main()
