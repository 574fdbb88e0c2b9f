#!/usr/bin/python3
"""A slide with more pixels than 32 bits can count, that takes little disk: tissue islands in a sea of holes.

    scripts/make_sparse_slide.py OUT.ome.tif [--side 70000] [--deflate] [--source sample_images/marrow/before.ome.tif]

A tiled BigTIFF of uncompressed uint16 tiles, each with a place of its own in the file; only tiles with tissue are written, the
file system reads the rest as zeros. With --deflate every tile is there, packed: some 80 MB, which are sooner hashed. The source's pixels are painted at the four corners, in the middle, and over the pixels of
which the index in raster order is 2^31 and 2^32, where the slide has them. Prints where the islands are, as JSON.
"""
import argparse
import json
import os

from slide_files import PackedSlide, TiledSlide, read_slide

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))


def islands(side, width, height):
    """First pixels of the islands, by what they are there for. Those inside lie alike in the grid of squares that the quality
    mask is made of, so that they hold the same cells."""
    def aligned(at):
        return at // 64 * 64

    places = {"top left": (0, 0), "top right": (side - width, 0), "bottom left": (0, side - height),
              "bottom right": (side - width, side - height), "middle": (aligned((side - width) // 2), aligned((side - height) // 2))}
    for bits in (31, 32):
        y, x = divmod(1 << bits, side)
        if y < side:  # the pixel lies in the island's middle
            places[f"2^{bits}"] = (aligned(min(max(x - width // 2, 0), side - width)),
                                   aligned(min(max(y - height // 2, 0), side - height)))
    return places


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--side", type=int, default=70000)
    parser.add_argument("--source", default=os.path.join(ROOT, "sample_images", "marrow", "before.ome.tif"))
    parser.add_argument("--deflate", action="store_true")
    args = parser.parse_args()
    width, height, planes, um_per_px, names = read_slide(args.source)
    places = islands(args.side, width, height)
    slide = (PackedSlide if args.deflate else TiledSlide)(args.out, args.side, args.side, names, um_per_px)
    for x, y in places.values():
        for band, plane in enumerate(planes):
            slide.put(band, x, y, width, plane)
    slide.close()
    status = os.stat(args.out)
    print(json.dumps({"side": args.side, "bands": len(planes), "island": [width, height], "first_pixels": places,
                      "bytes": status.st_size, "bytes_on_disk": 512 * status.st_blocks}))


if __name__ == "__main__":
    main()
