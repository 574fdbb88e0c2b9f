#!/usr/bin/python3
"""Writing labels as a pyramid, beside libvips and tifffile with the same codec, in one run on one machine and one disk.

    benchmarks/writing/label_pyramid.py --labels OUT/S/labels.ome.tif [--size 16384] [--build build/cpu] [--work DIR]
                                        [--repeat 3] [--threads 0] [--json FILE]

The cell labels of a run are mirrored to SIZE x SIZE uint32, each copy of a cell with a number of its own in raster order,
as a run would number them. Every writer makes tiles of 512, zstd, levels by nearest neighbour as SubIFDs and BigTIFF,
from pixels in the page cache, taking turns; the time is that of the whole process and of the file's way to the disk (fsync).
Printed are MB/s of full-resolution pixels and ratios: best of the repeats. Levels of ours are then read through libvips
and held against the pixels. Needs numpy and tifffile; a peer that is missing is named and left out.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np
import tifffile

TARGET = 10  # times libvips


def mirrored_labels(labels, size):
    """Labels on a larger square: every copy of a cell is one of its own, numbered by its first pixel in raster order."""
    h, w = labels.shape
    flips = {(fy, fx): np.ascontiguousarray(labels[:: -1 if fy else 1, :: -1 if fx else 1]) for fy in (0, 1) for fx in (0, 1)}
    first = {}
    for flip, plane in flips.items():
        ids, at = np.unique(plane, return_index=True)
        first[flip] = ids[ids > 0], at[ids > 0]
    copies = [(ty, tx) for ty in range(-(-size // h)) for tx in range(-(-size // w))]
    keys = [(first[ty % 2, tx % 2][1] // w + ty * h) * size * 2 + first[ty % 2, tx % 2][1] % w + tx * w for ty, tx in copies]
    order = np.argsort(np.concatenate(keys), kind="stable")
    rank = np.empty(len(order), np.uint32)
    rank[order] = np.arange(1, len(order) + 1, dtype=np.uint32)
    out, done = np.zeros((size, size), np.uint32), 0
    for ty, tx in copies:
        ids = first[ty % 2, tx % 2][0]
        table = np.zeros(int(labels.max()) + 1, np.uint32)
        table[ids] = rank[done : done + len(ids)]
        done += len(ids)
        part = out[ty * h : (ty + 1) * h, tx * w : (tx + 1) * w]
        part[:] = table[flips[ty % 2, tx % 2][: part.shape[0], : part.shape[1]]]
    return out


def ours(args, raw, target):
    return [args.build / "pyramid_bench", raw, target, "--width", args.size, "--height", args.size, "--codec", "zstd", "--threads", args.threads]


def vips(image, target, level):
    command = ["vips", "tiffsave", image, target, "--tile", "--tile-width", 512, "--tile-height", 512, "--pyramid", "--subifd"]
    command += ["--compression", "zstd", "--bigtiff", "--region-shrink", "nearest"]
    return command + ["--level", level] * (level is not None)


TIFFFILE = """
import sys, numpy, tifffile
size = int(sys.argv[3])
plane = numpy.memmap(sys.argv[1], numpy.uint32, "r", shape=(size, size))
levels = 1
while -(-size >> levels - 1) > 512: levels += 1
options = dict(tile=(512, 512), compression="zstd", compressionargs={"level": 1}, photometric="minisblack")
with tifffile.TiffWriter(sys.argv[2], bigtiff=True) as tif:
    tif.write(plane, subifds=levels - 1, **options)
    for level in range(1, levels): tif.write(plane[:: 2**level, :: 2**level], subfiletype=1, **options)
