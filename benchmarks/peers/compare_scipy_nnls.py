#!/usr/bin/python3
"""Time non-negative least squares, 8 bands to 7 components, beside SciPy's in one run.

    compare_scipy_nnls.py [--build build/cpu] [--pixels 20000] [--threads 2]

Both solve mixtures of the same kind (a quarter of the components stained, shot noise) with the same library: the engine in
kernels_bench, SciPy pixel by pixel in one thread, as it offers nothing else. SciPy's answers are held against the conditions of
optimality too. Needs numpy and scipy.
"""
import argparse
import json
import pathlib
import subprocess
import time

import numpy as np
from scipy.optimize import nnls

BANDS, COMPONENTS = 8, 7


def library():
    band, component = np.mgrid[0:BANDS, 0:COMPONENTS]
    distance = ((band + 0.5) / BANDS * COMPONENTS - (component + 0.5)) / 0.8
    return np.exp(-0.5 * distance ** 2) + 0.002 * (component % 3)


def mixtures(matrix, count):
    rng = np.random.default_rng(1)
    levels = np.where(rng.random((count, COMPONENTS)) < 0.25, rng.integers(0, 400, (count, COMPONENTS)), 4)
    mean = levels @ matrix.T
    return np.rint(mean + np.sqrt(mean + 4) * rng.standard_normal(mean.shape))


def largest_violation(matrix, counts, solutions):
    correlation = counts @ matrix
    gradient = correlation - solutions @ (matrix.T @ matrix)
    violation = np.where(solutions > 0, np.abs(gradient), np.maximum(gradient, 0)).max(1)
    return (violation / np.abs(correlation).max(1)).max()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path(__file__).parents[2] / "build" / "cpu")
    parser.add_argument("--pixels", type=int, default=20000)
    parser.add_argument("--threads", type=int, choices=(1, 2), default=2)
    args = parser.parse_args()

    matrix = library()
    counts = mixtures(matrix, args.pixels)
    start = time.perf_counter()
    solutions = np.array([nnls(matrix, b)[0] for b in counts])
    scipy_rate = args.pixels / (time.perf_counter() - start) / 1e6

    name = f"/bands:{BANDS}/components:{COMPONENTS}/threads:{args.threads}/"
    run = subprocess.run([args.build / "kernels_bench", "--benchmark_format=json", f"--benchmark_filter=(copy|non_negative){name}"],
                         check=True, capture_output=True, text=True)
    rates = {b["name"].split("/")[0]: b for b in json.loads(run.stdout)["benchmarks"]}
    ours = rates["non_negative"]
    print(f"memcpy of as many bytes  {rates['copy']['Mpx/s']:10.1f} Mpx/s")
    print(f"hexaplex, {args.threads} threads      {ours['Mpx/s']:10.1f} Mpx/s, largest violation {ours['violation']:.2g}")
    print(f"scipy.optimize.nnls      {scipy_rate:10.3f} Mpx/s, largest violation {largest_violation(matrix, counts, solutions):.2g}")
    print(f"ratio                    {ours['Mpx/s'] / scipy_rate:10.0f}")


if __name__ == "__main__":
    main()
