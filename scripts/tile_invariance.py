#!/usr/bin/python3
"""Runs one slide in tiles of many sizes and orders, by one and two threads, within memory limits: every result file must be the same.

    scripts/tile_invariance.py SLIDE... --panel PANEL [--library FILE] [--labels MASK] [--hexaplex build/cpu/hexaplex]
    scripts/tile_invariance.py --small          # for CI: a sample slide, tiles that cut it in many
    scripts/tile_invariance.py SLIDE.svs --panel scripts/slide_as_light.yaml

Prints a row for each way with the hash over every file of the result (of run.json all but its execution block), its time and peak
memory. Ways that this build of the program has no option for are skipped, visibly. Exit status 1 where two ways differ, or one fails.
"""
import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from batch_interruptions import MARROW, ROOT, result_hashes

SIZES = ("256", "300x777", "512", "1024", "2048", "4096", "8192", "0")
SMALL_SIZES = ("64", "100x77", "256", "0")
LIMITS = ("0", "1G", "500M")
ORDER = "shuffled:7"


def ways(small, limits):
    """(tile size, threads, order, memory limit); the first, untiled by one thread without a limit, is what others must equal."""
    sizes = SMALL_SIZES if small else SIZES
    yield "0", 1, "raster", "0"
    for size in sizes:
        for threads in (1, 2):
            if (size, threads) != ("0", 1):
                yield size, threads, "raster", "0"
    for size in sizes[:-1]:
        yield size, 2, ORDER, "0"
    for limit in limits[1:]:
        for size in (sizes[0], sizes[1], sizes[-2]):
            yield size, 2, "raster", limit
        yield sizes[0], 2, ORDER, limit


def tried(program, size):
    """Whether the program takes this tile size: a dry question to its argument parser."""
    asked = subprocess.run([program, "run", os.devnull, "--panel", "none", "--out", os.devnull, "--tile-size", size],
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return "tile size" not in asked.stderr and "--tile-size" not in asked.stderr


class Program:
    def __init__(self, args):
        self.args = args
        text = subprocess.run([args.hexaplex, "run", "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.has_order = "--tile-order" in text
        self.has_rectangles = tried(args.hexaplex, "300x777")

    def cannot(self, size, order):
        if "x" in size and not self.has_rectangles:
            return "this build takes no tiles that are not square"
        if order != "raster" and not self.has_order:
            return "this build has no --tile-order"
        return None

    def run(self, slide, out, size, threads, order, limit):
        a = self.args
        command = [a.hexaplex, "--quiet", "run", slide, "--panel", a.panel, "--out", out, "--device", "cpu", "--tile-size", size,
                   "--threads", str(threads), "--memory-limit", limit]
        command += ["--tile-order", order] if self.has_order else []
        for option in ("library", "labels", "um_per_px"):
            value = getattr(a, option)
            command += [f"--{option.replace('_', '-')}", str(value)] if value else []
        start = time.time()
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        return done.returncode, time.time() - start, done.stderr.strip()


def compare(program, slide, work, small):
    """Prints the table of one slide. True where all ways gave the same bytes."""
    out = os.path.join(work, "out")
    reference, same, count, skipped = None, True, 0, 0
    print(f"{slide}\n{'tile':>9} {'threads':>7} {'order':>10} {'limit':>6} {'time':>8} {'peak':>9}  hash of every file", flush=True)
    for size, threads, order, limit in ways(small, program.args.limits.split(",")):
        row = f"{size:>9} {threads:>7} {order:>10} {limit:>6}"
        reason = program.cannot(size, order)
        if reason:
            skipped += 1
            print(f"{row} SKIPPED: {reason}", flush=True)
            continue
        code, seconds, said = program.run(slide, out, size, threads, order, limit)
        if code != 0:
            # A limit below what the program can keep is refused in words, and is no difference.
            refused = code == 7 and re.search(r"give at least", said)
            same = same and bool(refused)
            print(f"{row} {'refused' if refused else 'FAILED'} ({code}): {said}", flush=True)
            continue
        (stem,) = [name for name in os.listdir(out) if not name.startswith(".")]
        hashes = result_hashes(os.path.join(out, stem))
        with open(os.path.join(out, stem, "run.json")) as file:
            execution = json.load(file)["execution"]
        shutil.rmtree(out)
        reference = reference or hashes
        whole = hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()[:16]
        different = sorted(name for name in hashes.keys() | reference.keys() if hashes.get(name) != reference.get(name))
        on_disk = ", on disk" if execution.get("fallbacks") else ""
        print(f"{row} {seconds:>7.2f}s {execution.get('peak_memory_bytes', 0) / 2**20:>6.0f}MiB  {whole}{on_disk}"
              f"{'  DIFFERS: ' + ', '.join(different) if different else ''}", flush=True)
        same = same and not different
        count += 1
    print(f"{count} ways, {'one hash' if same else 'NOT the same'}; {skipped} skipped\n", flush=True)
    return same and count > 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("slides", nargs="*")
    parser.add_argument("--panel", default="aml-marrow-6plex")
    parser.add_argument("--library")
    parser.add_argument("--labels")
    parser.add_argument("--um-per-px", type=float)
    parser.add_argument("--limits", default=",".join(LIMITS), help="memory limits; the first is that of the plain ways")
    parser.add_argument("--work", help="folder for results and scratch; default: a temporary one")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--hexaplex", default=os.path.join(ROOT, "build", "cpu", "hexaplex"))
    args = parser.parse_args()
    if args.small:
        args.slides = args.slides or [os.path.join(MARROW, "before.ome.tif")]
        args.library = args.library or os.path.join(MARROW, "library.csv")
    if not args.slides:
        parser.error("name a slide, or give --small")
    program = Program(args)
    with tempfile.TemporaryDirectory(dir=args.work) as work:
        results = [compare(program, slide, work, args.small) for slide in args.slides]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
