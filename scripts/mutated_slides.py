#!/usr/bin/python3
"""Damages real slides at random and puts them through the program.

    scripts/mutated_slides.py --build build/cpu --count 500 --seed 1 SLIDE...

Each copy is cut short, has bytes changed (mostly in its directories), or has a piece overwritten by another. Then
`hexaplex info` and the pixel reader must end within 20 seconds and 1 GiB of address space, either well or with exit code
3 and one sentence. Exit code 0 where all do. The same seed makes the same copies.
"""

import argparse
import collections
import os
import random
import struct
import sys
import tempfile

from tiff_conformance import run


def directory_span(data):
    """Where the first directory lies, roughly: damage there is the most telling."""
    if data[:2] not in (b"II", b"MM") or len(data) < 16:
        return 0, min(len(data), 4096)
    order = "<" if data[:2] == b"II" else ">"
    big = struct.unpack(order + "H", data[2:4])[0] == 43
    at = struct.unpack(order + ("Q" if big else "I"), data[8:16] if big else data[4:8])[0]
    at = min(at, max(len(data) - 16, 0))
    return at, min(len(data), at + 512)


def damaged(data, rng):
    out = bytearray(data)
    kind = rng.choice(["cut", "bytes", "directory", "directory", "directory", "splice", "numbers"])
    if kind == "cut":
        return kind, bytes(out[: rng.randrange(1, len(out))])
    first, last = directory_span(data)
    if kind == "bytes":
        for _ in range(rng.randrange(1, 64)):
            out[rng.randrange(len(out))] = rng.randrange(256)
    elif kind == "directory":
        for _ in range(rng.randrange(1, 8)):
            out[rng.randrange(first, last)] ^= 1 << rng.randrange(8)
    elif kind == "numbers":
        at = rng.randrange(first, max(first + 1, last - 4))
        out[at : at + 4] = struct.pack("<I", rng.choice([0, 1, 0xFFFFFFFF, 0x7FFFFFFF, 0x10000, len(data), len(data) + 1]))
    else:
        length = rng.randrange(1, min(4096, len(out)))
        source, target = rng.randrange(len(out) - length + 1), rng.randrange(len(out) - length + 1)
        out[target : target + length] = out[source : source + length]
    return kind, bytes(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("slides", nargs="+")
    parser.add_argument("--build", default="build/cpu")
    parser.add_argument("--count", type=int, default=200, help="damaged copies of each slide")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="folder for copies that end wrongly")
    arguments = parser.parse_args()
    programs = [[os.path.join(arguments.build, "hexaplex"), "info"], [os.path.join(arguments.build, "dump_pixels")]]
    counts = collections.Counter()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for slide in arguments.slides:
            with open(slide, "rb") as f:
                data = f.read()
            for i in range(arguments.count):
                rng = random.Random("%d %s %d" % (arguments.seed, os.path.basename(slide), i))
                kind, copy = damaged(data, rng)
                path = os.path.join(folder, "copy" + os.path.splitext(slide)[1])
                with open(path, "wb") as f:
                    f.write(copy)
                for program in programs:
                    code, _, said = run([*program, path])
                    good = code == 0 or (code == 3 and said and "\n" not in said)
                    counts[(kind, {0: "read", 3: "refused"}.get(code, "WRONG") if good else "WRONG")] += 1
                    if not good:
                        wrong += 1
                        print("WRONG %s copy %d (%s): %s: exit code %s: %s" % (slide, i, kind, program[-1], code, said[:200]))
                        if arguments.keep:
                            with open(os.path.join(arguments.keep, "%s-%d" % (os.path.basename(slide), i)), "wb") as f:
                                f.write(copy)
    for (kind, verdict), n in sorted(counts.items()):
        print("%-10s %-8s %d" % (kind, verdict, n))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
