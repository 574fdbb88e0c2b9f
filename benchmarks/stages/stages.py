#!/usr/bin/python3
"""Every stage of the engine beside memcpy and beside what others offer for it, in one run on one machine.

    benchmarks/stages/stages.py [--size 4096] [--threads 2] [--repeat 5] [--rounds 2] [--json FILE]
                                [--stage-bench build/cpu/stage_bench] [--skip-peers]

Paints a field of about 25,000 nuclei (of 4096 x 4096) in 8 bands, lets `stage_bench` time the engine's stages on it, and
times OpenCV, scikit-image, SciPy and NumPy on the same pixels, the same mask and the same labels. Prints a Markdown
table: what memcpy alone would take is the measure of both, since absolute figures move with the machine. Peers that are
not installed are named as skipped. Needs python3-numpy and python3-tifffile; python3-opencv, python3-skimage and
python3-scipy for the peers.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))
sys.path.insert(0, HERE)

# Stage: title, and Mpx/s that a prototype reached with two threads on a machine where one thread copied
# PROTOTYPE_GB_PER_S (its unmixing and measuring moved 30 and 20 bytes a pixel where ours move 44 and 36).
PROTOTYPE_GB_PER_S = 38
STAGES = {
    "unmix_least_squares": ("least squares, 8 bands to 7, clipped", 704),
    "unmix_non_negative": ("NNLS, 8 bands to 7", 42),
    "gaussian_2": ("Gaussian, sigma 2", 2070),
    "gaussian_10": ("Gaussian, sigma 10", 776),
    "log_3": ("Laplacian of Gaussian, sigma 3", None),
    "histogram_16": ("histogram, 16 bit", None),
    "local_threshold_51": ("local threshold, window 51", None),
    "components": ("connected components, as a label image", 2360),
    "hill_climb": ("hill climbing (in place of watershed)", 112),
    "graph_and_merge": ("region graph and merging", None),
    "expand": ("label expansion, 6 px", 222),
    "measure": ("8 channels over one mask: sums, squares, extremes", 322),
    "cells_means": ("cells, 4 compartments: means", None),
    "cells_no_medians": ("cells: all statistics but medians, shape", None),
    "cells_all": ("cells: all statistics, shape", None),
}


def run_engine(args, raw, library, folder):
    command = [args.stage_bench, raw, library, "--threads", str(args.threads), "--repeat", str(args.repeat), "--save", folder]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"stage_bench ended with {done.returncode}: {done.stderr.strip()[-400:]}")
    return json.loads(done.stdout)


def best_of(one, other):
    """Of two runs the better time of each stage, all beside the faster memcpy."""
    best = dict(one)
    for key in ("memcpy_gb_per_s", "one_thread_memcpy_gb_per_s"):
        best[key] = max(one[key], other[key])
    best["stages"] = []
    for a, b in zip(one["stages"], other["stages"]):
        row = dict(max(a, b, key=lambda s: s["mpx_per_s"]))
        row["of_memcpy"] = row["mpx_per_s"] * row["bytes_per_px"] / 1e3 / best["memcpy_gb_per_s"]
        best["stages"].append(row)
    return best


def machine():
    facts = {}
    with open("/proc/cpuinfo") as f:
        for line in f:
            key, _, value = line.partition(":")
            facts.setdefault(key.strip(), value.strip())
    flags = facts.get("flags", "").split()
    widest = next((name for flag, name in (("avx512f", "AVX-512"), ("avx2", "AVX2")) if flag in flags), "no AVX2")
    model = ", ".join(f"{word} {facts[key]}" for word, key in (("family", "cpu family"), ("model", "model")) if key in facts)
    return f"{facts.get('model name', 'unknown CPU')} ({model}), {os.cpu_count()} cores, {widest}"


def table(engine, peers):
    yield "| stage | bytes/px | ours, Mpx/s | of memcpy | ours / prototype | best peer, Mpx/s | ours / peer |"
    yield "|---|---|---|---|---|---|---|"
    for row in engine["stages"]:
        title, prototype = STAGES[row["stage"]]
        cells = [title, f"{row['bytes_per_px']:g}", number(row["mpx_per_s"]), f"{row['of_memcpy']:.1%}", "", "", ""]
        if prototype:
            here = prototype * engine["one_thread_memcpy_gb_per_s"] / PROTOTYPE_GB_PER_S
            cells[4] = f"{row['mpx_per_s'] / here:.2f}"
        found = [p for p in peers if p["stage"] == row["stage"]]
        if found:
            best = max(found, key=lambda p: p["mpx_per_s"])
            cells[5:] = f"{number(best['mpx_per_s'])} {best['peer']}", number(row["mpx_per_s"] / best["mpx_per_s"])
        yield "| " + " | ".join(cells) + " |"


def number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.2g}" if value < 1 else f"{value:.3g}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=2, help="runs of the engine, of which each stage's best counts")
    parser.add_argument("--stage-bench", default=os.path.join(ROOT, "build", "cpu", "stage_bench"))
    parser.add_argument("--json", help="file to write everything to")
    parser.add_argument("--skip-peers", action="store_true")
    args = parser.parse_args()
    if not os.path.exists(args.stage_bench):
        raise SystemExit(f"{args.stage_bench} is not there; build it first (cmake --build --preset cpu --target stage_bench)")
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = str(args.threads)  # before NumPy is loaded
    from field import paint_field
    from stage_peers import time_peers

    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        raw, library, bands, matrix = paint_field(folder, args.size)
        engine = run_engine(args, raw, library, folder)
        peers, skipped = ([], []) if args.skip_peers else time_peers(folder, bands, matrix, args.threads)
        for _ in range(args.rounds - 1):  # before the peers and after them
            engine = best_of(engine, run_engine(args, raw, library, folder))
    height, width = engine["shape"][1:]
    print(f"{machine()}; {engine['threads']} threads; memcpy {engine['memcpy_gb_per_s']:.1f} GB/s (one thread {engine['one_thread_memcpy_gb_per_s']:.1f}); load before {load_before:.1f}; {time.strftime('%Y-%m-%d')}")
    print(f"{width} x {height}, {engine['nuclei']} nuclei, {engine['foreground']:.0%} foreground\n")
    for line in table(engine, peers):
        print(line)
    for line in skipped:
        print(f"SKIPPED: {line}")
    if args.json:
        with open(args.json, "w") as f:
            json.dump(dict(machine=machine(), load_before=load_before, engine=engine, peers=peers, skipped=skipped), f, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
