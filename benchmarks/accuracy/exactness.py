#!/usr/bin/python3
"""Result files byte for byte the same for 1 and 2 threads and for any tile size.

Builds at x86-64, -v3 and -v4 with the clones off are compared by scripts/check_isa.sh.
"""
import hashlib
import os

import common
from phantoms import Phantom

FILES = ("labels.ome.tif", "cells.csv", "cells.geojson.gz", "cell_seg_data.txt", "mcquant.csv", "summary.json", "overlay.png", "report.html")
VARIANTS = [("--threads", 2, "--tile-size", 256), ("--threads", 2, "--tile-size", 333), ("--threads", 1, "--tile-size", 1024),
            ("--threads", 2, "--tile-size", 1024), ("--threads", 1, "--tile-size", 0), ("--threads", 2, "--tile-size", 0)]


def inform(bench):
    slide = common.data("inform_fihc4", "FIHC4__0929309_HP_IM3_2_component_data.tif")
    return lambda name, *options: bench.run(name, slide, "inform-bt-cell", *options)


def codex(bench):
    slide = common.data("codex_experts", "R001_X003_Y004")
    return lambda name, *options: bench.run(name, slide, "codex", "--um-per-px", 0.377, *options)


def phantom(bench):
    slide = Phantom(bench, "gen_after_s44")
    return lambda name, *options: slide.run(bench, name, "--write", "unmixed", *options)


def hashes(result, names):
    out = {}
    for name in names:
        with open(result.path(name), "rb") as f:
            out[name] = hashlib.sha256(f.read()).hexdigest()
    return out


def measure(bench, figures, only=None):
    for name, slide in dict(inform_fihc4=inform, codex_experts=codex, gen_after_s44=phantom).items():
        if only and name not in only:
            continue

        def work():
            run = slide(bench)
            first = run(f"exact-{name}-first", "--threads", 1, "--tile-size", 256)
            files = FILES + ("unmixed.ome.tif",) * os.path.exists(first.path("unmixed.ome.tif"))
            expected = hashes(first, files)
            for options in VARIANTS:
                found = hashes(run(f"exact-{name}-other", *options), files)
                different = [f for f in files if found[f] != expected[f]]
                figures.add(f"{name}: files that differ from 1 thread, tiles of 256, with {options[1]} threads, tiles of {options[3]}",
                            len(different), most=0, note=", ".join(different))
        common.section(figures, f"{name}, exactness", work)


if __name__ == "__main__":
    common.main(measure, __doc__)
