#!/usr/bin/python3
"""The real program beside the model, on this machine: a small cohort by one job, two jobs, and two shards side by side.

    benchmarks/scaling/check_small.py [--slides 24] [--repeats 3] [--margin 0.25] [--hexaplex build/cpu/hexaplex]

Two solo runs of the smallest and the largest slide, by one thread, tell what a slide costs here; the simulation of
simulate_cohort.py, with that and nothing else, says how long the cohort takes. Each job has one thread, so two cores are needed and should
have nothing else to do. Exit status 1 where a time differs by more than the margin.
"""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

import numpy

from cohort_model import HERE, predict, read_costs
from simulate_cohort import simulate

ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))
MARROW = os.path.join(ROOT, "sample_images", "marrow")
sys.path.insert(0, os.path.join(ROOT, "scripts"))
from slide_files import write_mosaic  # noqa: E402

SIDES = (500, 800, 1200, 1800)


def timed(*commands):
    """Seconds until all of them, begun together, have ended well."""
    start = time.time()
    running = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for command in commands]
    assert all(process.wait() == 0 for process in running), "a batch failed"
    return time.time() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slides", type=int, default=24)
    parser.add_argument("--repeats", type=int, default=3, help="the best counts")
    parser.add_argument("--margin", type=float, default=0.25)
    parser.add_argument("--hexaplex", default=os.path.join(ROOT, "build", "cpu", "hexaplex"))
    args = parser.parse_args()
    options = ["--panel", "aml-marrow-6plex", "--library", os.path.join(MARROW, "library.csv"), "--device", "cpu"]
    with tempfile.TemporaryDirectory() as work:
        sizes = [SIDES[i % len(SIDES)] for i in range(args.slides)]
        random.Random(1).shuffle(sizes)
        for side in SIDES:
            write_mosaic(os.path.join(MARROW, "before.ome.tif"), os.path.join(work, f"{side}.ome.tif"), side, side)
        table = os.path.join(work, "cohort.csv")
        with open(table, "w") as file:
            file.write("slide\n")
            for i, side in enumerate(sizes):
                os.link(os.path.join(work, f"{side}.ome.tif"), os.path.join(work, f"s{i:02d}.ome.tif"))
                file.write(f"s{i:02d}.ome.tif\n")

        def solo(side):
            run = [args.hexaplex, "--quiet", "run", os.path.join(work, f"{side}.ome.tif"), "--out", os.path.join(work, "solo"), "--overwrite", "--threads", "1", *options]
            return min(timed(run) for _ in range(5))

        small, large = solo(SIDES[0]), solo(SIDES[-1])
        px = [side * side for side in (SIDES[0], SIDES[-1])]
        slope = (large - small) / (px[1] - px[0]) * 1e9
        print(f"solo: {small:.3f} s for {SIDES[0]}^2, {large:.3f} s for {SIDES[-1]}^2: {slope:.0f} core-seconds a Gpx and {small - slope * px[0] / 1e9:.3f} s a slide\n")
        c = read_costs()
        c.update(cpu_core_seconds_per_gpx=slope, cpu_scratch_core_seconds_per_gpx=slope, seconds_per_slide=small - slope * px[0] / 1e9,
                 input_bytes_per_px=0, output_bytes_per_px=0, threads_per_job=1, slow_nodes=0, seconds_to_start_a_task=0)
        pixels = numpy.array([side * side for side in sizes], dtype=float)
        nothing = numpy.zeros(len(sizes), dtype=bool)

        def batch(out, jobs, shard):
            return [args.hexaplex, "--quiet", "batch", table, "--out", os.path.join(work, out), "--jobs", str(jobs), "--threads", str(jobs), "--shard", shard, *options]

        ways = (("one job", 1, 1, [batch("a", 1, "1/1")]), ("two jobs", 2, 1, [batch("b", 2, "1/1")]),
                ("two shards of one job", 1, 2, [batch("c", 1, "1/2"), batch("c", 1, "2/2")]))
        print("| | closed form, s | simulated, s | measured, s | simulated / measured |\n|---|---|---|---|---|")
        worst = 0.0
        for name, jobs, nodes, commands in ways:
            c["cores_per_node"] = jobs
            model, simulated = predict(c, (pixels, nothing, nothing), nodes, 1)["seconds"], simulate(c, (pixels, nothing, nothing), nodes, 1)
            measured = float("inf")
            for _ in range(args.repeats):
                measured = min(measured, timed(*commands))
                shutil.rmtree(os.path.join(work, commands[0][commands[0].index("--out") + 1]))
            worst = max(worst, abs(simulated / measured - 1))
            print(f"| {name} | {model:.2f} | {simulated:.2f} | {measured:.2f} | {simulated / measured:.2f} |", flush=True)
    print(f"\nSimulation and program differ by at most {100 * worst:.0f} %, allowed are {100 * args.margin:.0f} %.")
    return 0 if worst <= args.margin else 1


if __name__ == "__main__":
    sys.exit(main())
