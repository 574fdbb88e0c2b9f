#!/usr/bin/env python3
"""Runs the program on slides of growing size under one memory limit, and prints time a pixel, peak memory and scratch.

    benchmarks/scale/scale.py SMALL.tif --library LIBRARY.csv [--panel NAME] [--sizes 2048x2048,4096x4096,10000x10000]
        [--memory-limit 1G] [--tissue all|core|sections] [--hexaplex build/cpu/hexaplex] [--work DIR] [--json FILE]

SMALL.tif is mirrored to each size (mosaic_slide.py, zstd). Slides are made one after the other and removed again: the
largest of the usual ones, 40000x30000 in 8 bands, is 9 GB, and takes some 40 GB more of scratch and results while it
runs. `busy` is the share of the processors' time that was used: far below 1, a disk was waited for.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def run_one(a, width, height, folder):
    slide, out = folder / f"m{width}x{height}.tif", folder / "out"
    subprocess.run([sys.executable, HERE / "mosaic_slide.py", a.small, slide, str(width), str(height),
                    "--tissue", a.tissue], check=True)
    command = [a.hexaplex, "--quiet", "run", slide, "--panel", a.panel, "--library", a.library, "--out", out,
               "--memory-limit", a.memory_limit, "--overwrite"]
    subprocess.run([str(c) for c in command], check=True)
    run = json.loads((out / slide.stem / "run.json").read_text())["execution"]
    written = sum(f.stat().st_size for f in (out / slide.stem).iterdir())
    row = {"width": width, "height": height, "slide_bytes": slide.stat().st_size, "result_bytes": written,
           **{k: run[k] for k in ("seconds", "cpu_seconds", "peak_memory_bytes", "scratch_bytes", "threads")}}
    shutil.rmtree(out)
    slide.unlink()
    return row


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("small")
    p.add_argument("--library", required=True)
    p.add_argument("--panel", default="aml-marrow-6plex")
    p.add_argument("--sizes", default="2048x2048,4096x4096,10000x10000")
    p.add_argument("--memory-limit", default="1G")
    p.add_argument("--tissue", default="all", help="how much of the slide is not glass (mosaic_slide.py)")
    p.add_argument("--hexaplex", default="build/cpu/hexaplex")
    p.add_argument("--work", help="folder for slides and results; default: a temporary one")
    p.add_argument("--json")
    a = p.parse_args()

    rows = []
    print(f"{'slide':>14} {'time s':>8} {'ns/px':>7} {'peak MiB':>9} {'scratch B/px':>13} {'read B/px':>10} "
          f"{'written B/px':>13} {'busy':>5}  stages, ns/px")
    with tempfile.TemporaryDirectory(dir=a.work) as folder:
        for size in a.sizes.split(","):
            width, height = map(int, size.split("x"))
            row = run_one(a, width, height, pathlib.Path(folder))
            rows.append(row)
            pixels, seconds = width * height, sum(row["seconds"].values())
            busy = sum(row["cpu_seconds"].values()) / (seconds * min(row["threads"], os.cpu_count()))
            stages = " ".join(f"{k} {v / pixels * 1e9:.0f}" for k, v in row["seconds"].items() if v / pixels > 5e-10)
            print(f"{size:>14} {seconds:8.1f} {seconds / pixels * 1e9:7.0f} {row['peak_memory_bytes'] / 2**20:9.0f} "
                  f"{row['scratch_bytes'] / pixels:13.1f} {row['slide_bytes'] / pixels:10.1f} "
                  f"{row['result_bytes'] / pixels:13.1f} {busy:5.2f}  {stages}", flush=True)
    per_pixel = [sum(r["seconds"].values()) / (r["width"] * r["height"]) for r in rows]
    print(f"slowest over fastest, a pixel: {max(per_pixel) / min(per_pixel):.2f}")
    if a.json:
        pathlib.Path(a.json).write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