"""


def peers(args, raw, work):
    """Name and command of each writer that is there; says which are not."""
    found = {"hexaplex": ours(args, raw, work / "hexaplex.tif")}
    if shutil.which("vips"):
        image = work / "labels.v"
        subprocess.run(["vips", "rawload", raw, work / "bytes.v", str(args.size), str(args.size), "4"], check=True)
        subprocess.run(["vips", "copy", work / "bytes.v", image, "--format", "uint", "--bands", "1", "--interpretation", "b-w"], check=True)
        (work / "bytes.v").unlink()
        found["vips"] = vips(image, work / "vips.tif", None)
        found["vips, level 1"] = vips(image, work / "vips_1.tif", 1)
    else:
        print("SKIPPED libvips: the program `vips` is not there (Debian: libvips-tools)")
    try:
        import imagecodecs  # noqa: F401

        found["tifffile, level 1"] = [sys.executable, "-c", TIFFFILE, raw, work / "tifffile.tif", args.size]
    except ImportError:
        print("SKIPPED tifffile: it writes zstd only with imagecodecs, which is not there")
    return found


def run_once(command):
    target = next(a for a in command if str(a).endswith(".tif"))
    pathlib.Path(target).unlink(missing_ok=True)
    os.sync()
    start = time.perf_counter()
    subprocess.run([str(a) for a in command], check=True, stdout=subprocess.DEVNULL)
    fd = os.open(target, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)
    return time.perf_counter() - start, os.path.getsize(target)


def check_levels(target, plane, work):
    """Whether libvips reads every level of ours as every 2^level-th pixel."""
    level = 0
    while plane.shape[0] >> level > 0 and (level == 0 or -(-plane.shape[0] >> level - 1) > 512):
        page = f"{target}[subifd={level - 1}]" if level else str(target)
        subprocess.run(["vips", "rawsave", page, work / "level.raw"], check=True)
        expected = plane[:: 2**level, :: 2**level]
        pixels = np.fromfile(work / "level.raw", np.uint32)
        if pixels.size != expected.size or not (pixels.reshape(expected.shape) == expected).all():
            raise SystemExit(f"level {level} does not hold every {2 ** level}th pixel")
        level += 1
    print(f"libvips reads {level} levels of ours as they should be")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=pathlib.Path, required=True, help="labels.ome.tif of a run, or any TIFF of labels")
    parser.add_argument("--size", type=int, default=16384)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path(__file__).parents[2] / "build" / "cpu")
    parser.add_argument("--work", type=pathlib.Path, help="folder on the disk to measure; a temporary one by default")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0, help="of ours; 0: all cores, as libvips takes")
    parser.add_argument("--json", type=pathlib.Path)
    args = parser.parse_args()

    with tempfile.TemporaryDirectory(dir=args.work) as folder:
        work = pathlib.Path(folder)
        with tifffile.TiffFile(args.labels) as tif:
            labels = tif.pages[-1].asarray() if tif.is_ome else tif.pages[0].asarray()
        plane = mirrored_labels(labels, args.size)
        raw = work / "labels.u32"
        plane.tofile(raw)
        commands = peers(args, raw, work)
        best = {}
        for _ in range(args.repeat):
            for name, command in commands.items():
                seconds, size = run_once(command)
                best[name] = min(best.get(name, (1e9, 0)), (seconds, size))
        megabytes = plane.nbytes / 1e6
        print(f"{args.size} x {args.size} labels, {int(plane.max())} cells, {megabytes:.0f} MB")
        results = {}
        for name, (seconds, size) in best.items():
            ratio = seconds / best["hexaplex"][0]
            results[name] = {"seconds": seconds, "mb_per_s": megabytes / seconds, "bytes": size, "hexaplex_is_faster": ratio}
            print(f"{name:18} {seconds:7.3f} s {megabytes / seconds:7.0f} MB/s  file {size / 1e6:7.1f} MB  hexaplex is {ratio:5.1f}x as fast")
        if "vips" in best:
            reached = best["vips"][0] >= TARGET * best["hexaplex"][0]
            print(f"target, {TARGET}x libvips: {'reached' if reached else 'NOT reached'}")
            check_levels(work / "hexaplex.tif", plane, work)
        if args.json:
            args.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
