#!/usr/bin/python3
"""Runs a slide with more pixels than 32 bits can count, and checks what was found in its islands of tissue.

    scripts/sparse_slide.py [--side 70000] [--hexaplex build/cpu/hexaplex] [--memory-limit 1G] [--work DIR]

The slide (make_sparse_slide.py --deflate) holds one field seven times: at the four corners, in the middle, and over the pixels
with the indexes 2^31 and 2^32. Those that lie inside the slide must hold the same cells with the same values, each at its place;
cell numbers must follow the raster order of the whole slide; and labels.ome.tif, read by a reader of its own, must show each cell's
number at the cell. Then the result is verified. Exit status 1 where anything differs.
"""
import argparse
import csv
import json
import os
import struct
import subprocess
import sys
import tempfile
import zlib

from batch_interruptions import MARROW, ROOT

INSIDE = ("middle", "2^31", "2^32")


class LabelPage:
    """One page of a BigTIFF of uint32 tiles, Deflate without predictor."""

    def __init__(self, data, at):
        self.data, tags = data, {}
        (count,) = struct.unpack_from("<Q", data, at)
        for i in range(count):
            tag, kind, n = struct.unpack_from("<HHQ", data, at + 8 + 20 * i)
            size, code = {1: (1, "B"), 2: (1, "s"), 3: (2, "H"), 4: (4, "I"), 5: (8, "Q"), 13: (4, "I"), 16: (8, "Q"), 18: (8, "Q")}[kind]
            place = at + 20 + 20 * i
            if size * n > 8:
                (place,) = struct.unpack_from("<Q", data, place)
            tags[tag] = (code, place, n)
        self.tags, self.tiles = tags, {}
        (self.next,) = struct.unpack_from("<Q", data, at + 8 + 20 * count)
        self.width, self.side = self.one(256), self.one(322)
        if self.one(259) not in (8, 32946) or self.one(317, 1) != 1 or self.one(258) != 32:
            raise SystemExit("labels.ome.tif is not written as this reader knows it")

    def one(self, tag, otherwise=None, index=0):
        if tag not in self.tags:
            return otherwise
        code, place, _ = self.tags[tag]
        return struct.unpack_from(f"<{code}", self.data, place + index * struct.calcsize(code))[0]

    def at(self, x, y):
        index = y // self.side * -(-self.width // self.side) + x // self.side
        if index not in self.tiles:
            begin = self.one(324, index=index)
            self.tiles[index] = zlib.decompress(self.data[begin:begin + self.one(325, index=index)])
        return struct.unpack_from("<I", self.tiles[index], 4 * (y % self.side * self.side + x % self.side))[0]


def read_pages(path):
    with open(path, "rb") as f:
        data = f.read()
    pages, at = [], struct.unpack_from("<Q", data, 8)[0]
    while at:
        pages.append(LabelPage(data, at))
        at = pages[-1].next
    return pages


def check(condition, what):
    print(("ok    " if condition else "WRONG ") + what, flush=True)
    return condition


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=70000)
    parser.add_argument("--hexaplex", default=os.path.join(ROOT, "build", "cpu", "hexaplex"))
    parser.add_argument("--memory-limit", default="1G")
    parser.add_argument("--work", help="folder for slide and result; default: a temporary one")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.work) as folder:
        slide, out = os.path.join(folder, "sparse.ome.tif"), os.path.join(folder, "out")
        made = subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "make_sparse_slide.py"), slide, "--side", str(args.side),
                               "--deflate"], stdout=subprocess.PIPE, text=True, check=True)
        layout = json.loads(made.stdout)
        subprocess.run([args.hexaplex, "--quiet", "run", slide, "--panel", "aml-marrow-6plex", "--library",
                        os.path.join(MARROW, "library.csv"), "--out", out, "--memory-limit", args.memory_limit], check=True)
        result = os.path.join(out, "sparse")
        with open(os.path.join(result, "run.json")) as f:
            record = json.load(f)
        run = record["execution"]
        seconds = sum(run["seconds"].values())
        print(f"{args.side} x {args.side} x {layout['bands']}: {seconds:.1f} s, {seconds / args.side**2 * 1e9:.1f} ns/px, "
              f"{run['peak_memory_bytes'] / 2**20:.0f} MiB")
        with open(os.path.join(result, "cells.csv"), newline="") as f:
            cells = list(csv.DictReader(f))
        um = record["parameters"]["um_per_px"]
        width, height = layout["island"]
        islands = {name: [] for name in layout["first_pixels"]}
        for cell in cells:
            x, y = float(cell["x_um"]) / um, float(cell["y_um"]) / um
            inside = [n for n, (x0, y0) in layout["first_pixels"].items() if x0 <= x + 1 <= x0 + width + 1 and y0 <= y + 1 <= y0 + height + 1]
            if len(inside) != 1:
                raise SystemExit(f"cell {cell['cell_id']} at {x}, {y} lies on no island")
            islands[inside[0]].append((cell, x, y))
        good = True
        for name, found in islands.items():
            good &= check(len(found) > 100, f"{name}: {len(found)} cells")

        def seen_from_its_island(name):
            x0, y0 = layout["first_pixels"][name]
            values = []
            for cell, x, y in islands[name]:
                rest = {k: v for k, v in cell.items() if k not in ("cell_id", "x_um", "y_um")}
                values.append((round(x - x0, 3), round(y - y0, 3), tuple(rest.values())))
            return sorted(values)

        present = [n for n in INSIDE if n in islands]
        for name in present[1:]:
            good &= check(seen_from_its_island(name) == seen_from_its_island(present[0]), f"{name} holds the cells of {present[0]}")

        nuclei, whole = read_pages(os.path.join(result, "labels.ome.tif"))
        missing, first = 0, {}
        for found in islands.values():
            for cell, x, y in found:
                label = int(cell["cell_id"])
                missing += whole.at(round(x), round(y)) != label and nuclei.at(round(x), round(y)) != label
        # A centroid may lie beside a bent cell; hardly any does.
        good &= check(missing <= len(cells) // 100, f"labels.ome.tif shows {len(cells) - missing} of {len(cells)} cells at their centres")
        for x0, y0 in layout["first_pixels"].values():
            for y in range(y0, y0 + height):
                for x in range(x0, x0 + width):
                    label = nuclei.at(x, y)
                    if label and (label not in first or (y, x) < first[label]):
                        first[label] = (y, x)
        order = [first[label] for label in sorted(first)]
        good &= check(order == sorted(order) and sorted(first) == list(range(1, len(first) + 1)) and len(first) == len(cells),
                      "nuclei are numbered in raster order of the slide, without gaps")
        good &= check(subprocess.run([args.hexaplex, "--quiet", "verify", result]).returncode == 0, "verify")
        raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
