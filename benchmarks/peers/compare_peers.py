#!/usr/bin/python3
"""Speed beside what a user would write instead, in one run on one machine.

    benchmarks/peers/compare_peers.py [--size 4096] [--threads 2] [--field-bench build/cpu/field_bench] [--work DIR] [--json FILE]
                                      [--skip skimage]

One slide of SIZE x SIZE x 8 bands, mirrored together from a 1024 x 1024 phantom, goes through the scikit-image pipeline and
the best composite of OpenCV and scikit-image (../shared/eval/peer_pipelines.py, once each: they take minutes), and through
`field_bench RAW.tif LIBRARY.csv`, which runs the engine in memory and prints JSON. Reading files counts for nobody. Printed
are Mpx/s, ratios, non-negative unmixing beside SciPy's, and F1 of the nuclei; absolute figures move with the machine.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import tifffile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))
EVAL = os.path.join(ROOT, "..", "shared", "eval")
sys.path.insert(0, os.path.join(HERE, "..", "accuracy"))
from scoring import Overlap  # noqa: E402

OPENCV_TARGET, SKIMAGE_TARGET, NNLS_TARGET = 8, 20, 100
# components of the phantom's library: membranes of CD34, E-cadherin, CD3 and CD20, and CD42b for the giants
REAL_JOB = [f"--membrane={name}" for name in ("Opal 540", "Opal 570", "Opal 650", "Opal 690")] + ["--giants=Opal 620"]


def mirrored(plane, size):
    """A plane tiled by mirroring, so that no seam cuts an object off its other half."""
    y, x = (np.arange(size) for _ in range(2))
    period = lambda i, n: np.where(i // n % 2 == 0, i % n, n - 1 - i % n)
    return plane[period(y, plane.shape[0])[:, None], period(x, plane.shape[1])[None]]


def tile_labels(labels, size):
    """Labels of the mirrored slide: every copy of an object is one of its own."""
    n, top = labels.shape[0], int(labels.max()) + 1
    y, x = np.indices((size, size))
    copy = (y // n) * (size // n + 1) + x // n
    tiled = mirrored(labels, size).astype(np.int64)
    return np.where(tiled > 0, tiled + copy * top, 0)


def make_slide(work, size):
    """raw.tif, library.csv and truth (nuclei) of the slide."""
    source, out = os.path.join(work, "phantoms", "peers_1024"), os.path.join(work, f"peers_{size}.tif")
    if not os.path.exists(os.path.join(source, "truth_cells.csv")):
        subprocess.run([sys.executable, os.path.join(EVAL, "phantom.py"), source, "--stage", "after", "--seed", "61", "--bands", "8"], check=True, stdout=subprocess.DEVNULL)
    nuclei = tifffile.imread(os.path.join(source, "truth_labels.tif"))[0]
    if not os.path.exists(out):
        raw = tifffile.imread(os.path.join(source, "raw.ome.tif"))
        tifffile.imwrite(out, np.stack([mirrored(band, size) for band in raw]), photometric="minisblack", resolution=(2e4, 2e4), resolutionunit="CENTIMETER")
    return out, os.path.join(source, "library.csv"), tile_labels(nuclei, size)


def peer(mode, raw, library, saved, threads):
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    command = [sys.executable, os.path.join(EVAL, "peer_pipelines.py"), raw, library, "--mode", mode, "--repeat", "1", "--save", saved]
    print(f"running {mode} ...", file=sys.stderr, flush=True)
    done = subprocess.run(command + ["--nnls"] * (mode == "opencv"), check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return json.loads(done.stdout)


def engine(program, raw, library, threads, labels, *more):
    """The in-memory benchmark's JSON: `basic` (least squares, the measures that the peers take) and `full` (exact
    non-negative least squares, every measure), each with seconds by stage; labels as raw uint32."""
    command = [program, raw, library, "--threads", str(threads), "--save", labels, *more]
    print(f"running field_bench {' '.join(more)} ...", file=sys.stderr, flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()[-400:]}")
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--field-bench", default=os.path.join(ROOT, "build", "cpu", "field_bench"))
    parser.add_argument("--work", help="folder that keeps the slide and the peers' labels (default: a temporary one)")
    parser.add_argument("--json", help="file to write everything to")
    parser.add_argument("--skip", nargs="*", default=[], choices=("skimage", "opencv"))
    args = parser.parse_args()
    if not os.path.exists(os.path.join(EVAL, "peer_pipelines.py")):
        print("SKIPPED: ../shared/eval is absent")
        return 0
    if not os.path.exists(args.field_bench):
        raise SystemExit(f"{args.field_bench} is not there; build it first (cmake --build --preset cpu --target field_bench)")
    with tempfile.TemporaryDirectory() as scratch:
        return compare(args, args.work or scratch)


def compare(args, work):
    os.makedirs(work, exist_ok=True)
    raw, library, truth = make_slide(work, args.size)
    saved = {mode: os.path.join(work, f"{mode}_{args.size}.tif") for mode in ("opencv", "skimage")}
    own = os.path.join(work, f"hexaplex_{args.size}.u32")
    # what the peers see is the nuclear image alone; the real job also uses membranes and the marker of giant cells
    alone = engine(args.field_bench, raw, library, args.threads, own)
    f1 = {"hexaplex, nuclear image alone": own_nuclei(own, truth)}
    ours = engine(args.field_bench, raw, library, args.threads, own, *REAL_JOB)
    f1["hexaplex"] = own_nuclei(own, truth)
    peers = {}
    for mode in saved:
        if mode not in args.skip:
            peers[mode] = peer(mode, raw, library, saved[mode], args.threads)
            f1[mode] = Overlap(tifffile.imread(saved[mode])[0], truth).f1()
    again = engine(args.field_bench, raw, library, args.threads, own, *REAL_JOB)  # before the peers and after them
    ours = max(ours, again, key=lambda j: j["basic"]["mpx_per_s"])
    rows = [("hexaplex, Mpx/s", ours["basic"]["mpx_per_s"], ""), ("hexaplex, nuclear image alone, Mpx/s", alone["basic"]["mpx_per_s"], ""),
            ("hexaplex, exact NNLS and all measures, Mpx/s", ours["full"]["mpx_per_s"], ""), ("memcpy, GB/s", ours["memcpy_gb_per_s"], "")]
    rows += [(f"{mode}, Mpx/s", p["mpx_per_s"], "") for mode, p in peers.items()]
    targets = []
    for mode, target in (("opencv", OPENCV_TARGET), ("skimage", SKIMAGE_TARGET)):
        if mode in peers:
            targets.append((f"hexaplex over {mode}", ours["basic"]["mpx_per_s"] / peers[mode]["mpx_per_s"], target))
    nnls = args.size ** 2 / 1e6 / ours["full"]["seconds"]["unmix"]
    rows.append(("non-negative unmixing, Mpx/s", nnls, ""))
    if "opencv" in peers:
        targets.append(("non-negative unmixing over SciPy's", nnls / peers["opencv"]["scipy_nnls_mpx_per_s"], NNLS_TARGET))
        targets.append(("F1 of nuclei, hexaplex", f1["hexaplex"], max(f1[mode] for mode in peers)))
    rows += [(f"F1 of nuclei, {who}", value, "") for who, value in f1.items() if who != "hexaplex"]
    rows += [(what, value, f">= {target:.4g}: {'met' if value >= target else 'MISSED'}") for what, value, target in targets]
    for stage, seconds in ours["basic"]["seconds"].items():
        rows.append((f"  of it {stage}, s", seconds, ""))
    for title, value, verdict in rows:
        print(f"{title:50} {value:10.4g}  {verdict}".rstrip())
    if args.json:
        with open(args.json, "w") as f:
            json.dump(dict(hexaplex=ours, nuclear_alone=alone, peers=peers, f1=f1, rows=rows), f, indent=1)
    return 1 if any(value < target for _, value, target in targets) else 0


def own_nuclei(path, truth):
    nuclei = np.fromfile(path, np.uint32).reshape(2, *truth.shape)[0]
    return Overlap(nuclei, truth).f1()


if __name__ == "__main__":
    sys.exit(main())
